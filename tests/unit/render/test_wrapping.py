"""Lines of plain text in several scripts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.render.wrapping import cells, columns, underline, wrap


def test_words_are_kept_whole_and_addresses_too() -> None:
    url = "https://news.example.org/" + "x" * 80
    assert wrap(f"one two {url} three", 20) == ["one two", url, "three"]


def test_hanging_lines() -> None:
    assert wrap("one two three four", 12, first="* ", rest="  ") == ["* one two", "  three four"]


def test_a_break_stays_a_break() -> None:
    assert wrap("one\ntwo", 40) == ["one", "two"]


def test_chinese_is_two_columns_wide_and_breaks_anywhere_but_before_a_full_stop() -> None:
    assert cells("協同組合") == 8
    lines = wrap("協同組合は人々の自治的な組織である。", 12)
    assert all(cells(line) <= 14 for line in lines)
    assert "".join(lines) == "協同組合は人々の自治的な組織である。"
    assert not any(line.startswith("。") for line in lines)


def test_marks_that_combine_take_no_room() -> None:
    assert cells("e\u0301\u200d") == 1
    assert cells("مُحَمَّد") == 4


def test_arabic_words_are_kept_whole() -> None:
    text = "هذا نص عربي طويل بما فيه الكفاية"
    assert " ".join(wrap(text, 12)) == text


@given(st.text(alphabet=st.characters(categories=["L", "P", "Zs", "Mn"]), max_size=200))
def test_nothing_is_lost(text: str) -> None:
    assert "".join("".join(wrap(text, 20)).split()) == "".join(text.split())


def test_underlined_as_wide_as_it_looks() -> None:
    assert underline(["協同"], "=") == ["協同", "===="]


def test_tables_stand_in_columns_or_in_blocks() -> None:
    assert columns([["A", "B"], ["long", "c"]], 20) == ["A     B", "----  -", "long  c"]
    assert columns([["A", "B"], ["a long cell", "c"], ["d", ""]], 10) == [
        "A: a long",
        "  cell",
        "B: c",
        "",
        "A: d",
    ]


def test_a_heading_that_runs_from_right_to_left_has_no_rule_that_would_lie_elsewhere() -> None:
    assert underline(["عنوان"], "=") == ["== عنوان =="]
    assert underline(["«عنوان", "طويل"], "-") == ["-- «عنوان", "طويل --"]
    assert underline(["5. Title"], "=") == ["5. Title", "========"]
    assert underline([], "=") == [""]
