"""The runtime needs neither FastAPI nor the reference service; the lock files agree."""

import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("lock", ["image.txt", "runtime.txt", "dev.txt"])
def test_a_lock_file_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    pins = [line for line in text.splitlines() if line[:1].isalnum()]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)
    assert "://" not in text
    assert "--index" not in text
    assert str(Path.home()) not in text


def test_the_lock_files_agree_on_versions() -> None:
    def pins(lock: str) -> set[str]:
        text = (ROOT / "requirements" / lock).read_text()
        return {line.split(" ")[0] for line in text.splitlines() if line[:1].isalnum()}

    assert pins("runtime.txt")
    assert pins("runtime.txt") < pins("image.txt")
    assert pins("image.txt") <= pins("dev.txt")
