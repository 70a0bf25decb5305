"""The runtime needs neither FastAPI nor the reference service; the lock files agree."""

import subprocess
import sys

from tests.support.repository import ROOT
from tests.support.serving import environment

FOREIGN = ("fastapi", "starlette", "pydantic", "pydantic_settings", "reference")


def test_runtime_does_not_import_fastapi_or_starlette() -> None:
    show = "import sys, uvicorn_pod.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", show]
    ended = subprocess.run(
        command, env=environment(), cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported = set(ended.stdout.split())
    assert "uvicorn" in imported
    assert imported.isdisjoint(FOREIGN)
