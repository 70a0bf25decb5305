"""Datasette, served as its documentation says; both servers must sign cookies alike."""

from datasette.app import Datasette

app = Datasette(memory=True, secret="not a secret").app()  # noqa: S106
