"""An issue as HTML and as text: complete, escaped, absolute, and the same every time."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.item import Picture
from pipeline.errors import RenderError
from pipeline.mail.message import compose
from pipeline.render.email import mail_of
from tests.feed_site import make
from tests.issue_desk import LETTER, TEMPLATES, issue_site, plan

if TYPE_CHECKING:
    from pipeline.core.message import Message
    from pipeline.core.plan import Plan
    from pipeline.render.site import Site

ITEMS = (
    make(
        "one",
        "2017-06-20",
        title="One & <two>",
        summary="A {{ summary }} & more",
        image=Picture(src="media/seoul.png", alt='A "hall"'),
    ),
    make("two", "2017-06-19", summary="Second."),
    make("three", "2017-06-18", lang="ar", title="ثلاثة", summary="ملخص"),
    make("draft", "2017-06-17", draft=True),
)
PLAN = plan(
    ("News <b>", ("one", "two")),
    ("Autres", ("three",)),
    ("Empty", ()),
    lead="one",
    message=(
        "Dear **readers**, see [two](two), [a draft](draft), [x](https://x.org/?a=1&b=2),\n"
        "{{ name }} <script>alert(1)</script> <b onclick='x()' style='color:red'>bold</b>[^1]\n\n"
        "![hall](media/seoul.png)\n\n[^1]: A note.\n"
    ),
)


def mail(given: Plan = PLAN, site: Site | None = None) -> Message:
    return mail_of(given, LETTER, site or issue_site(ITEMS))


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_every_style_is_in_its_element_and_media_queries_are_kept() -> None:
    html = mail().html
    assert html.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr">')
    assert html.count("<style") == 1
    assert "@media (prefers-color-scheme: dark)" in html
    assert "!important" in html
    assert "data-premailer" not in html
    tags = Tags(html)
    assert all("style" in attributes for attributes in tags.all("td"))
    assert "font-size:34px" in tags.all("h1")[0]["style"]
    assert 'class="title"' in html


def test_pictures_have_their_size_in_pixels_and_addresses_are_absolute() -> None:
    tags = Tags(mail().html)
    pictures = tags.all("img")
    assert len(pictures) == 2
    for picture in pictures:
        assert picture["src"] == "https://news.example.org/media/seoul.480w.png" or (
            picture["src"] == "https://news.example.org/media/seoul.png"
        )
        assert (picture["width"], picture["height"]) == ("536", "302")
        assert picture["alt"] in {'A "hall"', "hall"}
    for tag, attribute in (("a", "href"), ("img", "src")):
        for attributes in tags.all(tag):
            assert re.match(r"https?://|mailto:", attributes[attribute])


def test_every_table_is_for_layout_and_no_attribute_was_forced() -> None:
    tags = Tags(mail().html)
    assert all(attributes.get("role") == "presentation" for attributes in tags.all("table"))
    assert not any(
        "bgcolor" in attributes or "valign" in attributes for _, attributes in tags.found
    )


def test_what_editors_type_is_data() -> None:
    found = mail()
    assert "One &amp; &lt;two&gt;" in found.html
    assert "News &lt;b&gt;" in found.html
    assert "A {{ summary }} &amp; more" in found.html
    assert "{{ name }}" in found.html
    assert "{{ name }}" in found.text
    assert "A {{ summary }} & more" in found.text
    for evil in ("<script", "alert(1)", "onclick", "color:red"):
        assert evil not in found.html
        assert evil not in found.text


def test_the_lead_stands_once_and_empty_sections_nowhere() -> None:
    found = mail()
    assert found.html.count(">One &amp; &lt;two&gt;</a>") == 1
    assert "Empty" not in found.html
    assert "Empty" not in found.text


def test_an_item_in_another_language_says_so() -> None:
    html = mail().html
    assert re.search(r'<td class="row" lang="ar" dir="rtl"[^>]*>', html)
    assert "ثلاثة" in html


def test_links_to_drafts_are_text_in_both_parts() -> None:
    found = mail()
    assert "items/2017/draft" not in found.html + found.text
    assert "a draft" in found.html
    assert "a draft," in found.text


def test_tokens_stand_on_lines_of_their_own_and_survive_the_encoding() -> None:
    found = mail()
    for token in (UNSUBSCRIBE, PREFERENCES):
        assert re.search(rf'^href="{token}"', found.html, re.MULTILINE)
        assert f"\n{token}\n" in found.text
    raw = compose(found)
    assert raw.count(UNSUBSCRIBE.encode()) == 3
    assert raw.count(PREFERENCES.encode()) == 2


def test_sender_address_and_reason_are_there() -> None:
    found = mail()
    for part in (found.html, found.text):
        assert "1200 Genève" in part
        assert "because you asked for eNewsUpdate" in part
        assert "https://news.example.org/issues/enewsupdate/2017-05/" in part


def test_the_text_comes_from_the_markdown() -> None:
    text = mail().text
    assert text.startswith(
        "eNewsUpdate No. 5, June 2017\n============================\n\n30 June 2017\n"
    )
    assert "Dear *readers*, see two [1], a draft, x [2], {{ name }}" in text
    assert "[1] https://news.example.org/items/2017/two/\n[2] https://x.org/?a=1&b=2\n" in text
    assert "* two".casefold() in text.casefold()
    assert "  [1] https://news.example.org/items/2017/two/\n" in text
    assert "padding" not in text
    assert "<" not in text.replace("<two>", "").replace("<b>", "")
    assert max(len(line) for line in text.split("\n") if "://" not in line) <= 72
    assert "\n\n\n\n" not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


def test_subject_preheader_and_their_defaults() -> None:
    assert mail().subject == "eNewsUpdate No. 5, June 2017"
    assert "One &amp; &lt;two&gt; · Two · ثلاثة</div>" in mail().html
    given = replace(PLAN, subject="Hello", preheader="In short")
    assert mail(given).subject == "Hello"
    assert ">In short</div>" in mail(given).html


def test_headers_come_from_the_newsletter_and_the_plan() -> None:
    found = mail()
    assert found.sender == "Coop <coop@news.example.org>"
    assert found.date.isoformat() == "2017-06-30T09:00:00+02:00"
    assert found.list_id == "enewsupdate.news.example.org"


def test_a_right_to_left_newsletter_is_mirrored() -> None:
    site = issue_site(ITEMS)
    arabic = replace(site.catalogue.newsroom, language="ar")
    found = mail(site=replace(site, catalogue=replace(site.catalogue, newsroom=arabic)))
    assert '<html lang="ar" dir="rtl">' in found.html
    assert 'class="message rtl"' in found.html
    assert '<td align="left"' in found.html


def test_the_same_issue_gives_the_same_message() -> None:
    assert mail() == mail()


@pytest.mark.parametrize("name", ["email/style.css", "email/head.css"])
@pytest.mark.parametrize("rule", ["@import url(http://x.org/a.css);", "@IMPORT 'a';", "@\\69mport"])
def test_no_style_sheet_loads_another(
    name: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    asset = TEMPLATES.asset

    def evil(wanted: str) -> bytes:
        return asset(wanted) + (f"\n{rule}".encode() if wanted == name else b"")

    monkeypatch.setattr(TEMPLATES, "asset", evil)
    with pytest.raises(RenderError, match="@import"):
        mail()
