"""Writes docs/performance.md: the sections of bench/performance.md whose bench has a record.

`PYTHONPATH=app:. python -m bench.page` does so from the recorded JSON, without measuring.
"""

import re

from bench.names import NAMES
from bench.record import FOLDER, Record
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "performance.md"
PROSE = ROOT / "bench" / "performance.md"
MARKER = re.compile(r"^<!-- bench: (\w+) -->$", re.MULTILINE)


def page(prose: str, records: dict[str, Record]) -> str:
    """Returns the introduction, and each section with the record that its marker names.

    A section without a record is left out.
    """
    introduction, *sections = re.split(r"^(?=## )", prose, flags=re.MULTILINE)
    wanted = [one for one in sections if MARKER.findall(one)[0] in records]
    filled = [MARKER.sub(lambda found: block(records[found[1]]), one) for one in wanted]
    return introduction + "\n".join(one.strip() + "\n" for one in filled)


def block(record: Record) -> str:
    """The findings in Markdown."""
    found = record.findings
    parts = []
    if found.chart is not None:
        parts.append(f"![{found.chart.title}](bench/{record.bench}.svg)\n")
    parts += [table.markdown() for table in found.tables]
    said = [one.said() for one in found.comparisons]
    said += [f"{what}: {how}" for what, how in found.counts.items()]
    if said:
        parts.append("".join(f"- {one}\n" for one in said))
    machine = record.machine
    here = {"not in an image, on Python": machine.python, **machine.packages}
    versions = ", ".join(f"{name} {which}" for name, which in (found.versions or here).items())
    parts.append(
        f"Measured on {record.date} in {record.seconds:.0f} s: {machine.cpu}, {machine.cores} "
        f"cores, Linux {machine.kernel}, {versions}."
    )
    return "\n".join(parts)


def recorded() -> dict[str, Record]:
    """Returns all records, by the name of their bench."""
    return {name: Record.read(name) for name in NAMES if (FOLDER / f"{name}.json").exists()}


def write() -> None:
    """Writes the page anew from all records."""
    PAGE.write_text(page(PROSE.read_text(), recorded()))


if __name__ == "__main__":
    write()
