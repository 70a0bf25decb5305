"""A repository of two commits: the chart before its last change, and the chart now.

chart-testing takes the previous chart from git, at the commit where a branch forked. A checkout may
be shallow, or its last commit may not touch the chart. Neither happens in this repository.
"""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.support.commands import run
from tests.support.repository import CHART, ROOT

PLACE = CHART.relative_to(ROOT)
COMMITS_LOOKED_AT = 20


def previous_revision(root: Path = ROOT) -> str | None:
    """The last commit whose chart differs from the one here; None if there is no history.

    AssertionError if git cannot read the history, or finds no chart in it that differs.
    """
    if why_no_previous(root):
        return None
    commits = _commits(root)
    for commit in commits:
        compare = ["git", "-C", str(root), "diff", "--quiet", commit, "--", str(PLACE)]
        if subprocess.run(compare, check=False).returncode == 1:
            return commit
    assert len(commits) == 1, f"{len(commits)} commits of {PLACE} in {root}, and none differs"
    return None


def why_no_previous(root: Path = ROOT) -> str:
    """Why the history cannot contain another chart, as a sentence; empty if it can."""
    if not (root / ".git").exists():
        return f"{root} is not a clone: there is no previous chart to upgrade from."
    is_shallow = run("git", "-C", str(root), "rev-parse", "--is-shallow-repository").strip()
    if is_shallow == "true" and len(_commits(root)) == 1:
        return f"{root} is a shallow clone: it has no previous chart to upgrade from."
    return ""


def _commits(root: Path) -> list[str]:
    """The last commits that changed the chart."""
    count = f"--max-count={COMMITS_LOOKED_AT}"
    return run("git", "-C", str(root), "log", "--format=%H", count, "--", str(PLACE)).split()


def make_repository(folder: Path, previous: str | None, value_sets: Iterable[str]) -> None:
    """Makes both commits, with only these value sets; `origin/main` is the first commit.

    Without a previous revision, both commits have the chart of now.
    """
    chart = folder / PLACE
    chart.parent.mkdir(parents=True)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    if previous is None:
        shutil.copytree(CHART, chart, symlinks=True)
    else:
        archive = folder / "previous.tar"
        _git(ROOT, "archive", f"--output={archive}", previous, str(PLACE))
        run("tar", "--extract", f"--directory={folder}", f"--file={archive}")
        archive.unlink()
    _commit(folder, chart, value_sets)
    _git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    shutil.rmtree(chart)
    shutil.copytree(CHART, chart, symlinks=True)
    _commit(folder, chart, value_sets)


def _commit(folder: Path, chart: Path, value_sets: Iterable[str]) -> None:
    for file in (chart / "ci").iterdir():
        if file.name not in value_sets:
            file.unlink()
    _git(folder, "add", "--all", "--force")
    somebody = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    options = ["--quiet", "--allow-empty", "--no-gpg-sign", "--no-verify", "--message=chart"]
    _git(folder, *somebody, "commit", *options)


def _git(folder: Path, *arguments: str) -> None:
    run("git", "-C", str(folder), *arguments)
