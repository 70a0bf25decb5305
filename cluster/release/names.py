"""Names and addresses that the images, the release and the tests share."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "uvicorn"

RELEASE = "uvicorn"
NAMESPACE = "uvicorn"
HOST = "127.0.0.1"
PORT = 8080
NODE_PORT = 30080
APP_URL = f"http://{HOST}:{PORT}"

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def image(stage: str) -> str:
    """Return the name of a published image: `build`, `runtime` or `reference`."""
    return f"ghcr.io/uvicorn-pod/{stage}:{VERSION}"
