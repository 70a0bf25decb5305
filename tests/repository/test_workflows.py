"""The GitHub workflows have no faults, pin their actions and hold only the rights they need."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster import kubernetes_version
from cluster.common.paths import TESTING_MODULE
from cluster.common.versions import module_version
from tests.support.repository import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
if not WORKFLOWS:
    raise FileNotFoundError(f"no *.yaml in {ROOT / '.github' / 'workflows'}")
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# Rights other than reading. A release publishes packages, and signs with an identity token.
WRITES = {"release": {"packages", "id-token"}}


def jobs(workflow: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return loaded


def matrix(job: str, axis: str) -> list[str]:
    """The values for which ci.yaml repeats a job."""
    (workflow,) = (path for path in WORKFLOWS if path.stem == "ci")
    values: list[str] = jobs(workflow)[job]["strategy"]["matrix"][axis]
    return values


def actionlint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run actionlint without shellcheck and pyflakes, which not every machine has."""
    return subprocess.run(
        ["actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_actionlint_finds_no_fault() -> None:
    done = actionlint(*WORKFLOWS)
    assert done.returncode == 0, f"actionlint: {done.stdout}{done.stderr}"


def test_actionlint_finds_a_fault_that_is_there(tmp_path: Path) -> None:
    """The control: a job that needs another which does not exist."""
    broken = tmp_path / "broken.yaml"
    text = next(path for path in WORKFLOWS if path.stem == "release").read_text()
    broken.write_text(text.replace("needs: test", "needs: tests"))
    done = actionlint(broken)
    assert done.returncode == 1, f"actionlint: exit {done.returncode}: {done.stdout}{done.stderr}"
    assert 'needs job "tests" which does not exist' in done.stdout, done.stdout


def test_every_action_is_pinned_to_one_commit_and_names_its_version() -> None:
    """A tag can be moved to another commit. Dependabot updates the hash and the comment."""
    text = "\n".join(workflow.read_text() for workflow in WORKFLOWS)
    used = set(re.findall(r"uses: (.+)", text))
    assert used, "the workflows use no action"
    pinned = r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    for action in used:
        assert re.fullmatch(pinned, action), f"{action}: wanted @<40 hex digits> # vX.Y.Z"
    names = [action.partition("@")[0] for action in used]
    assert len(names) == len(set(names)), f"an action in two versions: {sorted(used)}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_write_only_what_it_publishes(workflow: Path) -> None:
    whole = yaml.safe_load(workflow.read_text())["permissions"]
    assert whole in ({}, {"contents": "read"}), f"{workflow.name}: every job may {whole}"
    for name, job in jobs(workflow).items():
        writes = {what for what, right in job.get("permissions", {}).items() if right != "read"}
        assert writes <= WRITES.get(workflow.stem, set()), (
            f"{workflow.name}, {name}: may write {writes}"
        )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_named_make_targets_exist(workflow: Path) -> None:
    steps = [step.get("run", "") for job in jobs(workflow).values() for step in job["steps"]]
    named = set(re.findall(r"^make (?:--silent )?([a-z0-9-]+)", "\n".join(steps), re.MULTILINE))
    assert named, f"{workflow.name} runs no make target"
    assert named <= TARGETS, f"{workflow.name} names make {sorted(named - TARGETS)}"


def test_the_cluster_tests_run_on_every_version_with_a_node_image() -> None:
    """The job `test` takes the newest version, the job `kubernetes` all others."""
    *before, _ = kubernetes_version.IMAGES
    found = matrix("kubernetes", "kubernetes")
    assert found == before, f"ci.yaml: {found}, node images: {before}"


def test_the_runtime_is_tested_on_every_python_that_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    found = matrix("python", "python")
    assert found == named, f"ci.yaml: {found}, pyproject.toml: {named}"
    assert project["requires-python"] == f">={named[0]}", f"pyproject.toml: oldest {named[0]}"


def test_the_chart_is_pushed_by_the_helm_that_it_is_tested_with() -> None:
    (workflow,) = (path for path in WORKFLOWS if path.stem == "release")
    (found,) = [
        step["with"]["version"]
        for job in jobs(workflow).values()
        for step in job["steps"]
        if "setup-helm@" in step.get("uses", "")
    ]
    pinned = module_version("helm.sh/helm/v3", TESTING_MODULE)
    assert found == pinned, f"release.yaml: Helm {found}, cluster/programs/testing/go.mod: {pinned}"


def test_every_architecture_of_a_release_is_built_before_it() -> None:
    texts = {path.stem: path.read_text() for path in WORKFLOWS}
    released = set(re.findall(r"linux/\w+", texts["release"]))
    assert released > {"linux/amd64"}, f"release.yaml: builds for {released}"
    tried = set(re.findall(r"linux/\w+", texts["ci"])) | {"linux/amd64"}  # the other runners'
    assert tried == released, f"ci.yaml builds for {tried}, release.yaml for {released}"


def test_the_package_is_published_without_a_token_by_a_separate_job() -> None:
    (workflow,) = (path for path in WORKFLOWS if path.stem == "release")
    found = {
        name: job
        for name, job in jobs(workflow).items()
        if any("gh-action-pypi-publish" in step.get("uses", "") for step in job["steps"])
    }
    assert list(found) == ["package"], f"release.yaml: PyPI is published to by {list(found)}"
    job = found["package"]
    wanted = {"id-token": "write"}
    assert job["permissions"] == wanted, f"package: may {job['permissions']}, wanted {wanted}"
    assert job["environment"] == "pypi", f"package: environment {job.get('environment')}"
    assert "secrets." not in str(job), "package: has a secret"


def test_registry_names_are_lower_case_for_every_repository_owner() -> None:
    (workflow,) = (path for path in WORKFLOWS if path.stem == "release")
    text = workflow.read_text()
    assert "ghcr.io/${{ github." not in text, "release.yaml: an owner's capitals in a registry"
    assert text.count("ghcr.io/${{ needs.test.outputs.owner }}/") == 2, "release.yaml: owner"
