"""Steps that are done are skipped, the others run in order and show their progress."""

import re
from pathlib import Path

import pytest

from cluster.common.errors import ClusterError
from cluster.common.process import run_logged
from cluster.common.steps import Step, Times, perform


def test_only_steps_that_are_not_done_run_and_each_shows_its_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[str] = []
    steps = [
        Step("first", lambda: False, lambda: ran.append("first")),
        Step("second", lambda: True, lambda: ran.append("second")),
        Step("third", lambda: False, lambda: ran.append("third")),
    ]
    perform(steps)
    assert ran == ["first", "third"]
    numbers = re.findall(r"\[(\d/\d)\] (\w+) …", capsys.readouterr().out)
    assert numbers == [("1/2", "first"), ("2/2", "third")]


def test_table_of_times_lists_every_step_that_took_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    times = Times()
    times.rows += [("compile", 61.0), ("link", 0.01)]
    times.print_table()
    printed = capsys.readouterr().out
    assert re.search(r"compile\s+61\.0 s", printed), printed
    assert "link" not in printed, printed


def test_a_failed_command_is_reported_with_its_error_and_its_log() -> None:
    command = ["bash", "-c", "echo before; echo 'error: the reason' >&2; echo after; exit 3"]
    with pytest.raises(ClusterError) as failed:
        run_logged("test command", command)
    printed = str(failed.value)
    assert "test command failed (exit 3): error: the reason" in printed, printed
    log = re.search(r"in (/\S+\.log)", printed)
    assert log is not None, printed
    assert "after" in Path(log[1]).read_text(), f"{log[1]} does not hold the whole output"


@pytest.mark.parametrize("reason", ["no space left on device", "No space left on device"])
def test_a_full_disk_is_reported(reason: str) -> None:
    command = ["bash", "-c", f"echo 'write x: {reason}'; echo error: exit; exit 1"]
    with pytest.raises(ClusterError, match="the disk is full"):
        run_logged("test command", command)
