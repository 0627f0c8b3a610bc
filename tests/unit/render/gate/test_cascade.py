"""Looks resolved down the tree, in the light and in the dark."""

from __future__ import annotations

import pytest

from pipeline.render.gate.cascade import Look, shown_texts
from pipeline.render.gate.document import parse

DARK = '<meta name="color-scheme" content="light dark">'


def _look(body: str, head: str = "", *, dark: bool = False) -> Look:
    """The look of the text 'x'."""
    document = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    (found,) = [x.look for x in shown_texts(document, dark=dark) if x.text.strip() == "x"]
    return found


@pytest.mark.parametrize(
    ("body", "ink", "paper"),
    [
        ("x", "#000000", "#ffffff"),
        ('<p style="color: red">x</p>', "#ff0000", "#ffffff"),
        ('<p style="color: red"><b>x</b></p>', "#ff0000", "#ffffff"),
        ('<a href="#" style="color: inherit">x</a>', "#000000", "#ffffff"),
        ('<a href="#">x</a>', "#0000ee", "#ffffff"),
        ("<a>x</a>", "#000000", "#ffffff"),
        ('<td bgcolor="#222">x</td>', "#000000", "#222222"),
        ('<p bgcolor="#222" style="background: #fff none">x</p>', "#000000", "#ffffff"),
        ('<p style="background: #000"><b style="background: rgba(255,255,255,.5)">x</b></p>',
         "#000000", "#808080"),
        ('<font color="#123456">x</font>', "#123456", "#ffffff"),
    ],
)  # fmt: skip
def test_colours_come_down_the_tree(body: str, ink: str, paper: str) -> None:
    look = _look(body.replace("<td", "<table><tr><td"))
    assert (look.ink.hex, look.paper.hex) == (ink, paper)


@pytest.mark.parametrize(
    ("css", "ink"),
    [
        ("p { color: red }", "#0000ff"),  # the attribute wins
        ("p { color: red !important }", "#ff0000"),
        (".a { color: red !important } p { color: lime !important }", "#ff0000"),
        ("p { color: red !important } p { color: lime !important }", "#00ff00"),
        ("p:hover { color: red !important }", "#0000ff"),
        ("[data-ogsc] p { color: red !important }", "#0000ff"),
        ("@media (max-width: 9px) { p { color: red !important } }", "#0000ff"),
        ("@media screen { p { color: red !important } }", "#ff0000"),
        ("@media (prefers-color-scheme: light) { p { color: red !important } }", "#ff0000"),
        ("@media (prefers-color-scheme: dark) { p { color: red !important } }", "#0000ff"),
        ("nonsense[ { color: red !important }", "#0000ff"),
        ("svg|p { color: red !important }", "#0000ff"),
        ("\\b { color: red !important }", "#0000ff"),
        ("p::before { color: red !important }", "#0000ff"),
        ("b, p { color: red !important }", "#ff0000"),
    ],
)
def test_style_sheets_and_attributes(css: str, ink: str) -> None:
    look = _look('<p class="a" style="color: blue">x</p>', f"<style>{css}</style>")
    assert look.ink.hex == ink


def test_the_dark_has_its_own_ground_and_rules() -> None:
    css = "<style>@media (prefers-color-scheme: dark) { p { color: red !important } }</style>"
    assert _look("x", DARK, dark=True).ink.hex == "#ffffff"
    assert _look("x", DARK, dark=True).paper.hex == "#121212"
    assert _look("x", dark=True).paper.hex == "#ffffff"  # nothing says that it speaks dark
    assert _look('<p style="color: blue">x</p>', DARK + css, dark=True).ink.hex == "#ff0000"
    scheme = "<style>:root { color-scheme: light dark }</style>"
    assert _look("x", scheme, dark=True).paper.hex == "#121212"


@pytest.mark.parametrize(
    ("body", "size", "weight"),
    [
        ("x", 16, 400),
        ("<h1>x</h1>", 32, 700),
        ('<p style="font-size: 20px; font-weight: 600">x</p>', 20, 600),
        ('<p style="font-size: 20px"><b style="font-size: 150%">x</b></p>', 30, 700),
        ('<p style="font-size: 12pt">x</p>', 16, 400),
        ('<p style="font-size: 2em"><i style="font-size: 1rem">x</i></p>', 16, 400),
        ('<p style="font-size: large; font-weight: bold">x</p>', 18, 700),
        ('<p style="font-size: calc(1px)">x</p>', 16, 400),
    ],
)
def test_sizes_and_weights(body: str, size: float, weight: int) -> None:
    look = _look(body)
    assert look.size == pytest.approx(size)
    assert look.weight == weight


@pytest.mark.parametrize(
    "body",
    [
        '<p style="display: none">x</p>',
        '<p style="visibility: hidden"><b>x</b></p>',
        '<p style="font-size: 1px">x</p>',
        "<p hidden>x</p>",
        "<style>x</style>",
        "<!-- x -->",
        "<p>\u200c\u00a0</p>",
    ],
)
def test_what_nobody_sees_has_no_look(body: str) -> None:
    assert list(shown_texts(parse(f"<html><body>{body}</body></html>"), dark=False)) == []


def test_on_a_picture_nobody_can_say() -> None:
    assert not _look('<p style="background: url(a.png)">x</p>').known
    assert _look('<p style="background: #fff url(a.png)">x</p>').known


def test_opacity_adds_up() -> None:
    assert _look('<p style="opacity: .5"><b style="opacity: 0.5">x</b></p>').opacity == 0.25
    assert _look('<p style="opacity: nonsense">x</p>').opacity == 1
