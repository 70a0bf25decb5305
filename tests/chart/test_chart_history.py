"""Which chart counts as the previous one, in every kind of checkout."""

import shutil
from pathlib import Path

import pytest

from tests.support.chart_history import PLACE, make_repository, previous_revision, why_no_previous
from tests.support.commands import run
from tests.support.repository import CHART

COMMIT = ["-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet"]


def commit(folder: Path, message: str) -> str:
    run("git", "-C", str(folder), "add", "--all")
    run("git", "-C", str(folder), *COMMIT, "--allow-empty", "--no-gpg-sign", f"-m{message}")
    return run("git", "-C", str(folder), "rev-parse", "HEAD").strip()


def test_previous_chart_is_the_last_one_that_differs(tmp_path: Path) -> None:
    chart = tmp_path / PLACE
    assert previous_revision(tmp_path) is None, "a folder without a repository has a previous chart"
    run("git", "init", "--quiet", str(tmp_path))
    shutil.copytree(CHART, chart, symlinks=True)
    first = commit(tmp_path, "first chart")
    assert previous_revision(tmp_path) is None, "the first chart has a previous one"
    (chart / "values.yaml").write_text("# second\n")
    assert previous_revision(tmp_path) == first, "an uncommitted change"
    second = commit(tmp_path, "second chart")
    commit(tmp_path, "no change of the chart")
    assert previous_revision(tmp_path) == first, (
        f"after a commit without a change of the chart; second is {second}"
    )
    shallow = tmp_path / "shallow"
    run("git", "clone", "--quiet", "--depth=1", f"file://{tmp_path}", str(shallow))
    assert previous_revision(shallow) is None, "a shallow clone has a previous chart"
    assert "shallow clone" in why_no_previous(shallow), why_no_previous(shallow)
    assert why_no_previous(tmp_path) == "", why_no_previous(tmp_path)


def test_unreadable_history_is_an_error(tmp_path: Path) -> None:
    run("git", "init", "--quiet", str(tmp_path))
    (tmp_path / ".git" / "HEAD").write_text("nothing\n")
    with pytest.raises(AssertionError, match="not a git repository"):
        previous_revision(tmp_path)


def test_repository_forks_at_the_previous_chart(tmp_path: Path) -> None:
    make_repository(tmp_path, None, ["default-values.yaml"])
    count = run("git", "-C", str(tmp_path), "rev-list", "--count", "origin/main..HEAD").strip()
    assert count == "1", f"{count} commits after origin/main, wanted 1"
    kept = [path.name for path in (tmp_path / PLACE / "ci").iterdir()]
    assert kept == ["default-values.yaml"], f"value sets {kept}"
