"""A start spends nothing on collecting garbage; the app runs with the collector as it was."""

import gc
import json
from pathlib import Path

import pytest

from tests.app.serving import serving

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
def test_an_import_is_not_interrupted_by_the_collector(
    tmp_path: Path, setting: str, later: list[int]
) -> None:
    (tmp_path / "told.py").write_text(SOURCE.format(setting=setting))
    with serving("told:app", f"--app-dir={tmp_path}", "--lifespan=off") as served:
        at_import, running, frozen = json.loads(served.get("/").body)
    assert at_import == (later if setting else [0, *later[1:]])
    assert running == later
    assert frozen > 10_000
