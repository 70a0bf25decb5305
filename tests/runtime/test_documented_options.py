"""docs/runtime.md lists the options of the command line and the metrics of `/metrics`."""

import re

from uvicorn_pod.options import OWN_OPTIONS

from generate.options_table import PAGE, page, table
from tests.support.runtime_metrics import runtime_metrics


def test_the_table_of_options_is_up_to_date() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "docs/runtime.md is out of date: run `make docs`"


def test_the_table_lists_every_option_with_its_variable_and_its_help() -> None:
    rows = table().splitlines()[2:]
    assert len(rows) > 50
    for row in rows:
        _, flags, variables, _, text, _ = row.replace("\\|", "").split("|")
        assert "`--" in flags, row
        assert "`UVICORN_" in variables, row
        assert text.strip(), row
    named = [option.opts[0] for option in OWN_OPTIONS if option.expose_value]
    assert named
    assert all(f"`{name}`" in table() for name in named)


def test_every_uvicorn_metric_is_documented_and_no_other() -> None:
    exposed = {
        f"{one.name}_total" if one.type == "counter" else one.name for one in runtime_metrics()
    }
    chapter = PAGE.read_text().partition("## Metrics")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(uvicorn_\w+)`", chapter)) == exposed
