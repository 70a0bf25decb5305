"""The settings of the reference service, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is read from a variable, such as `UVICORN_GZIP_MINIMUM_SIZE`.

    The variables of compression are the runtime's own, so that one switch governs both. An invalid
    value raises pydantic.ValidationError, which names the field and its limits.
    """

    model_config = SettingsConfigDict(env_prefix="UVICORN_", populate_by_name=True)

    gzip: bool = True
    gzip_minimum_size: int = Field(default=1024, ge=0, description="bytes")
    gzip_compresslevel: int = Field(default=5, ge=1, le=9)
    zstd: bool = True

    # Kubernetes sets HOSTNAME to the pod's name.
    hostname: str = Field(default="unknown", validation_alias="HOSTNAME")
