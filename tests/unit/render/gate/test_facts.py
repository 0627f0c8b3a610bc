"""Where a finding comes from: an item, the plan, a template, a line."""

from __future__ import annotations

import pytest

from pipeline.render.gate.document import parse, plain
from tests.mail_desk import BASE, HTML, mail


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{BASE}/", ""),
        (BASE, ""),
        (f"{BASE}/a/b%20c/#d", "a/b c/"),
        (f"{BASE}/a?b", "a"),
        ("https://news.example.org.evil.example/a", None),
        ("http://news.example.org/a", "a"),
        ("https://News.Example.org/a", "a"),
        ("https://news.example.org:443/a", "a"),
        ("http://news.example.org:80/a", "a"),
        ("https://x@news.example.org/a", "a"),
        ("https://news.example.org./a", "a"),
        ("https://news.example.org:8443/a", None),
        ("https://news.example.org:x/a", None),
        ("/a", None),
        ("mailto:a@b", None),
    ],
)
def test_what_lies_below_the_site(url: str, path: str | None) -> None:
    assert mail().within(url) == path


def test_a_site_below_a_path() -> None:
    letter = mail(base_url="https://example.org/news")
    assert letter.within("https://example.org/news/a/") == "a/"
    assert letter.within("https://example.org/newsroom/") is None
    assert letter.within("https://example.org/") is None


def test_an_element_belongs_to_the_item_that_its_row_links_to() -> None:
    letter = mail()
    summary = next(x for x in letter.document.body.iter("p") if "Forty" in (x.text or ""))
    assert letter.place(summary) == "items/2017/two.md"
    assert letter.place(summary, "Forty families") == "items/2017/two.md:7"


def test_what_the_message_says_stands_in_the_plan() -> None:
    letter = mail()
    link = next(x for x in letter.document.links if "elsewhere" in x.href)
    assert letter.place(link.element, link.href) == "issues/letter/2017-05.md:7"


def test_the_rest_is_a_line_of_the_html() -> None:
    letter = mail()
    foot = next(x for x in letter.document.links if "unsubscribe" in x.href)
    assert letter.place(foot.element).startswith("HTML, line ")


def test_without_a_plan_the_part_is_named() -> None:
    assert mail(plan=None).in_plan("subject", part="subject") == "subject"


def test_the_preheader_is_read_without_its_padding() -> None:
    assert parse(HTML).preheader == "Two weeks in Seoul, and a grain store of one's own"
    assert parse("<body><p>Seen</p></body>").preheader == ""
    assert plain(" a\u00a0b\u200c \n c ") == "a b c"


@pytest.mark.parametrize("html", ["", " ", "<", "<p>x", "no tags", "<html></html>", "<body>"])
def test_any_html_is_parsed(html: str) -> None:
    assert parse(html).preheader == ""
