"""Migrations run before the first pod, on a first install too; a failed one stops the upgrade."""

from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release

HOOK = f"{FULL_NAME}-hook"
# It needs a file of a ConfigMap and an account, which a first install does not have yet.
MIGRATE = "assert open('/etc/app/app.toml').read() == 'x = 1', 'no file'"


def values(script: str) -> dict[str, Any]:
    return {
        "drainSeconds": 1,
        "autoscaling": {"enabled": False},
        "replicaCount": 1,
        "config": {"files": {"app.toml": "x = 1"}},
        "migrations": {"enabled": True, "command": ["python", "-c", script]},
    }


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("migrations", values=values(MIGRATE))


def started(release: Release) -> list[str]:
    """Returns the pods in the order in which their containers started.

    Events have a resolution of one second, so the hook comes first within the same second.
    """
    output = release.kubectl(
        "get", "events", "--field-selector=reason=Started",
        "--output=jsonpath={range .items[*]}{.firstTimestamp} {.involvedObject.name}{'\\n'}{end}",
    )  # fmt: skip
    events = [line.split() for line in output.splitlines()]
    events.sort(key=lambda event: (event[0], not event[1].startswith(HOOK)))
    return [name for _, name in events]


def test_migrations_run_before_the_first_pod_on_a_first_install(release: Release) -> None:
    names = started(release)
    assert len(names) >= 2, f"in {release.namespace} started only {names}"
    assert names[0].startswith(f"{HOOK}-"), f"the first to start was {names[0]}: {names}"
    assert len(release.pods()) == 1, f"{release.namespace} has {len(release.pods())} pods"


def test_migrations_leave_no_object_behind(release: Release) -> None:
    for kind in ("job", "serviceaccount", "configmap"):
        assert release.live(kind, HOOK) is None, f"{kind}/{HOOK} is still there"


def test_a_failed_migration_stops_the_upgrade_and_leaves_the_pods(release: Release) -> None:
    before = release.live("deployment", FULL_NAME)
    failing = replace(release, values=values("raise SystemExit('sentinel')"))
    with pytest.raises(AssertionError, match=r"BackoffLimitExceeded|failed"):
        failing.install()
    after = release.live("deployment", FULL_NAME)
    assert before is not None, f"Deployment/{FULL_NAME} does not exist"
    assert after is not None, f"Deployment/{FULL_NAME} is gone"
    assert before["spec"] == after["spec"], f"Deployment/{FULL_NAME} was changed"
    log = release.kubectl("logs", f"job/{HOOK}")
    assert "sentinel" in log, f"Job/{HOOK}: the log of the failed run is {log!r}"
    replace(release, values=values(MIGRATE)).install()
    assert release.live("job", HOOK) is None, f"Job/{HOOK} is still there after a good run"
