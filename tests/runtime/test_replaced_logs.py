"""An app whose logging setup turns stderr into text gets one warning; others get none."""

from pathlib import Path

import pytest

from tests.support.serving import serving

APP = """
import logging, logging.config, logging.handlers, queue, sys
{}
async def app(scope, receive, send):
    assert scope["type"] == "http"
"""
# As Litestar does by default: a queue, whose listener writes text to stderr.
QUEUE = """
logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"text": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["text"], "level": "INFO"},
})
root = logging.getLogger()
handler = logging.handlers.QueueHandler(queue.Queue(-1))
handler.listener = logging.handlers.QueueListener(handler.queue, *root.handlers)
handler.listener.start()
root.handlers = [handler]
"""
REPLACED = {
    "basicConfig": "logging.basicConfig(force=True, level=logging.INFO)",
    "a second handler": "logging.getLogger().addHandler(logging.StreamHandler())",
    "a queue": QUEUE,
    "no handler": "logging.getLogger().handlers.clear()",
    "a formatter that fails": (
        "logging.getLogger().handlers[0].setFormatter(logging.Formatter('%(absent)s', "
        "validate=False))"
    ),
}
KEPT = {
    "nothing": "",
    "basicConfig": "logging.basicConfig()",
    "JSON": (
        "logging.getLogger().handlers[0].setFormatter("
        """logging.Formatter('{{"text": "%(message)s"}}'))"""
    )
    .replace("{{", "{")
    .replace("}}", "}"),
    "a file": "logging.getLogger().addHandler(logging.FileHandler('/dev/null'))",
}
WARNING = "The app's logging setup has replaced uvicorn-pod's"


def _warnings(folder: Path, set_up: str, *options: str) -> int:
    (folder / "own_app.py").write_text(APP.replace("{}", set_up))
    with serving("own_app:app", f"--app-dir={folder}", *options) as served:
        return served.log().count(WARNING)


@pytest.mark.parametrize("change", ["basicConfig", "a second handler", "a queue", "no handler"])
def test_a_set_up_that_writes_text_is_reported_once(tmp_path: Path, change: str) -> None:
    handlers = 2 if change == "a second handler" else 1  # each writes the one warning
    assert _warnings(tmp_path, REPLACED[change]) == handlers


@pytest.mark.parametrize("change", KEPT)
def test_a_set_up_that_keeps_json_is_not_reported(tmp_path: Path, change: str) -> None:
    assert _warnings(tmp_path, KEPT[change]) == 0


def test_text_that_was_asked_for_is_not_reported(tmp_path: Path) -> None:
    assert _warnings(tmp_path, REPLACED["basicConfig"], "--access-log-format=text") == 0
