"""The app of the reference service: `reference.main:app`."""

from fastapi import FastAPI
from uvicorn_pod.gzip import GZipMiddleware

from reference.routes import router
from reference.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Returns the service with these settings."""
    app = FastAPI(title="uvicorn-pod reference service")
    app.state.settings = settings
    app.include_router(router)
    if settings.gzip:
        app.add_middleware(
            GZipMiddleware,
            minimum_size=settings.gzip_minimum_size,
            compresslevel=settings.gzip_compresslevel,
            zstd=settings.zstd,
        )
    return app


app = create_app(Settings())
