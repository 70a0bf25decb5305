"""chart-testing installs every value set, runs its `helm test`, and upgrades the previous chart.

ct is given a namespace that enforces PSS restricted. It does not wait for the end of a namespace
that it was given, which takes longer than everything else.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.chart_history import make_repository, previous_revision, why_no_previous
from tests.support.commands import run
from tests.support.repository import CHART, ROOT

INSTALL_SECONDS = 600
CONFIG = f"--config={ROOT / 'ct.yaml'}"
VALUE_SETS = sorted(path.name for path in (CHART / "ci").glob("*-values.yaml"))
if not VALUE_SETS:
    raise FileNotFoundError(f"no *-values.yaml in {CHART / 'ci'}")
# ct installs each of them three times: the previous chart, this one, and this one from nothing.
UPGRADED = ["default-values.yaml"]
INSTALLED = [name for name in VALUE_SETS if name not in UPGRADED]
# Namespace → the value sets that one ct installs, one after the other.
LANES = {"ct-upgrade": UPGRADED, "ct-one": INSTALLED[::2], "ct-two": INSTALLED[1::2]}


def installed(folder: Path, namespace: str, value_sets: list[str], previous: str | None) -> str:
    """The output of ct for these value sets: each is installed, some are upgraded."""
    make_repository(folder, previous, value_sets)
    upgrade = ["--upgrade"] if set(value_sets) & set(UPGRADED) else []
    return run(
        "ct", "install", "--all", "--debug", CONFIG, f"--namespace={namespace}", *upgrade,
        timeout_seconds=INSTALL_SECONDS, folder=folder,
    )  # fmt: skip


@pytest.fixture(scope="module")
def said(
    tmp_path_factory: pytest.TempPathFactory, restricted_namespace: Callable[[str], str]
) -> dict[str, str]:
    """The output of ct, by value set."""
    previous = previous_revision()
    with ThreadPoolExecutor(len(LANES)) as pool:
        lanes = [
            pool.submit(
                installed, tmp_path_factory.mktemp("ct"), restricted_namespace(name), sets, previous
            )
            for name, sets in LANES.items()
        ]
        outputs = [lane.result() for lane in lanes]
    return {
        name: output
        for names, output in zip(LANES.values(), outputs, strict=True)
        for name in names
    }


def test_ct_installs_every_value_set_and_its_helm_test_succeeds(said: dict[str, str]) -> None:
    for name in VALUE_SETS:
        fresh = rf">>> helm install \S+ charts/uvicorn .*charts/uvicorn/ci/{name} "
        install = re.search(fresh, said[name])
        assert install, f"ct did not install {name}: {said[name][-2000:]}"
        tested = re.search(r">>> helm test (?:.|\n)*?Phase:\s+(\w+)", said[name][install.end() :])
        assert tested, f"ct ran no helm test of {name}: {said[name][-2000:]}"
        assert tested[1] == "Succeeded", f"helm test of {name}: {tested[1]}"
        assert "All charts installed successfully" in said[name], f"{name}: {said[name][-2000:]}"


def test_ct_upgrades_from_the_previous_chart(
    said: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    """ct also succeeds where it skips the upgrade: if the old chart fails to install, for one."""
    record_property("note", why_no_previous())
    for name in UPGRADED:
        old = rf">>> helm install (\S+) ct-previous-revision\d+/charts/uvicorn .*/ci/{name} "
        release = re.search(old, said[name])
        assert release, f"ct did not install the previous chart with {name}: {said[name][-2000:]}"
        upgrade = f">>> helm upgrade {release[1]} charts/uvicorn "
        assert upgrade in said[name], f"ct did not upgrade {name}: {said[name][-2000:]}"
        for skipped in ("skipped because", "Skipping upgrade test"):
            assert skipped not in said[name], f"ct with {name}: {said[name][-2000:]}"
