"""Write one version to every file that names it: `make version VERSION=0.2.0`.

pyproject.toml defines the version; the package, the chart and the images share it. The other files
repeat it because a person or a tool reads it there. Without a version the command prints the
current one and fails where a file differs.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Place:
    """A file that names the version."""

    file: str
    pattern: str
    """Matches the text around each version, which is its one group."""

    def versions(self, root: Path = ROOT) -> list[str]:
        """All versions that the file names; raises ValueError if there are none."""
        found = re.findall(self.pattern, (root / self.file).read_text(), re.MULTILINE)
        if not found:
            raise ValueError(f"{self.file}: nothing matches {self.pattern}")
        return found

    def write(self, version: str, root: Path = ROOT) -> None:
        """Replace each version in the file."""
        path = root / self.file
        path.write_text(
            re.sub(
                self.pattern,
                lambda match: match[0].replace(match[1], version),
                path.read_text(),
                flags=re.MULTILINE,
            )
        )


DEFINITION = Place("pyproject.toml", r'^version = "(.+)"$')
PLACES = (
    DEFINITION,
    Place("Dockerfile", r"^ARG VERSION=(.+)$"),
    Place("charts/uvicorn/Chart.yaml", r"^version: (.+)$"),
    Place("charts/uvicorn/Chart.yaml", r'^appVersion: "(.+)"$'),
    Place("charts/uvicorn/Chart.yaml", r"image: ghcr\.io/uvicorn-pod/reference:(.+)$"),
    Place("charts/uvicorn/README.md", r"charts/uvicorn --version (\S+)"),
    Place("README.md", r"^FROM ghcr\.io/uvicorn-pod/reference:(\S+)"),
    Place("docs/quickstart.md", r"^FROM ghcr\.io/uvicorn-pod/reference:(\S+)"),
    Place("docs/your-image.md", r"^FROM ghcr\.io/uvicorn-pod/\w+:(\S+)"),
    Place("docs/your-image.md", r"uvicorn_pod-(.+?)-py3-none-any\.whl"),
    Place("docs/recipes.md", r"^    targetRevision: (\S+)$"),
    Place("docs/recipes.md", r"^  ref: \{tag: (\S+)\}$"),
    Place("docs/recipes.md", r"alias: api, version: ([^,]+),"),
    Place("docs/operations.md", r'"\$CHART" --version (\d\S+\d)'),
    Place("docs/security.md", r"^VERSION=(\S+)$"),
)


def differences(version: str, root: Path = ROOT) -> list[str]:
    """One sentence for each place with another version."""
    return [
        f"{place.file} names version {found}, not {version}"
        for place in PLACES
        for found in place.versions(root)
        if found != version
    ]


def write(version: str, root: Path = ROOT) -> None:
    """Write the version to every place; raises ValueError unless it is X.Y.Z."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ValueError(f"{version!r} is not a version: use three numbers, for example 0.2.0")
    for place in PLACES:
        place.versions(root)  # refuses before anything is written
    for place in PLACES:
        place.write(version, root)


def main(arguments: list[str]) -> str | None:
    """Write the version given, or check and print the current one; returns what is wrong."""
    try:
        if arguments:
            write(arguments[0])
        (current,) = DEFINITION.versions()
        wrong = differences(current)
    except ValueError as error:
        return f"error: {error}"
    if wrong:
        return "error: " + "; ".join(wrong) + f". Run make version VERSION={current}."
    print(current)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
