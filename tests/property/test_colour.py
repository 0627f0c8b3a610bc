"""Any accent can be read on any ground."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.colour import contrast, readable

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(accent=COLOURS, background=COLOURS)
def test_every_accent_is_made_readable(accent: str, background: str) -> None:
    colour = readable(accent, background)
    assert contrast(colour, background) >= 4.5
    assert readable(colour, background) == colour


@given(one=COLOURS, other=COLOURS)
def test_contrast_lies_between_1_and_21(one: str, other: str) -> None:
    assert 1 <= contrast(one, other) <= 21.001
