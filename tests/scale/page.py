"""Writes the figures, the picture and the tables of docs/scale.md.

`python -m tests.scale.page` writes the picture and the tables anew from docs/scale.json.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.scale.figures import PhaseFigures, Run
from tests.scale.sampler import STEP_SECONDS
from tests.support import recording_picture
from tests.support.recording_picture import Look
from tests.support.repository import ROOT

FIGURES = ROOT / "docs" / "scale.json"
PICTURE = ROOT / "docs" / "scale.svg"
PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
TITLE = "1,000 pods on 102 simulated nodes: scale-out, drains, rollouts, and a drain with no budget"
UNITS = {
    "Pods": "",
    "CPU": "cores",
    "Skew": "most minus fewest pods",
    "Changes of pods": "per second",
}

DRAWN = ("API server", "etcd", "controllers", "scheduler", "kwok")
"""Programs whose CPU the picture shows. The others use hardly any."""


def write(run: Run) -> None:
    """Writes all three files; docs/scale.md must exist."""
    run.write(FIGURES)
    PICTURE.write_text(picture(run))
    PAGE.write_text(page(PAGE.read_text(), run))


def picture(run: Run) -> str:
    """Returns the whole SVG file, with a colour for each series."""
    cpu = {name: points for name, points in run.panels["CPU"].items() if name in DRAWN}
    drawn = replace(run, panels=run.panels | {"CPU": cpu})
    return recording_picture.picture(drawn, Look(TITLE, UNITS, 3 * STEP_SECONDS))


def page(text: str, run: Run) -> str:
    """Returns the text of the page with the run's tables between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tables(run) + END + after


def tables(run: Run) -> str:
    """The figures in Markdown."""
    steps = ", ".join(f"{pods} after {second:.0f} s" for second, pods in run.steps)
    nodes, zones = run.skew_without_constraints
    control = (
        f"The HPA wanted {steps}. The control without spread constraints had a skew of {nodes} "
        f"over nodes and {zones} over zones.\n"
    )
    tables = [
        _table(_pods, run.figures),
        control,
        "What the API server got, and how long its clients waited:\n",
        _table(_requests, run.figures),
        "CPU of each program, in cores:\n",
        _table(_cores, run.figures),
    ]
    return "\n".join(tables)


def _table(cells_of: Callable[[PhaseFigures], dict[str, str]], figures: list[PhaseFigures]) -> str:
    rows = [{"phase": one.name, **cells_of(one)} for one in figures]
    lines = [
        list(rows[0]),
        ["---", *["---:"] * (len(rows[0]) - 1)],
        *(row.values() for row in rows),
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _pods(one: PhaseFigures) -> dict[str, str]:
    return {
        "seconds": f"{one.seconds:.0f}",
        "fewest ready pods": f"{one.least_ready:,}",
        "budget demands": f"{one.least_allowed:,}" if one.least_allowed else "no budget",
        "evictions": f"{one.work.evictions:.0f}",
        "refused first": f"{one.work.refusals:.0f}",
        "collided": f"{one.work.collisions:.0f}",
        "skew over nodes": str(one.node_skew),
        "over zones": str(one.zone_skew),
    }


def _requests(one: PhaseFigures) -> dict[str, str]:
    did = one.work
    waits = {
        f"{client} wait": _milliseconds(waited, did.limited_requests[client])
        for client, waited in did.limiter_seconds.items()
    }
    return {
        "requests per second": f"{did.requests / one.seconds:.0f}",
        "changes per second": f"{did.changes / one.seconds:.0f}",
        "mean time of a change": _milliseconds(did.change_seconds, did.changes),
        **waits,
    }


def _cores(one: PhaseFigures) -> dict[str, str]:
    used = one.work.cpu_seconds
    return {name: f"{seconds / one.seconds:.2f}" for name, seconds in used.items()}


def _milliseconds(seconds: float, count: float) -> str:
    return f"{1000 * seconds / max(1, count):,.0f} ms"


if __name__ == "__main__":
    found = Run.read(FIGURES)
    PICTURE.write_text(picture(found))
    PAGE.write_text(page(PAGE.read_text(), found))
