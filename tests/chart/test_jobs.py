"""Migrations and CronJobs: they run the app's image with its settings, apart from its pods."""

from typing import Any

import pytest

from tests.chart.manifests import (
    FULL_NAME,
    Manifest,
    RefusedError,
    app_of,
    is_hook,
    of_kind,
    pod_templates,
    pods_of,
    render,
    title,
)
from tests.chart.test_pod_options import PASSED_ON

HOOK = f"{FULL_NAME}-hook"
FILES = {"config": {"files": {"app.toml": "x = 1"}}}
CRON = {"name": "tidy", "schedule": "0 3 * * *", "command": ["python", "-m", "tidy"]}


def migrating(**values: Any) -> list[Manifest]:
    migrations = {"enabled": True, "command": ["alembic", "upgrade", "head"]} | values
    return render({"migrations": migrations} | FILES)


def hooks(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {
        manifest["kind"]: manifest
        for manifest in manifests
        if is_hook(manifest) and manifest["kind"] != "Pod"
    }


def cron(**values: Any) -> Manifest:
    (found,) = of_kind(render({"cronJobs": [CRON | values]} | FILES), "CronJob")
    return found


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_kind_is_off_by_default(kind: str, default_manifests: list[Manifest]) -> None:
    found = of_kind(default_manifests, kind)
    assert not found, f"{kind}: {found}, wanted none"


@pytest.mark.parametrize(
    ("when", "events"),
    [("before", "pre-install,pre-upgrade"), ("after", "post-install,post-upgrade")],
)
def test_migrations_find_their_account_and_files_on_a_first_install(when: str, events: str) -> None:
    """No object of the release exists yet, so the account and the files are earlier hooks."""
    found = hooks(migrating(when=when))
    assert set(found) == {"Job", "ServiceAccount", "ConfigMap"}, f"hooks {sorted(found)}"
    for kind, manifest in found.items():
        annotations = manifest["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == events, f"{title(manifest)}: {annotations}"
        weight = int(annotations["helm.sh/hook-weight"])
        assert (weight == 0) == (kind == "Job"), f"{title(manifest)}: weight {weight}"
        assert weight <= 0, f"{title(manifest)}: weight {weight}, after the Job's"
        policy = annotations["helm.sh/hook-delete-policy"]
        assert policy == "before-hook-creation,hook-succeeded", f"{title(manifest)}: {policy}"
    pod = found["Job"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == found["ServiceAccount"]["metadata"]["name"] == HOOK
    names = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
    assert names == [found["ConfigMap"]["metadata"]["name"]] == [HOOK], f"Job/{HOOK}: {names}"
    assert found["ConfigMap"]["data"] == FILES["config"]["files"], f"ConfigMap/{HOOK}"


def test_hooks_never_share_a_name_with_an_object_of_the_release() -> None:
    manifests = migrating()
    kept = {title(manifest) for manifest in manifests if not is_hook(manifest)}
    removed = {title(manifest) for manifest in hooks(manifests).values()}
    assert kept, "nothing rendered"
    assert removed, "no hooks rendered"
    assert not kept & removed, f"Helm would remove {kept & removed}, which the release needs"


def test_migrations_use_an_existing_account() -> None:
    values = {"migrations": {"enabled": True, "command": ["x"]}}
    manifests = render(values | {"serviceAccount": {"create": False, "name": "mine"}})
    found = hooks(manifests)
    assert set(found) == {"Job"}, f"hooks {sorted(found)}, wanted only the Job"
    account = found["Job"]["spec"]["template"]["spec"]["serviceAccountName"]
    assert account == "mine", f"Job/{HOOK}: account {account}, wanted mine"


def test_jobs_run_the_apps_image_with_its_settings() -> None:
    app = app_of(migrating())
    job = hooks(migrating())["Job"]["spec"]["template"]["spec"]["containers"][0]
    (tidy,) = cron()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    for container in (job, tidy):
        for part in ("image", "env", "securityContext", "volumeMounts", "resources"):
            assert container[part] == app[part], f"{container['name']}: {part} {container[part]}"
    assert job["command"] == ["alembic", "upgrade", "head"], f"Job/{HOOK}: {job['command']}"
    assert tidy["command"] == CRON["command"], f"CronJob: {tidy['command']}"


def test_job_pods_never_match_the_selector() -> None:
    selector = {"app.kubernetes.io/name": "uvicorn", "app.kubernetes.io/instance": "demo"}
    pods = [hooks(migrating())["Job"]["spec"]["template"]]
    pods.append(cron()["spec"]["jobTemplate"]["spec"]["template"])
    for pod in pods:
        labels = pod["metadata"]["labels"]
        assert not selector.items() <= labels.items(), f"pod labels {labels}"


@pytest.mark.parametrize("name", PASSED_ON)
def test_every_pod_has_the_apps_placement_and_dns(name: str) -> None:
    jobs = {"migrations": {"enabled": True, "command": ["x"]}, "cronJobs": [CRON]}
    pods = dict(pods_of(render(jobs | {name: PASSED_ON[name]})))
    assert len(pods) == 4, f"wanted the pods of app, test, Job and CronJob, rendered {list(pods)}"
    for owner, pod in pods.items():
        found = pod.get(name)
        assert found == PASSED_ON[name], f"{owner}: {name} {found}, wanted {PASSED_ON[name]}"


def test_job_pods_have_the_users_labels_and_annotations() -> None:
    own = {"podLabels": {"app.kubernetes.io/version": "x"}, "podAnnotations": {"mesh": "off"}}
    jobs = {"migrations": {"enabled": True, "command": ["x"]}, "cronJobs": [CRON]}
    pods = [pod for owner, pod in pod_templates(render(jobs | own)) if "Job/" in owner]
    assert len(pods) == 2, f"wanted the pods of Job and CronJob, rendered {pods}"
    for pod in pods:
        labels, annotations = pod["metadata"]["labels"], pod["metadata"].get("annotations")
        assert own["podLabels"].items() <= labels.items(), f"pod labels {labels}"
        assert annotations == own["podAnnotations"], f"pod annotations {annotations}"


def test_jobs_have_deadlines_and_do_not_overlap() -> None:
    job = hooks(migrating())["Job"]["spec"]
    found = job["backoffLimit"], job["activeDeadlineSeconds"]
    assert found == (0, 300), f"Job/{HOOK}: {found}, wanted (0, 300)"
    spec = cron()["spec"]
    found = spec["jobTemplate"]["spec"]["backoffLimit"], spec["startingDeadlineSeconds"]
    assert found == (0, 300), f"CronJob: {found}, wanted (0, 300)"
    assert spec["concurrencyPolicy"] == "Forbid", f"CronJob: {spec['concurrencyPolicy']}"


def test_cron_job_comes_from_the_values() -> None:
    own: dict[str, Any] = {
        "timeZone": "Europe/Berlin",
        "concurrencyPolicy": "Replace",
        "suspend": True,
        "startingDeadlineSeconds": 9,
    }
    job: dict[str, Any] = {"backoffLimit": 3, "activeDeadlineSeconds": 99}
    found = cron(**own, **job, args=["--all"], resources={"requests": {"cpu": "9m"}})
    assert found["metadata"]["name"] == f"{FULL_NAME}-tidy", f"CronJob: {found['metadata']}"
    assert (own | {"schedule": "0 3 * * *"}).items() <= found["spec"].items(), f"{found['spec']}"
    inner = found["spec"]["jobTemplate"]["spec"]
    assert job.items() <= inner.items(), f"CronJob: {inner}"
    (container,) = inner["template"]["spec"]["containers"]
    given = container["args"], container["resources"]
    assert given == (["--all"], {"requests": {"cpu": "9m"}}), f"CronJob: {given}"


@pytest.mark.parametrize("schedule", ["@every 5m", "@every 1h30m", "@hourly", "*/5 * * * 1-5"])
def test_schedule_is_any_that_kubernetes_reads(schedule: str) -> None:
    found = cron(schedule=schedule)["spec"]["schedule"]
    assert found == schedule, f"CronJob: schedule {found!r}, wanted {schedule!r}"


@pytest.mark.parametrize("schedule", ["@every", "@every 5", "@often", "5m", "* * * *"])
def test_schedule_that_kubernetes_does_not_read_is_refused(schedule: str) -> None:
    with pytest.raises(RefusedError, match="/cronJobs/0/schedule"):
        cron(schedule=schedule)
