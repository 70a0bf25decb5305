"""The settings of the reference service, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Each field is read from the variable with its name in capitals, such as `GZIP_MINIMUM_SIZE`.

    An invalid value raises pydantic.ValidationError, which names the field and its limits.
    """

    gzip_enabled: bool = True
    gzip_minimum_size: int = Field(default=1024, ge=0, description="bytes")
    gzip_compresslevel: int = Field(default=5, ge=1, le=9)

    # Kubernetes sets HOSTNAME to the pod's name.
    hostname: str = "unknown"
