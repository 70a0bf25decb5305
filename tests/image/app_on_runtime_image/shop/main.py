"""A user's app: Datasette (https://datasette.io), served as its documentation says."""

from datasette.app import Datasette

app = Datasette(memory=True).app()
