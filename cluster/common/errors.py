"""The error for problems that the user can fix, and the line of an output that explains one."""

import re


class ClusterError(Exception):
    """One sentence: what is wrong, where, and what to do. It is shown without a traceback."""


def says_disk_is_full(text: str) -> bool:
    """Whether a program's output reports a full disk, in the words of the C library or of Go."""
    return "no space left on device" in text.lower()


def reason_of_failure(text: str) -> str:
    """Return the line of an output that best explains a failure.

    It is the one about a full disk, else the last error, else the last line. The first line of
    the text is the command.
    """
    lines = [line.strip() for line in text.splitlines()]
    printed = [line for line in lines if line]
    full = next((line for line in printed if says_disk_is_full(line)), None)
    if full is not None:
        return f"the disk is full ({full[:160]}); free some space and run this again."
    bad = re.compile(r"\b(error|failed|fatal)\b", re.IGNORECASE)
    errors = [line for line in printed[1:] if bad.search(line)]
    return (errors or printed[1:] or ["no output."])[-1][:300]
