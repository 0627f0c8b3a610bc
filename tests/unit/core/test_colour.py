"""Contrast as WCAG 2.2 counts it, and colours made readable."""

from __future__ import annotations

import pytest

from pipeline.core.colour import contrast, mixed, readable


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000", 21.0),
        ("#1a5fb4", "#1A5FB4", 1.0),
        ("#777777", "#ffffff", 4.478),  # a well-known grey, just below AA
        ("#767676", "#ffffff", 4.542),  # and the next one, just above
        ("#ff0000", "#ffffff", 3.998),
    ],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.001)
    assert contrast(other, one) == contrast(one, other)


def test_what_is_readable_stays_as_it_is() -> None:
    assert readable("#1A5FB4", "#ffffff") == "#1a5fb4"
    assert readable("#00665c", "#f0f4f2") == "#00665c"


@pytest.mark.parametrize(
    ("accent", "background", "expected"),
    [
        ("#ffee00", "#ffffff", "#807700"),
        ("#ffee00", "#101716", "#ffee00"),
        ("#000", "#101716", "#7f7f7f"),
        ("#fff", "#ffffff", "#767676"),
    ],
)
def test_darker_on_light_and_lighter_on_dark(accent: str, background: str, expected: str) -> None:
    colour = readable(accent, background)
    assert contrast(colour, background) >= 4.5
    close = [abs(int(colour[i : i + 2], 16) - int(expected[i : i + 2], 16)) for i in (1, 3, 5)]
    assert max(close) <= 2


def test_no_more_than_needed_and_to_the_end_where_nothing_is_enough() -> None:
    assert contrast(readable("#8ab4f8", "#ffffff"), "#ffffff") < 4.7
    assert readable("#123456", "#777777", 21) == "#000000"
    assert readable("#c2185b", "#ffffff", 7) != readable("#c2185b", "#ffffff")


def test_a_mixture() -> None:
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#abc", "#000000", 0) == "#aabbcc"


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#ggg", "1a5fb4", "#1a5fb4\n"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        contrast(text, "#ffffff")
