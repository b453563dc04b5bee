"""The contrast of every colour that carries meaning, computed from what the style sheet is made of."""

from __future__ import annotations

import re

import pytest

from medpol.decide.holdings import POSITIONS
from medpol.model.positions import CoveragePosition
from medpol.web.assets import Assets
from medpol.web.chips import _INK_OF, INKS

SHEET = Assets()
STYLE = next(asset.body.decode() for asset in SHEET._by_name.values() if asset.name.startswith("style"))
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", part))
    for part in re.findall(r":root\{(color-scheme:.*?)\}", STYLE, re.DOTALL)[:2]
)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_is_the_one_of_the_guideline() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", INKS)
def test_every_chip_can_be_read_in_both_schemes(name: str) -> None:
    ink = INKS[name]
    assert (
        contrast(ink.ink, ink.tint) >= 4.5
        and contrast(ink.ink, LIGHT["paper"]) >= 4.5
        and contrast(ink.ink, LIGHT["page"]) >= 4.5
    )
    assert contrast(ink.dark_ink, ink.dark_tint) >= 4.5
    for ground in (DARK["paper"], DARK["page"]):
        assert contrast(ink.dark_ink, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_links_and_edges_of_the_frame_can_be_seen(scheme: str) -> None:
    held = LIGHT if scheme == "light" else DARK
    for text in ("text", "soft", "link"):
        for ground in ("paper", "page", "bar", "mark") if text != "soft" else ("paper", "page", "bar"):
            assert contrast(held[text], held[ground]) >= 4.5, (text, ground)
    assert contrast(held["dark-bar-text"], held["dark-bar"]) >= 4.5
    assert contrast(held["bar-text"], held["bar"]) >= 4.5 and contrast(held["warn-text"], held["warn"]) >= 4.5
    assert contrast(held["paper"], held["accent"]) >= 4.5, "buttons"
    for ground in ("paper", "page"):
        assert contrast(held["strong-line"], held[ground]) >= 3, "the edge of a field"


def test_every_position_has_a_chip_with_a_glyph_and_no_two_kinds_share_all_marks() -> None:
    assert set(_INK_OF) == set(CoveragePosition) == set(POSITIONS)
    assert len({(ink.ink, ink.border) for ink in INKS.values()}) == len(INKS)
    assert {name: f".ink-{name}{{" in STYLE for name in INKS} == dict.fromkeys(INKS, True)
