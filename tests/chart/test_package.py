"""The packaged chart, also from an OCI registry, is the chart of the folder."""

import re
import shlex
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.chart.manifests import RELEASE
from tests.support.repository import CHART, ROOT

PUBLISHED = "oci://ghcr.io/uvicorn-pod/charts"
DOCUMENTS = [ROOT / "README.md", CHART / "README.md"]
META = yaml.safe_load((CHART / "Chart.yaml").read_text())


def documented_commands() -> list[str]:
    """Every helm command in the documents that names the published chart, each on one line."""
    text = "\n".join(document.read_text() for document in DOCUMENTS).replace("\\\n", " ")
    lines = [line.partition(" #")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line.startswith("helm ") and PUBLISHED in line]


def helm(*arguments: str, program: str = "helm") -> str:
    command = [program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def test_package_name_has_the_version_and_the_package_has_every_file(package: Path) -> None:
    assert package.name == f"uvicorn-{META['version']}.tgz", f"packaged as {package.name}"
    with tarfile.open(package) as archive:
        names = {name.removeprefix("uvicorn/") for name in archive.getnames()}
    templates = {str(path.relative_to(CHART)) for path in (CHART / "templates").rglob("*.*")}
    wanted = templates | {"Chart.yaml", "README.md", "values.yaml", "values.schema.json"}
    wanted |= {f"environments/{path.name}" for path in (CHART / "environments").iterdir()}
    wanted |= {f"files/{path.name}" for path in (CHART / "files").iterdir()}
    assert names - {".helmignore"} == wanted, f"differ in {sorted(names ^ wanted)}"


@pytest.mark.parametrize("program", ["helm3", "helm4"])
def test_chart_from_a_registry_renders_what_the_folder_renders(program: str, oci: str) -> None:
    pulled = helm("template", RELEASE, f"{oci}/uvicorn", "--plain-http", program=program)
    assert pulled == helm("template", RELEASE, str(CHART), program=program), f"from {oci}: {pulled}"


def test_registry_shows_the_values_and_the_readme(oci: str) -> None:
    for part, file in (("values", "values.yaml"), ("readme", "README.md")):
        shown = helm("show", part, f"{oci}/uvicorn", "--plain-http")
        assert shown.strip() == (CHART / file).read_text().strip(), f"helm show {part}: {shown}"


@pytest.mark.parametrize("command", documented_commands())
def test_documented_command_works_on_the_registry(command: str, oci: str, tmp_path: Path) -> None:
    """Commands that change a cluster are only rendered; tests/e2e runs one of them unchanged."""
    words = shlex.split(command.replace(PUBLISHED, oci))[1:]
    subcommand = re.sub(r"^(upgrade --install|install)\b", "template", " ".join(words))
    destination = [f"--destination={tmp_path}"] if words[0] == "pull" else []
    helm(*shlex.split(subcommand), *destination, "--plain-http")


def test_documents_name_the_published_chart() -> None:
    kinds = {command.split()[1] for command in documented_commands()}
    assert "install" in kinds or "upgrade" in kinds, f"the documents have only {kinds}"
