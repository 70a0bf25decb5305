"""Writes the table of options in runtime.md from the command line; `make docs` runs it."""

from pathlib import Path

import click
from uvicorn_pod.cli import main as command
from uvicorn_pod.options import NEW_DEFAULTS, OWN_OPTIONS

PAGE = Path(__file__).parents[1] / "docs" / "runtime.md"
BEGIN, END = "<!-- options: begin -->\n", "<!-- options: end -->\n"


def _variables(option: click.Option) -> str:
    own = option.envvar
    names = [own] if isinstance(own, str) else list(own or [])
    names.append(f"UVICORN_{(option.name or '').upper()}")
    return " or ".join(f"`{name}`" for name in dict.fromkeys(names))


def _default(option: click.Option) -> str:
    if isinstance(option.default, (str, int, float)):
        return (
            f"`{option.default}`".lower()
            if isinstance(option.default, bool)
            else f"`{option.default}`"
        )
    return ""


def _row(option: click.Option) -> str:
    flags = " ".join(f"`{flag}`" for flag in [*option.opts, *option.secondary_opts])
    text = " ".join((option.help or "").split()).replace("|", "\\|")
    return f"| {flags} | {_variables(option)} | {_default(option)} | {text} |\n"


def table() -> str:
    """The table in Markdown: first the options that uvicorn-pod adds or changes, then uvicorn's."""
    head = "| option | variable | default | what it does |\n|---|---|---|---|\n"
    options = [one for one in command.params if isinstance(one, click.Option) and one.expose_value]
    ours = [one for one in options if one in OWN_OPTIONS or one.name in NEW_DEFAULTS]
    theirs = [one for one in options if one not in ours]
    return head + "".join(map(_row, [*ours, *theirs]))


def page(text: str) -> str:
    """Returns the text of the page with an up-to-date table between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
