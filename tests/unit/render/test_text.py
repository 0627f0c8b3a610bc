"""Plain text from Markdown: what a reader of the text part sees."""

from __future__ import annotations

import pytest

from pipeline.render.text import Links, to_text


def text(markdown: str) -> str:
    return to_text(markdown, links())


def links() -> Links:
    return Links(lambda url: url if ":" in url else f"https://news.example.org/{url}")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("*em* and **strong** and ~~gone~~", "_em_ and *strong* and ~~gone~~"),
        ("`a < b` &copy; \\*x\\* a < b & c", "`a < b` © *x* a < b & c"),
        ("{{ unsubscribe }} {% raw %}", "{{ unsubscribe }} {% raw %}"),
        ("# Title", "Title\n====="),
        ("### Small", "Small\n-----"),
        ("- a\n- b\n    - c", "* a\n* b\n  * c"),
        ("- a\n\n- b", "* a\n\n* b"),
        ("9. nine\n10. ten", " 9. nine\n10. ten"),
        ("> one\n>\n> > two", "> one\n>\n> > two"),
        ("```\nif x < 1:\n    y\n```", "    if x < 1:\n        y"),
        ("    a <b>\n", "    a <b>"),
        ("***", "------------------------"),
        ("| A | B |\n|---|---|\n| 1 | 2 |", "A  B\n-  -\n1  2"),
        ("Note[^1].\n\n[^1]: The *note*.", "Note¹.\n\n------------------------\n¹ The _note_."),
        ("![A market](media/m.png)", "[A market]"),
        ("![](media/m.png)", ""),
        ("a <b>bold</b> <!-- x --> word", "a bold word"),
        ("<div><p>one</p><script>evil()</script></div>", "one"),
        ("x<sup>2</sup> y<sup>n</sup>", "x2 yn"),
    ],
)
def test_shape(markdown: str, expected: str) -> None:
    assert text(markdown) == expected


def test_links_are_numbered_once_for_the_whole_document() -> None:
    found = links()
    first = to_text("[a](one.md), [b](https://x.org/?a=1&b=2) and [a again](one.md)", found)
    assert first == "a [1], b [2] and a again [1]"
    assert to_text("[c](https://y.org)", found) == "c [3]"
    assert found.listed() == [
        "[1] https://news.example.org/one.md",
        "[2] https://x.org/?a=1&b=2",
        "[3] https://y.org",
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("https://x.org/a_b.", "https://x.org/a_b."),
        ("<https://x.org>", "https://x.org"),
        ("<me@x.org>", "me@x.org"),
        ("[x](javascript:alert)", "x"),
        ("[x](#part)", "x"),
        ("[x]()", "x"),
    ],
)
def test_what_says_its_own_address_or_has_none_gets_no_number(markdown: str, expected: str) -> None:
    found = Links(lambda url: url)
    assert to_text(markdown, found) == expected
    assert found.listed() == []


def test_links_of_raw_html_are_numbered() -> None:
    found = links()
    assert to_text('an <a href="https://x.org">x</a> here', found) == "an x [1] here"


def test_a_reference_in_an_address_is_text_unless_it_ends_with_a_semicolon() -> None:
    found = links()
    to_text("[x](https://x.org/?copy=1&copy=2&amp;d)", found)
    assert found.listed() == ["[1] https://x.org/?copy=1&copy=2&d"]


def test_an_address_stays_in_one_piece() -> None:
    found = Links(lambda url: url)
    text = to_text("[sp](<https://e.example/a b>) [ü](https://e.example/é)", found)
    assert text == "sp [1] ü [2]"
    assert found.listed() == ["[1] https://e.example/a%20b", "[2] https://e.example/é"]


def test_an_address_that_lines_may_be_broken_within_stands_in_the_list() -> None:
    found = Links(lambda url: url)
    assert to_text("<https://e.example/日本> <https://e.example/é>", found) == (
        "https://e.example/日本 [1] https://e.example/é"
    )
    assert found.listed() == ["[1] https://e.example/日本"]


def test_an_address_that_leads_nowhere_is_dropped() -> None:
    found = Links(lambda _: "")
    assert to_text("[x](gone.md)", found) == "x"
    assert found.listed() == []


def test_lines_are_wrapped() -> None:
    lines = text("word " * 60).split("\n")
    assert max(map(len, lines)) <= 72
    assert len(lines) == 5
