"""Settings of the reference service, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Each field is read from the variable of its own name in capitals, as in `GZIP_MINIMUM_SIZE`.

    Raises pydantic.ValidationError, which names the variable and its bounds, on a bad value.
    """

    gzip_enabled: bool = True
    gzip_minimum_size: int = Field(default=1024, ge=0, description="bytes")
    gzip_compresslevel: int = Field(default=5, ge=1, le=9)

    # Kubernetes sets HOSTNAME to the pod's name.
    hostname: str = "unknown"
