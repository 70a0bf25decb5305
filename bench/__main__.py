"""`make bench`: runs the benches that the command line names, or all of them."""

import sys
import time
from importlib import import_module

from bench import page, wrk
from bench.names import NAMES
from bench.record import Record


def run(bench: str) -> None:
    """Measures, and replaces the bench's record. Prints each conclusion that has changed."""
    started = time.monotonic()
    findings = import_module(f"bench.{bench}").measure()
    record = Record.new(bench, time.monotonic() - started, findings)
    try:
        changed = record.changed(Record.read(bench))
    except FileNotFoundError:
        changed = []
    record.write()
    page.write()
    print(page.block(record))
    print("\n".join(changed) or "The conclusions are those that were recorded before.", flush=True)


def main() -> int:
    """Returns the exit code."""
    names = sys.argv[1:] or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        print(f"error: no bench {', '.join(unknown)}; there are {', '.join(NAMES)}.")
        return 2
    wrk.require()
    for number, name in enumerate(names, start=1):
        print(f"[{number}/{len(names)}] {name} …", flush=True)
        run(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
