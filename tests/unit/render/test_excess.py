"""Texts whose HTML would burst, and honest ones that look a little like them."""

from __future__ import annotations

import time

import pytest

from pipeline.render.excess import refuse_html, refuse_references

PARAGRAPHS = "<p>x</p>" * 12_000


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>a < b > c</p>",
        "<div>" * 200,
        "<div><p>x<p>y</div>" * 5000,
        "<ul><li>a<li>b</ul>" * 5000,
        "<table><tr><td>a<td>b<tr><td>c</table>" * 5000,
        "<p><b><i>x</i></b></p>" * 10_000,
        "<p>a<br>b<img src=x><hr></p>" * 10_000,
        "<b>never closed" + "<p>x" * 10_000,
        "<!-- more --><!-- <p><b>x</b></p> -->" * 50 + PARAGRAPHS,
        "<a title='a > b'>x</a>" * 1000,
        "<p>-->" * 1000,
    ],
)
def test_honest_html(html: str) -> None:
    refuse_html(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 201,
        "<x>" * 201,
        "<DIV ><Div>" * 101,
        "<div></zzz>" * 201,
        "<div><table><td></div></table>" * 201,
        "<b>" * 100 + PARAGRAPHS,
        "<b></zzz>" * 100 + PARAGRAPHS,
        "<p><b></p>" * 100 + PARAGRAPHS,
        "<b title='</b>'>" * 100 + PARAGRAPHS,
        '<b title="</b>">' * 100 + PARAGRAPHS,
        "<b><!-- </b> -->" * 100 + PARAGRAPHS,
        "<b><!--></b>-->" * 100 + PARAGRAPHS,
        "<b><![CDATA[</b>]]>" * 100 + PARAGRAPHS,
        "<b></ </b>" * 100 + PARAGRAPHS,
        "<b><? </b>" * 100 + PARAGRAPHS,
        "<b><textarea></b></textarea>" * 100 + PARAGRAPHS,
    ],
)
def test_html_that_would_burst(html: str) -> None:
    with pytest.raises(RecursionError):
        refuse_html(html)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[a]: https://example.org/\n\n" + "[a] " * 10_000,
        "[a]: https://example.org/" + "x" * 2000 + "\n\n" + "[a] " * 1000,
        "[^1]: " + "A long note. " * 5000 + "\n\n" + "[a](b) " * 2000,
        "[a] " * 10_000 + "x" * 100_000,
    ],
)
def test_honest_references(text: str) -> None:
    refuse_references(text)


@pytest.mark.parametrize(
    "text",
    [
        "[a]: https://example.org/" + "x" * 20_000 + "\n\n" + "[a] " * 2000,
        "[a] " * 2000 + "\n\n[a]:\n  https://example.org/" + "x" * 20_000,
        "[a] " * 2000 + "\n\n   [a]: x\n'" + "x" * 20_000 + "'",
        "[a\nb]: " + "x" * 20_000 + "\n\n" + "[a\nb] " * 2000,
    ],
)
def test_references_that_would_burst(text: str) -> None:
    with pytest.raises(RecursionError):
        refuse_references(text)


def test_asking_costs_little() -> None:
    began = time.process_time()
    refuse_references("[" * 500_000 + "]:")
    refuse_html("<" * 500_000 + "a b " * 100_000)
    assert time.process_time() - began < 2
