"""The Markdown dialect: what newsrooms type, and what it becomes before it is sanitised."""

from __future__ import annotations

import pytest

from pipeline.render.dialect import parser


def _html(text: str) -> str:
    return parser(text).convert(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("See https://x.example.", '<p>See <a href="https://x.example">https://x.example</a>.</p>'),
        ("(https://x.example/a_(b))",
         '<p>(<a href="https://x.example/a_(b)">https://x.example/a_(b)</a>)</p>'),
        ("https://x.example, b", '<p><a href="https://x.example">https://x.example</a>, b</p>'),
        ("https://x.example/?a=1&b=2",
         '<p><a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a></p>'),
        ("[https://x.example](https://y.example)",
         '<p><a href="https://y.example">https://x.example</a></p>'),
        ("`https://x.example`", "<p><code>https://x.example</code></p>"),
        ("xhttps://x.example", "<p>xhttps://x.example</p>"),
        ("https:// alone", "<p>https:// alone</p>"),
        ("javascript://x.example", "<p>javascript://x.example</p>"),
    ],
)  # fmt: skip
def test_bare_addresses(text: str, html: str) -> None:
    assert _html(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("~~a~~ b~c", "<p><del>a</del> b~c</p>"),
        ("a_b_c and _d_", "<p>a_b_c and <em>d</em></p>"),
        ('"Quoted" -- it\'s...', '<p>"Quoted" -- it\'s...</p>'),
        ("a  \nb", "<p>a<br>b</p>"),
        ("\\*a\\*", "<p>*a*</p>"),
    ],
)
def test_running_text(text: str, html: str) -> None:
    assert _html(text).replace("<br>\n", "<br>") == html


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("# One\n\n# One", ["one", "one_1"]),
        ("# مرحبا\n\n# 字 x", ["مرحبا", "字-x"]),
        ("# !!!\n\n# ???", ["section", "section_1"]),
        ("# One {#two}\n\n# Two", ["two", "two_1"]),
        ("# *a* `b` [c](d)", ["a-b-c"]),
    ],
)
def test_headings_have_ids_that_stay(text: str, ids: list[str]) -> None:
    html = _html(text)
    assert [part.split('"')[0] for part in html.split(' id="')[1:]] == ids


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# A\n\n## B\n\n###### C", ["h2", "h3", "h6"]),
        ("## B\n\n### C", ["h2", "h3"]),
        ("A\n=\n\nB\n-", ["h2", "h3"]),
    ],
)
def test_headings_lie_below_that_of_the_page(text: str, tags: list[str]) -> None:
    html = _html(text)
    assert [part[:2] for part in html.replace("</", "").split("<") if part[:1] == "h"] == tags


def test_tables_notes_code_and_lists() -> None:
    assert "<td>1</td>" in _html("| a |\n|---|\n| 1 |")
    assert "footnote" in _html("a[^1]\n\n[^1]: b")
    assert "<pre><code" in _html("```\na\n```")
    assert _html("- a\n\n1. b").count("<ol>") == 1
    assert 'class="x"' in _html("a\n{: .x }")


def test_a_parser_remembers_nothing() -> None:
    first = "a[^1] [b]\n\n[^1]: c\n\n[b]: https://x.example\n"
    assert "https://x.example" in _html(first)
    assert "https://x.example" not in _html("[b] a[^2]\n\n[^2]: c\n")
    assert _html(first) == _html(first)
    assert _html("# a") == _html("# a")


def test_who_looks_at_the_tree_finds_text_and_no_html() -> None:
    md = parser("Plain, *so*.", tree=True)
    root = md.parser.parseDocument(["Plain, *so*."]).getroot()
    assert root is not None
    assert [paragraph.text for paragraph in root] == ["Plain, *so*."]
