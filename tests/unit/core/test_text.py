"""Characters that every format can carry."""

from __future__ import annotations

import pytest

from pipeline.core.text import legal, one_line


@pytest.mark.parametrize(
    "bad", ["\x00", "\x02", "\x1f", "\x7f", "\x86", "\ud800", "\ufdd0", "\ufffe", "\U0010ffff"]
)
def test_what_xml_cannot_carry_goes(bad: str) -> None:
    assert legal(f"a{bad}b") == "ab"


@pytest.mark.parametrize("good", ["\t", "\n", "\x85", "\xa0", "\u200f", "é", "ع", "\U0001f600"])
def test_everything_else_stays(good: str) -> None:
    assert legal(f"a{good}b") == f"a{good}b"


def test_one_line() -> None:
    assert one_line(" a \n\tb\u2028c\xa0") == "a b c"
