"""The typed reading of a mapping: values, defaults, and every problem with its key path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.content.schema import (
    Fields,
    Report,
    item_id,
    key,
    language,
    shown,
    slug,
    unknown,
    visible,
    web_address,
)
from pipeline.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.content.frontmatter import Raw


def _fields(**data: Raw) -> tuple[Fields, Report]:
    report = Report("x.md", {name: number for number, name in enumerate(data, 2)})
    return Fields(data, report), report


def _said(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


def test_a_text_is_one_line_without_what_cannot_be_shown() -> None:
    fields, report = _fields(a=" one\n\ttwo\x01  three\xa0")
    assert fields.text("a") == "one two three"
    assert fields.text("b", "default") == "default"
    assert not report.problems


@pytest.mark.parametrize("value", ["", "  ", "\u200b", "\x01", "\u2060 \ufeff"])
def test_a_required_text_can_be_seen(value: str) -> None:
    fields, report = _fields(a=value)
    assert fields.text("a", required="the headline") == ""
    assert [problem.expected for problem in report.problems] == ["required: the headline"]


def test_a_missing_text_is_required_too() -> None:
    fields, report = _fields()
    fields.text("a", required="the headline")
    assert _said(report) == ["x.md: a: required: the headline"]


def test_a_text_is_not_too_long_and_no_list() -> None:
    fields, report = _fields(a="12345", b=["x"], c={"x": "y"}, d=5)
    fields.text("a", most=4)
    assert [fields.text(name, "default") for name in "bcd"] == ["default"] * 3
    assert _said(report) == [
        "x.md:2: a: found 5 characters: expected at most 4 characters",
        "x.md:3: b: found a list: expected text",
        "x.md:4: c: found a block of keys: expected text",
        "x.md:5: d: found 5: expected text",
    ]


def test_a_choice_names_the_nearest() -> None:
    fields, report = _fields(a="nwes", b="", c=["news"])
    known = ["news", "spotlight"]
    assert fields.choice("a", known, "kind") == ""
    assert fields.choice("b", known, "kind", required=True) == ""
    assert fields.choice("c", known, "kind", default="news") == "news"
    assert _said(report) == [
        'x.md:2: a: found "nwes": unknown kind; did you mean "news"?',
        "x.md:3: b: found nothing: required: one of news, spotlight",
        "x.md:4: c: found a list: unknown kind; known: news, spotlight",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("Yes", True), (True, True), ("false", False), ("NO", False), ("", False)],
)
def test_booleans(value: str | bool, expected: bool) -> None:
    fields, report = _fields(a=value)
    assert fields.boolean("a") is expected
    assert not report.problems


@pytest.mark.parametrize("value", ["perhaps", "1", 1, ["true"], "on"])
def test_what_is_no_boolean(value: Raw) -> None:
    fields, report = _fields(a=value)
    assert fields.boolean("a", default=True) is True
    assert report.problems[0].expected == "expected true or false"


@pytest.mark.parametrize("value", [0, 101, "ten", "1.5", "-1", True, 1.0, "9" * 5000])
def test_what_is_no_number_within_bounds(value: Raw) -> None:
    fields, report = _fields(a=value)
    assert fields.integer("a", 7, most=100) == 7
    assert report.problems[0].expected == "expected a whole number from 1 to 100"


def test_whole_numbers() -> None:
    fields, _ = _fields(a="050", b=100)
    assert (fields.integer("a", 7), fields.integer("b", 7), fields.integer("c", 7)) == (50, 100, 7)


def test_a_list_of_texts_or_a_single_one() -> None:
    fields, report = _fields(a=["one", " two ", ""], b="one", c=["x", "y", "x"])
    assert fields.texts("a") == ("one", "two")
    assert fields.texts("b") == ("one",)
    assert fields.texts("c") == ("x", "y")
    assert _said(report) == ['x.md:4: c: found "x" 2 times: expected each one once']


@pytest.mark.parametrize("value", [{"a": "b"}, [["a"]], [1], ["x"] * 201, 5])
def test_what_is_no_list_of_texts(value: Raw) -> None:
    fields, report = _fields(a=value)
    assert fields.texts("a") == ()
    assert len(report.problems) == 1


def test_choices_from_a_list() -> None:
    fields, report = _fields(a=["care", "cares"], b="care, youth")
    assert fields.choices("a", ["care", "youth"], "theme") == ("care",)
    assert fields.choices("b", ["care", "youth"], "theme") == ()
    assert _said(report) == [
        'x.md:2: a: found "cares": unknown theme; did you mean "care"?',
        'x.md:3: b: found "care, youth": unknown theme; did you mean "youth"?; '
        "write a list: [care, youth]",
    ]


def test_nested_tables_have_key_paths() -> None:
    report = Report("newsroom.toml", {"listings[2].path": 9, "feeds": 12})
    fields = Fields({"listings": [{"path": "a"}, {"path": 1}], "feeds": {"limits": 5}}, report)
    tables = fields.tables("listings")
    feeds = fields.table("feeds")
    assert [table.text("path") for table in tables] == ["a", ""]
    assert feeds is not None
    feeds.integer("limit", 5)
    feeds.finish()
    assert _said(report) == [
        "newsroom.toml:9: listings[2].path: found 1: expected text",
        'newsroom.toml:12: feeds.limits: unknown key; did you mean "limit"?',
    ]


def test_tables_that_are_none() -> None:
    fields, report = _fields(a="x", b=["x"])
    assert fields.table("a") is None
    assert fields.tables("b") == []
    assert len(report.problems) == 2


def test_keys_that_nobody_asked_for_are_unknown() -> None:
    fields, report = _fields(title="x", titel="y", colour="z")
    fields.text("title")
    fields.finish()
    assert _said(report) == [
        'x.md:3: titel: unknown key; did you mean "title"?',
        "x.md:4: colour: unknown key; known: title",
    ]


def test_many_unknown_keys_are_counted() -> None:
    fields, report = _fields(**{f"key{number}": "x" for number in range(5000)})
    fields.finish()
    assert len(report.problems) == 21
    assert report.problems[-1].found == "4980 more unknown keys"


def test_a_report_raises_once_with_all() -> None:
    report = Report("x.md")
    report.raise_if_any()
    report.add("b", "expected this")
    report.add("a", "expected that")
    with pytest.raises(ContentError) as caught:
        report.raise_if_any()
    assert [problem.field for problem in caught.value.problems] == ["a", "b"]


def test_the_line_of_a_key_is_that_of_the_nearest_one_around_it() -> None:
    report = Report("x.md", {"image": 5, "listing[1]": 8})
    assert report.line_of("image.alt") == 5
    assert report.line_of("listing") == 8
    assert report.line_of("title") == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb\x1b", '"a b"'),
        ("x" * 70, '"' + "x" * 57 + '…"'),
        ("\u202eabc", '"abc"'),
        (True, "true"),
        (5, "5"),
        ([], "a list"),
        ({}, "a block of keys"),
    ],
)
def test_values_are_shown_in_one_short_line(value: Raw, text: str) -> None:
    assert shown(value) == text


def test_unknown_words() -> None:
    assert unknown("theme", "x", []) == "unknown theme; there is none yet"
    assert unknown("theme", "x", ["care"]) == "unknown theme; known: care"
    many = [f"key{number:02}" for number in range(30)]
    assert unknown("key", "x", many).endswith("key23, …")


def test_what_a_reader_sees() -> None:
    assert visible(" a ")
    assert not visible(" \u200b\u00a0\u2060")


@pytest.mark.parametrize(
    "text", ["a", "A-b_c", "été", "हिन्दी", "ไทย", "字" * 66, "a" * 120, "_x", "1"]
)
def test_good_slugs(text: str) -> None:
    assert slug(text) == text
    assert item_id(f"{text[:50]}.x") == f"{text[:50]}.x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a b",
        "-a",
        "a-",
        "a.b",
        "con",
        "LPT1",
        "a" * 121,
        "字" * 67,
        "a\n",
    ],
)
def test_bad_slugs(text: str) -> None:
    with pytest.raises(ValueError, match=r"letters|shorter"):
        slug(text)


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (key, ["care-economy", "a", "a1"], ["Care", "a_b", "-a", "été", "nul", "a" * 65, ""]),
        (item_id, ["2017-07-10-a", "v1.2"], [".a", "a.", "a b", "a/b", ""]),
        (language, ["en", "pt-BR", "zh-Hant-TW"], ["english", "e", "en_GB", "", "en-"]),
        (
            web_address,
            ["https://x.example", "http://x.example:80/a?b=c#d", "https://é.example/ü"],
            ["", "x.example", "//x.example", "ftp://x.example", "javascript:alert(1)", "https://",
             "https:///a", "https://[::1", "https://x.example:99999", "https://x.example/a b",
             "https://x.example/\u202e", 'https://x.example/"', "https://℀.example"],
        ),
    ],
)  # fmt: skip
def test_other_words(parse: Callable[[str], str], good: list[str], bad: list[str]) -> None:
    assert [parse(text) for text in good] == good
    for text in bad:
        with pytest.raises(ValueError, match=r"^[a-z]"):
            parse(text)
