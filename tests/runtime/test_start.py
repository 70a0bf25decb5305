"""A start looks at what it imports once; the app runs with the garbage collector as it was."""

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
    told = json.dumps([at_import, gc.get_threshold(), gc.get_freeze_count()]).encode()
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": told}})
"""


@pytest.mark.parametrize(
    ("setting", "later"),
    [("", list(gc.get_threshold())), ("gc.set_threshold(50_000, 20, 30)", [50_000, 20, 30])],
    ids=["as Python has it", "as the app sets it"],
)
def test_only_young_garbage_is_collected_during_an_import(
    tmp_path: Path, setting: str, later: list[int]
) -> None:
    (tmp_path / "told.py").write_text(SOURCE.format(setting=setting))
    with serving("told:app", f"--app-dir={tmp_path}", "--lifespan=off") as served:
        at_import, running, frozen = json.loads(served.get("/").body)
    assert at_import == (later if setting else [later[0], NEVER, NEVER])
    assert running == later
    assert frozen > 10_000


def test_the_garbage_of_an_import_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(
        "class Loop: pass\nfor _ in range(20_000):\n"
        "    one = Loop()\n    one.me, one.data = one, bytearray(10_000)\n"
        "from tests.runtime.apps import plain as app\n"
    )
    with serving("told:app", f"--app-dir={tmp_path}") as served:
        status = Path(f"/proc/{served.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
    assert resident < 120_000, f"{resident} kB, of 200,000 kB of garbage and 40,000 without"
