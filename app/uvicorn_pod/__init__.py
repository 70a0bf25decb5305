"""Runs any ASGI app as one uvicorn process in a pod."""
