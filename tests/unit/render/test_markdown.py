"""Markdown to HTML that is safe to publish anywhere: what stays, what goes, and excerpts."""

from __future__ import annotations

import pytest

from pipeline.render.links import MARK
from pipeline.render.markdown import body, excerpt, for_feed, for_mail, shorten


def _html(text: str) -> str:
    return body(text, name="slug").html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("*a* **b** `c` ~~d~~", "<p><em>a</em> <strong>b</strong> <code>c</code> <del>d</del></p>"),
        ("a & b < c > d \"e\" 'f'", "<p>a &amp; b &lt; c &gt; d \"e\" 'f'</p>"),
        ("{{ 7*7 }} {% x %}", "<p>{{ 7*7 }} {% x %}</p>"),
        ("<b>a</b> <mark>b</mark>", "<p><b>a</b> <mark>b</mark></p>"),
        ('<a href="https://x.example/" target="_blank" onclick="x()">a</a>',
         '<p><a href="https://x.example/">a</a></p>'),
        ("[a](https://x.example/?a=1&b=2)", '<p><a href="https://x.example/?a=1&amp;b=2">a</a></p>'),
        ("[a](mailto:a@x.example)", '<p><a href="mailto:a@x.example">a</a></p>'),
        ("[a](#b)", '<p><a href="#b">a</a></p>'),
        ("[a](b.md)", f'<p><a href="{MARK}b.md{MARK}">a</a></p>'),
        ("![a](media/b.png)", f'<p><img alt="a" src="{MARK}media/b.png{MARK}"></p>'),
        ('<img src="media/b.png">', f'<p><img src="{MARK}media/b.png{MARK}" alt=""></p>'),
        ("# One\n\n## Two", '<h2 id="one">One</h2>\n<h3 id="two">Two</h3>'),
    ],
)  # fmt: skip
def test_what_stays(text: str, html: str) -> None:
    assert _html(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a<script>alert(1)</script>b", "<p>ab</p>"),
        ("a<style>p{}</style>b", "<p>ab</p>"),
        ("[a](javascript:alert(1))", "<p><a>a</a></p>"),
        ("[a](JAVA&#115;CRIPT:alert(1))", "<p><a>a</a></p>"),
        ("[a](data:text/html,x)", "<p><a>a</a></p>"),
        ("[a](//x.example/)", "<p><a>a</a></p>"),
        ("![a](javascript:x)", "<p></p>"),
        ("<img alt=a> b", "<p> b</p>"),
        ('<p style="x" onclick="y">a</p>', "<p>a</p>"),
        ("<q cite='javascript:x'>a</q>", "<p><q>a</q></p>"),
        ("<iframe src='https://x.example/'></iframe>a", "<p>a</p>"),
        ("a &#0;&#1;&#x1F;&#xFFFF;&#x1FFFE; b", "<p>a \ufffd b</p>"),
        ("a &#2;&#x02;<b title='&#2'>b</b>", '<p>a   <b title=" ">b</b></p>'),
        ("&#&#2;2;", "<p>&amp;# 2;</p>"),
    ],
)
def test_what_goes(text: str, html: str) -> None:
    assert _html(text) == html


def test_marks_that_an_editor_types_are_none() -> None:
    read = body('href="&#2;x&#2;" <b title="href=&quot;&#2;x&#2;&quot;">b</b> `&#2;`', name="slug")
    assert read.urls == ()
    assert MARK not in read.html
    assert "<code>&amp;#2;</code>" in read.html


def test_relative_urls_are_listed_once_in_order() -> None:
    text = (
        "[a](b%20c.md) [d](e) [f](b%20c.md) <a href='g&amp;h'>i</a> [j](https://x.example) [k](#l)"
    )
    assert body(text, name="slug").urls == ("b%20c.md", "e", "g&h")


def test_notes_have_ids_of_their_own() -> None:
    html = _html('One[^1] and `id="fn:1"`.\n\n[^1]: Note `href="#fn:1"`.')
    assert '<sup id="slug-fnref:1">' in html
    assert 'href="#slug-fn:1"' in html
    assert '<li id="slug-fn:1">' in html
    assert '<code>id="fn:1"</code>' in html
    assert '<code>href="#fn:1"</code>' in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One *two*\nthree.\n\nFour.", "One two three."),
        ("# Heading\n\nText.", "Text."),
        ("    code\n\nText.", "Text."),
        ("![a > b](x.png)\n\nText.", "Text."),
        ("One[^1].\n\n[^1]: Note.", "One."),
        ("&lt;b&gt; &amp; &copy;", "<b> & ©"),
        ("<p class=a title='x > y'>Text.</p>", "Text."),
        ("", ""),
        ("- a\n- b", ""),
    ],
)
def test_the_excerpt_is_the_first_paragraph(text: str, shown: str) -> None:
    assert body(text, name="slug").excerpt == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("One two", 7, "One two"),
        ("One two three", 9, "One two…"),
        ("One, two", 6, "One…"),
        ("One – two", 7, "One…"),
        ("Onetwothree", 5, "Onet…"),
        ("字" * 300, 240, "字" * 239 + "…"),
    ],
)
def test_a_short_text_is_cut_between_words(text: str, limit: int, shown: str) -> None:
    assert shorten(text, limit) == shown
    assert len(shown) <= limit


def test_excerpts_are_cut_too() -> None:
    assert excerpt("<p>One two three</p>", 9) == "One two…"


def test_feeds_get_no_classes_and_no_ids_but_those_of_notes() -> None:
    html = _html('# A {#x .y}\n\nB[^1] class="z" id="w"\n\n[^1]: C')
    told = for_feed(html)
    assert "<h2>A</h2>" in told
    assert '<sup id="slug-fnref:1"><a href="#slug-fn:1">1</a></sup> class="z" id="w"' in told
    assert '<li id="slug-fn:1">' in told
    assert "footnote" not in told


def test_mails_get_no_ids_and_no_links_within_the_text() -> None:
    told = for_mail(_html("# A\n\nB[^1] [c](#a) [d](https://x.example/)\n\n[^1]: E"))
    assert "id=" not in told
    assert "#" not in told
    assert "<sup>1</sup>" in told
    assert "↩" not in told
    assert '<a href="https://x.example/">d</a>' in told
    assert for_mail("<details open><summary>a</summary>b</details>") == "ab"


def test_in_mails_what_is_typed_runs_from_left_to_right() -> None:
    told = for_mail(_html("`a/` <kbd>b</kbd> <code dir='rtl'>c</code> <col>\n\n    d\n"))
    assert '<code dir="ltr">a/</code> <kbd dir="ltr">b</kbd> <code dir="rtl">c</code>' in told
    assert '<pre dir="ltr"><code dir="ltr">d' in told


@pytest.mark.parametrize("text", ["<div>" * 300, "[a]: " + "x" * 20_000 + "\n\n" + "[a] " * 2000])
def test_what_would_burst_is_refused(text: str) -> None:
    with pytest.raises(RecursionError):
        body(text, name="slug")
