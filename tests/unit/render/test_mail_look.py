"""Colours by name, and whether they can be read: as declared, in the dark, and turned round."""

from __future__ import annotations

import colorsys
from itertools import product

import pytest

from pipeline.core.colour import contrast
from pipeline.errors import RenderError
from pipeline.render.mail_look import look_of
from tests.issue_desk import TEMPLATES

TEXTS = ("ink", "soft", "accent")
GROUNDS = ("ground", "sheet", "tint")
PAIRS = list(product(TEXTS, GROUNDS))
LOOK = look_of(TEMPLATES, "")


def turned(colour: str) -> str:
    """As clients darken a mail by themselves: the hue stays, light and dark change places."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb(hue, 1 - light, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def darkened(colour: str) -> str:
    """A ground as Outlook's partial inversion makes it: no lighter than a dark grey."""
    return turned(colour) if contrast(colour, "#000000") > 8 else colour


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("scheme", ["", "-dark"])
def test_every_text_can_be_read_on_every_ground(text: str, ground: str, scheme: str) -> None:
    assert contrast(LOOK[text + scheme], LOOK[ground + scheme]) >= 4.5


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_a_client_that_turns_all_colours_round_leaves_it_readable(text: str, ground: str) -> None:
    """Gmail on iOS turns text and ground, and never reads what is said of dark screens."""
    assert contrast(turned(LOOK[text]), turned(LOOK[ground])) >= 4.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_client_that_darkens_grounds_alone_has_dark_texts_to_turn(ground: str) -> None:
    """Outlook turns light grounds, and texts that are dark: all of ours are."""
    for text in TEXTS:
        assert contrast(turned(LOOK[text]), darkened(LOOK[ground])) >= 4.5


def test_no_colour_is_pure_white_or_black() -> None:
    colours = {value.lower() for value in LOOK.values.values() if value.startswith("#")}
    assert not colours & {"#fff", "#ffffff", "#000", "#000000"}


@pytest.mark.parametrize("accent", ["#ffcc00", "#000000", "#ffffff", "#1a5fb4", "#777777"])
def test_an_accent_of_ones_own_can_be_read_on_both(accent: str) -> None:
    look = look_of(TEMPLATES, accent)
    assert contrast(look["accent"], look["sheet"]) >= 4.5
    assert contrast(look["accent-dark"], look["sheet-dark"]) >= 4.5


def test_names_are_put_in_and_an_unknown_one_is_named_with_its_line() -> None:
    assert LOOK.resolved("email/style.css", "a { color: var( --accent ); }") == (
        "a { color: #00665c; }"
    )
    with pytest.raises(RenderError) as caught:
        LOOK.resolved("email/style.css", "a { top: 0; }\nb { color: var(--acent); }")
    assert "email/style.css:2: email/look.css says no --acent" in str(caught.value)


def test_a_look_without_an_accent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TEMPLATES, "asset", lambda _: b":root { --accent: red; --sheet: #fff; }")
    with pytest.raises(RenderError, match="--accent: expected a colour such as #1a5fb4"):
        look_of(TEMPLATES, "")
