"""Style sheets with a newsroom's accent and words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.core.colour import contrast
from pipeline.render.assets import DARK, FEED_STYLE, LIGHT, SITE_STYLE, accent_style, asset
from tests.archive_site import NEWSROOM, TEMPLATES, make_site

ACCENT = re.compile(r"--accent: (#\w+)")
GROUND = re.compile(r"--(?:ground|tint): (#\w+)")


def test_without_an_accent_the_style_sheet_is_the_templates_own() -> None:
    assert asset(make_site(), SITE_STYLE) == TEMPLATES.asset(SITE_STYLE)
    assert accent_style("") == ""


@pytest.mark.parametrize("accent", ["#1a5fb4", "#ffcc00", "#000", "#ffffff", "#c2185b"])
@pytest.mark.parametrize("name", [SITE_STYLE, FEED_STYLE])
def test_an_accent_is_readable_on_every_ground(accent: str, name: str) -> None:
    text = asset(make_site(newsroom=replace(NEWSROOM, accent=accent)), name).decode()
    *_, light, dark = ACCENT.findall(text)
    grounds = GROUND.findall(text)
    assert min(contrast(light, ground) for ground in grounds[:2]) >= 4.5
    assert min(contrast(dark, ground) for ground in grounds[2:4]) >= 4.5
    assert {LIGHT, DARK} <= set(grounds)
    assert text.index("prefers-color-scheme: dark) {", text.index(light)) > 0


def test_what_is_typed_runs_from_left_to_right_in_any_language() -> None:
    style = asset(make_site(), SITE_STYLE).decode()
    (rule,) = re.findall(r"^\.body :is\(code, pre, kbd, samp\) \{(.*)\}$", style, re.MULTILINE)
    assert "direction: ltr; unicode-bidi: isolate;" in rule


def test_a_good_accent_is_taken_as_it_is() -> None:
    assert "--accent: #00665c;" in accent_style("#00665C")


def test_a_feed_in_a_browser_speaks_the_newsrooms_language() -> None:
    english = asset(make_site(), FEED_STYLE).decode()
    assert '--feed-note: "This is a feed: ' in english
    arabic = asset(make_site(newsroom=replace(NEWSROOM, language="ar")), FEED_STYLE).decode()
    assert '--feed-note: "هذه تغذية' in arabic
    assert "direction: rtl" in arabic
