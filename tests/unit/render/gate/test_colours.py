"""Colours as CSS writes them."""

from __future__ import annotations

import pytest

from pipeline.render.gate.colours import Colour, first_colour, parse


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#fff", Colour(255, 255, 255)),
        ("#1a5fb4", Colour(26, 95, 180)),
        ("#0008", Colour(0, 0, 0, 136 / 255)),
        ("rgb(1, 2, 3)", Colour(1, 2, 3)),
        ("rgb(1 2 3 / 50%)", Colour(1, 2, 3, 0.5)),
        ("rgba(300, -5, 50%, .25)", Colour(255, 0, 127.5, 0.25)),
        ("hsl(120, 100%, 50%)", Colour(0, 255, 0)),
        ("hsl(480deg 100% 50%)", Colour(0, 255, 0)),
        ("rebeccapurple", Colour(102, 51, 153)),
        ("transparent", Colour(0, 0, 0, 0)),
    ],
)
def test_what_is_a_colour(text: str, colour: Colour) -> None:
    assert parse(text) == colour


@pytest.mark.parametrize(
    "text", ["", "#12", "#ggg", "rgb(1,2)", "rgb(a,b,c)", "reddish", "var(--x)"]
)
def test_what_is_none(text: str) -> None:
    assert parse(text) is None


def test_one_lies_on_another() -> None:
    assert Colour(0, 0, 0, 0.5).over(Colour(255, 255, 255)).hex == "#808080"
    assert Colour(10, 20, 30).over(Colour(255, 255, 255)) == Colour(10, 20, 30)
    assert Colour(0, 0, 0).faded(0.5).alpha == 0.5


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("#fff url(a.png) no-repeat", "#ffffff"),
        ("url(a.png) rgb(1, 2, 3)", "#010203"),
        ("none", "#000000"),
        ("url(a.png)", None),
        ("linear-gradient(a, b)", None),
    ],
)
def test_the_colour_of_a_background(value: str, colour: str | None) -> None:
    found = first_colour(value)
    assert (found.hex if found else None) == colour
