"""docs/architecture.svg names the chart's default ports and pods, and is readable in both modes."""

import re
from xml.etree import ElementTree as ET

import pytest

from tests.chart.documented_values import defaults
from tests.support.repository import ROOT

PICTURE = (ROOT / "docs" / "architecture.svg").read_text()
LIGHT, _, DARK = PICTURE.partition("@media (prefers-color-scheme: dark)")
COLOUR = re.compile(r"(?P<style>[.\w-]+) \{[^}]*?(?P<property>fill|stroke): (?P<colour>#\w{6})")
# WCAG 2.2, success criterion 1.4.3, for text of this size.
LEAST_CONTRAST = 4.5


def colours(style: str) -> dict[str, str]:
    """The first colour of each rule: that of text, or else of an area or a line."""
    return {found["style"]: found["colour"] for found in COLOUR.finditer(style)}


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2, from 0 to 1."""
    parts = [int(colour[begin : begin + 2], 16) / 255 for begin in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_picture_has_the_default_ports_and_numbers_of_pods() -> None:
    texts = [text.text for text in ET.fromstring(PICTURE).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - ours
    values = defaults()
    scaling = values["autoscaling"]
    for said in (
        f"port {values['service']['port']}",
        f"port {values['uvicorn']['port']}",
        f"port {values['management']['port']}",
        f"{scaling['minReplicas']} to {scaling['maxReplicas']} pods",
    ):
        assert said in texts, f"architecture.svg does not say {said!r}"


def test_every_colour_has_another_one_on_a_dark_page() -> None:
    light, dark = colours(LIGHT), colours(DARK)
    assert len(light) >= 10, f"architecture.svg: colours {light}"
    assert light.keys() == dark.keys(), f"architecture.svg: only one of {light}, {dark}"
    same = {style for style, colour in light.items() if dark[style] == colour}
    assert not same, f"architecture.svg: {same} have one colour for both"


@pytest.mark.parametrize(
    ("text", "area"),
    [("text", "page"), ("text", "box"), ("text", "pod"), ("text", "app"), ("text", "management"),
     (".note", "page"), (".note", "box")],
)  # fmt: skip
@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out(text: str, area: str, style: str) -> None:
    found = colours(style)
    measured = contrast(found[text], found[f".{area}"])
    assert measured >= LEAST_CONTRAST, f"{text} on {area}: contrast {measured:.1f}"
