"""An issue as HTML and as text: complete, escaped, absolute, and the same every time."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.budget import HTML_MOST, weight
from pipeline.core.colour import contrast
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.item import Picture
from pipeline.errors import RenderError
from pipeline.mail.message import compose
from pipeline.render.email import MARGIN, letter_of, mail_of
from tests.feed_site import make
from tests.issue_desk import LETTER, TEMPLATES, issue_site, plan
from tests.letter_desk import Tags, long_issue

if TYPE_CHECKING:
    from pipeline.core.item import Item
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
WITH_PICTURES = tuple(
    replace(item, image=Picture(src="media/seoul.png", alt="A hall") if item.id == "two" else None)
    for item in ITEMS
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


def test_every_style_is_in_its_element_and_media_queries_are_kept() -> None:
    html = mail().html
    assert html.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr"')
    head, _, _ = html.partition("</head>")
    assert "@media (prefers-color-scheme: dark)" in head
    assert "[data-ogsc] .ink { color: #e3ebe8 !important; }" in head
    assert "var(" not in html
    tags = Tags(html)
    assert all("style" in attributes for attributes in tags.all("td"))
    (title,) = tags.all("h1")
    assert title["class"] == "name"
    assert "font-size:40px" in title["style"]


def test_it_holds_where_the_head_is_dropped() -> None:
    """Gmail with accounts of others: each column is a block that falls below the one before."""
    html = mail(site=issue_site(WITH_PICTURES)).html
    tags = Tags(html.partition("</head>")[2])
    side, beside = (x for x in tags.all("div") if "inline-block" in x.get("style", ""))
    assert "width:100%;max-width:188px" in side["style"]
    assert "width:100%;max-width:348px" in beside["style"]
    assert re.search(r"</div><!--\[if mso\]>[^\n]*<!\[endif\]--><div class=\"beside\"", html)


def test_outlook_for_windows_has_a_table_of_fixed_width_for_each_pair_of_columns() -> None:
    html = mail(site=issue_site(WITH_PICTURES)).html
    for width, columns in ((600, (600,)), (536, (188, 348))):
        assert re.search(rf'<!--\[if mso\]><table role="presentation" width="{width}"', html)
        for column in columns:
            assert re.search(rf'<!--\[if mso\]>(?:(?!endif).)*<td width="{column}"', html)
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->")
    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in html
    for part in re.findall(r"<!--\[if mso\]>.*?<!\[endif\]-->", html, re.DOTALL):
        assert "max-width" not in part


def test_no_layout_that_outlook_does_not_know() -> None:
    body = mail(site=issue_site(WITH_PICTURES)).html.partition("<body")[2]
    for unknown in ("flex", "grid", "float:", "background-image", "position:"):
        assert unknown not in body
    for picture in Tags(body).all("img"):
        assert "margin" not in picture["style"]


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
        assert {"max-width:536px", "width:100%", "height:auto"} <= {*picture["style"].split(";")}
    for tag, attribute in (("a", "href"), ("img", "src")):
        for attributes in tags.all(tag):
            assert re.match(r"https?://|mailto:", attributes[attribute])


def test_every_table_is_for_layout_and_no_attribute_was_forced() -> None:
    tags = Tags(mail().html)
    for table in tags.all("table"):
        assert table["role"] == "presentation"
        assert (table["cellpadding"], table["cellspacing"], table["border"]) == ("0", "0", "0")
    assert {x["bgcolor"] for _, x in tags.found if "bgcolor" in x} == {"#f0f4f2", "#fdfefe"}
    assert not any(x.get("width") == "auto" for _, x in tags.found)


def test_headings_go_down_one_level_at_a_time() -> None:
    found = [tag for tag, _ in Tags(mail().html).found if tag in {"h1", "h2", "h3", "h4"}]
    assert found == ["h1", "h2", "h2", "h3", "h2", "h3"]


def test_it_is_one_article_with_a_main_part_and_a_language() -> None:
    tags = Tags(mail().html)
    (article,) = (x for x in tags.all("div") if x.get("role") == "article")
    assert (article["lang"], article["dir"]) == ("en", "ltr")
    assert article["aria-label"] == "eNewsUpdate No. 5, June 2017"
    assert sum(x.get("role") == "main" for x in tags.all("div")) == 1


def test_the_parts_come_in_their_order_in_both() -> None:
    given, site = long_issue(2)
    found = mail(given, site)
    html = ["Read online</a>", "<h1", "Dear readers", "lead: what", "Section 0",
            "s0-0: what", "s0-1: what", "Themes in this issue", "Follow by feed", "1200 Genève",
            "because you asked", "Choose what you get", "Unsubscribe"]  # fmt: skip
    text = ["Read online:", *html[2:]]
    shown = found.html.partition('role="main"')[2]
    for part, words in ((shown, html), (found.text, text)):
        places = [part.index(word) for word in words]
        assert places == sorted(places)


def test_a_second_link_says_where_it_leads() -> None:
    html = mail(PLAN).html
    assert ">Read on: Two</a>" in html
    texts = re.findall(r">(Read on[^<]*)</a>", html)
    assert len(texts) == len(set(texts))


def test_a_picture_without_words_is_no_link() -> None:
    bare = (replace(ITEMS[0], image=Picture(src="media/seoul.png", alt="")), *ITEMS[1:])
    html = mail(site=issue_site(bare)).html
    assert re.search(r'<td class="lead-picture"[^>]*><img', html)
    linked = re.search(r'<td class="lead-picture"[^>]*><a [^>]*><img', mail().html)
    assert linked is not None


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
    row = r'<td class="row text ink arabic" align="right" lang="ar" dir="rtl"[^>]*>'
    assert re.search(row, html)
    assert ">العربية</p>" in html
    assert ">تابع القراءة: ثلاثة</a>" in html
    assert "* ثلاثة\n  (العربية)\n  ملخص\n" in mail().text


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
    assert '">One &amp; &lt;two&gt; · Two · ثلاثة\u034f\u200c' in mail().html
    given = replace(PLAN, subject="Hello", preheader="In short")
    assert mail(given).subject == "Hello"
    padding = "\u034f\u200c\u00a0" * 152
    assert f'">In short{padding}</div>' in mail(given).html


def test_the_title_is_the_name_and_what_follows_it() -> None:
    html = mail().html
    assert re.search(r">eNewsUpdate<br><span [^>]*>No. 5, June 2017</span></h1>", html)
    special = mail(replace(PLAN, title="eNewsUpdates of the Day")).html
    assert re.search(r'<p class="small kicker accent"[^>]*>eNewsUpdate</p>', special)
    assert ">eNewsUpdates of the Day</h1>" in special


def test_headers_come_from_the_newsletter_and_the_plan() -> None:
    found = mail()
    assert found.sender == "Coop <coop@news.example.org>"
    assert found.date.isoformat() == "2017-06-30T09:00:00+02:00"
    assert found.list_id == "enewsupdate.news.example.org"


def arabic(items: tuple[Item, ...] = ITEMS) -> Site:
    site = issue_site(items)
    room = replace(site.catalogue.newsroom, language="ar")
    return replace(site, catalogue=replace(site.catalogue, newsroom=room))


def test_a_right_to_left_newsletter_is_mirrored() -> None:
    html = mail(site=arabic()).html
    assert html.startswith('<!DOCTYPE html>\n<html lang="ar" dir="rtl"')
    tags = Tags(html)
    assert all(x["dir"] == "rtl" for x in tags.all("table") if "dir" in x)
    (title,) = (x for x in tags.all("td") if x.get("class", "").startswith("masthead"))
    assert title["align"] == "right"
    (message,) = (x for x in tags.all("td") if x.get("class", "").startswith("message"))
    assert message["class"].endswith(" rtl")
    assert re.search(r'align="left"[^>]*><a class="accent" [^>]*>اقرأ على الويب</a>', html)


def test_a_picture_stands_where_its_row_begins() -> None:
    turned = tuple(replace(item, lang="ar") for item in WITH_PICTURES)
    html = mail(site=arabic(turned)).html
    assert re.search(
        r'<td class="thumbnail rtl" align="right" style="padding:5px 0 12px 20px"', html
    )
    assert 'cellspacing="0" border="0" dir="rtl"><tr><td width="188"' in html
    plain = mail(site=issue_site(WITH_PICTURES)).html
    assert re.search(r'<td class="thumbnail" align="left" style="padding:5px 20px 12px 0"', plain)


def test_the_newsrooms_accent_is_made_readable_on_light_and_on_dark() -> None:
    site = issue_site(ITEMS)
    room = replace(site.catalogue.newsroom, accent="#ffcc00")
    html = mail(site=replace(site, catalogue=replace(site.catalogue, newsroom=room))).html
    (light,) = set(re.findall(r'<a class="accent"[^>]*style="color:(#\w+)"', html))
    (dark,) = re.findall(r"^\.accent, \.message a \{ color: (#\w+) !important", html, re.MULTILINE)
    assert light != "#ffcc00"
    assert contrast(light, "#fdfefe") >= 4.5
    assert dark == "#ffcc00"
    assert "#00665c" not in html


def test_a_logo_is_fitted_into_its_box() -> None:
    site = issue_site(ITEMS)
    room = replace(site.catalogue.newsroom, logo=Picture(src="media/seoul.png", alt="Coop"))
    html = mail(site=replace(site, catalogue=replace(site.catalogue, newsroom=room))).html
    (logo,) = (x for x in Tags(html).all("img") if x["alt"] == "Coop")
    assert (logo["width"], logo["height"]) == ("114", "64")
    assert logo["src"] == "https://news.example.org/media/seoul.336w.png"


@pytest.mark.parametrize(("layout", "marks"), [("list", "listed"), ("cards", "card")])
def test_a_section_may_ask_for_another_layout(layout: str, marks: str) -> None:
    sections = tuple(replace(section, layout=layout) for section in PLAN.sections)
    html = mail(replace(PLAN, sections=sections), issue_site(WITH_PICTURES)).html
    assert f'class="{marks}' in html
    assert 'class="row ' not in html
    assert ("Second." in html) == (layout == "cards")


def test_a_layout_that_is_not_there_is_named() -> None:
    sections = tuple(replace(section, layout="tiles") for section in PLAN.sections)
    with pytest.raises(RenderError, match=r"'News <b>' asks for .* there are cards, list, rows"):
        mail(replace(PLAN, sections=sections))


def test_comments_and_indents_are_gone_but_those_that_count() -> None:
    html = mail().html
    kept = re.findall(r"<!--([^>\[]{0,14})", html)
    assert set(kept) <= {"only-mail--", "/only-mail--", ""}
    assert not re.search(r"\n[ \t]|[ \t]\n|\n\n", html)


def test_gmail_shows_all_of_a_very_long_issue() -> None:
    given, site = long_issue(60, 60)
    letter = letter_of(given, LETTER, site)
    assert weight(letter.message.html) <= HTML_MOST - MARGIN
    assert letter.shortened.titles > 50
    assert UNSUBSCRIBE in letter.message.html
    assert "1200 Genève" in letter.message.html
    assert letter.message.text.count("\n* s") == 120


def test_a_short_issue_is_whole() -> None:
    letter = letter_of(PLAN, LETTER, issue_site(ITEMS))
    assert not letter.shortened


def test_a_version_has_its_own_address_and_feed() -> None:
    letter = replace(LETTER, languages=("en", "fr"))
    html = mail_of(PLAN, letter, issue_site(ITEMS), lang="fr").html
    assert 'href="https://news.example.org/issues/enewsupdate/2017-05/fr/"' in html
    assert 'href="https://news.example.org/issues/enewsupdate/fr/feed.xml"' in html
    assert '<html lang="fr" dir="ltr"' in html
    assert "30 juin 2017" in html
    assert re.search(r'<td class="row text ink" align="left" lang="en" dir="ltr"', html)


@pytest.mark.parametrize(
    ("lang", "label"),
    [
        ("en", "Read online:"),
        ("fr", "Lire en ligne\u00a0:"),
        ("es", "Leer en línea:"),
        ("ar", "اقرأ على الويب:"),
    ],
)
def test_a_label_in_the_text_ends_as_its_language_has_it(lang: str, label: str) -> None:
    letter = replace(LETTER, languages=("en", lang))
    text = mail_of(PLAN, letter, issue_site(ITEMS), lang=lang).text
    assert f"\n{label}\nhttps://" in text
    assert len(re.findall("[^\u00a0]:$" if lang != "fr" else "\u00a0:$", text, re.MULTILINE)) == 4


def test_themes_run_their_own_way_in_a_version_in_another_language() -> None:
    letter = replace(LETTER, languages=("en", "ar"))
    given, site = long_issue(2)
    link = re.compile(r'<a class="accent"[^>]*/themes/care/"[^>]*>')
    (there,) = link.findall(mail_of(given, letter, site, lang="ar").html)
    assert ' lang="en" dir="ltr"' in there
    (here,) = link.findall(mail_of(given, letter, site, lang="en").html)
    assert " dir=" not in here


def test_the_same_issue_gives_the_same_message() -> None:
    assert mail() == mail()


@pytest.mark.parametrize(
    "name", ["email/style.css", "email/head.css", "email/clients.css", "email/look.css"]
)
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
