"""During the import only young garbage is collected; the app then runs with Python's thresholds."""

import gc
import json
from pathlib import Path

import pytest
from uvicorn_pod.cli import NEVER

from tests.support.serving import serving

SOURCE = """
import gc, json
{setting}
at_import = gc.get_threshold()

async def app(scope, receive, send):
    seen = json.dumps([at_import, gc.get_threshold(), gc.get_freeze_count()]).encode()
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": seen}})
"""


@pytest.mark.parametrize(
    ("setting", "later"),
    [("", list(gc.get_threshold())), ("gc.set_threshold(50_000, 20, 30)", [50_000, 20, 30])],
    ids=["Python's thresholds", "the app's thresholds"],
)
def test_only_young_garbage_is_collected_during_the_import(
    tmp_path: Path, setting: str, later: list[int]
) -> None:
    (tmp_path / "own_app.py").write_text(SOURCE.format(setting=setting))
    with serving("own_app:app", f"--app-dir={tmp_path}", "--lifespan=off") as served:
        at_import, running, frozen = json.loads(served.get("/").body)
    assert at_import == (later if setting else [later[0], NEVER, NEVER])
    assert running == later
    assert frozen > 10_000


def test_the_garbage_of_the_import_is_freed(tmp_path: Path) -> None:
    (tmp_path / "own_app.py").write_text(
        "class Loop: pass\nfor _ in range(20_000):\n"
        "    one = Loop()\n    one.me, one.data = one, bytearray(10_000)\n"
        "from tests.runtime.apps import plain as app\n"
    )
    with serving("own_app:app", f"--app-dir={tmp_path}") as served:
        status = Path(f"/proc/{served.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
    assert resident < 120_000, (
        f"{resident} kB; the garbage has 200,000 kB, a process without it 40,000 kB"
    )
