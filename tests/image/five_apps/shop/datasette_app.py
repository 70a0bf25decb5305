"""Datasette, served as its documentation says."""

from datasette.app import Datasette

app = Datasette(memory=True).app()
