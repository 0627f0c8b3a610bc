"""The feeds of a site: planned without reading, sound, agreeing, and the same on every machine."""

from __future__ import annotations

import locale
import os
import re
import subprocess
import sys
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import unescape
from typing import TYPE_CHECKING, NoReturn

import pytest

from pipeline.core.newsroom import FeedSettings
from pipeline.errors import EnewsError
from pipeline.render import feed_xml
from pipeline.render.feeds import feed_pages
from tests.feed_readers import findings, parse, read
from tests.feed_site import BODIES, ITEMS, MEDIA, NEWSROOM, THEMES, day, make, make_site, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsroom
    from pipeline.render.site import Site

BASES = (
    "",
    "kinds/news/",
    "kinds/champion/",
    "kinds/resource/",
    "themes/care/",
    "themes/youth/",
    "issues/enewsupdate/",
)
FORMATS = ("feed.xml", "atom.xml", "feed.json")
SUMMARIES = make_site(newsroom=replace(NEWSROOM, feeds=FeedSettings(full_text=False)))


def keys(site: Site) -> dict[str, str]:
    return {page.path: page.key for page in feed_pages(site)}


def changed(before: Site, after: Site) -> set[str]:
    """The feeds (by folder) whose keys differ, in all three formats alike."""
    old, new = keys(before), keys(after)
    moved = {path.rpartition("/")[0] for path in old if old[path] != new[path]}
    for base in moved:
        prefix = f"{base}/" if base else ""
        assert all(old[prefix + name] != new[prefix + name] for name in FORMATS)
    return moved


def with_item(name: str, **values: object) -> Site:
    items = [replace(x, **values) if x.id == name else x for x in ITEMS]  # type: ignore[arg-type]
    return make_site(items)


def test_three_formats_for_everything_kinds_themes_and_issues() -> None:
    assert list(rendered()) == [*(base + name for base in BASES for name in FORMATS), "feeds.opml"]


def test_announcing_items_are_in_their_newsletters_feed() -> None:
    assert [item.id for item in read("feed.xml", rendered()["issues/enewsupdate/feed.xml"])] == [
        "tag:news.example.org,2016:issue-5"
    ]


def test_planning_reads_no_body() -> None:
    def forbidden(item: Item) -> NoReturn:
        raise AssertionError(item)

    pages = list(feed_pages(replace(make_site(), body_of=forbidden)))
    assert len({page.key for page in pages}) == len(pages)


def test_keys_move_with_what_a_feed_tells() -> None:
    site = make_site()
    assert changed(site, make_site(bodies={})) == set()
    everywhere = {"", "kinds/news", "themes/care"}
    assert changed(site, with_item("seoul", digest="new")) == everywhere
    assert changed(site, with_item("seoul", path="items/2017/new/")) == everywhere
    assert changed(site, with_item("seoul", date=day("2017-07-11"))) == everywhere
    assert changed(site, with_item("seoul", updated=day("2017-07-13"))) == everywhere
    assert changed(site, replace(site, link_keys={"seoul": "moved"})) == everywhere
    assert changed(site, with_item("bare", digest="new")) == {"", "kinds/champion"}


def test_keys_move_with_picture_theme_and_environment() -> None:
    site = make_site()
    media = {**MEDIA, "media/seoul.png": replace(MEDIA["media/seoul.png"], digest="new")}
    other = replace(site.catalogue, media=media)
    assert changed(site, replace(site, catalogue=other)) == {"", "kinds/news", "themes/care"}
    themes = {**THEMES, "care": replace(THEMES["care"], digest="new")}
    other = replace(site.catalogue, themes=themes)
    assert changed(site, replace(site, catalogue=other)) == {"", "kinds/news", "themes/care"}
    after = keys(replace(site, environment="new"))
    assert all(key != after[path] for path, key in keys(site).items())


def test_every_feed_is_sound() -> None:
    for site in (make_site(), SUMMARIES, make_site([]), make_site(newsroom=hub_newsroom())):
        for path, data in rendered(site).items():
            if path != "feeds.opml":
                assert findings(path, data) == [], path


def hub_newsroom() -> Newsroom:
    return replace(NEWSROOM, feeds=FeedSettings(hub="https://hub.example/?x=1&y=2"))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("site", [make_site(), SUMMARIES], ids=["full", "summaries"])
def test_formats_agree(site: Site, base: str) -> None:
    files = rendered(site)
    rss, atom, json = (read(name, files[base + name]) for name in FORMATS)
    assert rss == atom == json
    assert [item.published for item in rss] == sorted(
        (item.published for item in rss), reverse=True
    )


def test_a_real_reader_sees_the_same_in_rss_and_atom() -> None:
    files = rendered()
    expected = read("feed.json", files["feed.json"])
    for name in ("feed.xml", "atom.xml"):
        parsed = parse(files[name])
        assert parsed.feed.title == "Coop & Co"
        assert parsed.feed.link == "https://news.example.org/"
        assert parsed.feed.language == "en"
        for entry, item in zip(parsed.entries, expected, strict=True):
            assert (entry.id, entry.link, entry.title) == (item.id, item.url, item.title)
            assert timegm(entry.published_parsed) == item.published.timestamp()
            assert unescape(entry.get("summary", "")) in {item.summary, unescape(item.html)}
            html = [content.value for content in entry.get("content", [])]
            assert (html or [entry.get("summary", "")])[0] == item.html
            assert tuple(author.name for author in entry.authors) == item.authors
            pictures = [(x.href, x.type, int(x.length)) for x in entry.enclosures]
            assert pictures == ([item.enclosure] if item.enclosure else [])


def test_order_does_not_depend_on_the_order_of_files() -> None:
    assert rendered(make_site(reversed(ITEMS))) == rendered()


def test_rendering_twice_gives_the_same_bytes() -> None:
    site = make_site()
    assert rendered(site) == rendered(site) == rendered()


def test_no_clock_in_a_feed() -> None:
    # feedgen dates the feed and every Atom entry with the clock unless told otherwise.
    now = datetime.now(UTC)
    for moment in (now - timedelta(days=1), now, now + timedelta(days=1)):
        for data in rendered().values():
            assert moment.date().isoformat().encode() not in data
            assert format_datetime(moment)[5:16].encode() not in data


def test_no_locale_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    # feedgen writes RSS dates by way of setlocale, which is that of the whole process.
    def forbidden(*_: object) -> NoReturn:
        raise AssertionError("setlocale")

    monkeypatch.setattr(locale, "setlocale", forbidden)
    assert b"Wed, 12 Jul 2017" in rendered()["feed.xml"]


def test_a_library_that_turns_the_order_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepend(self: feed_xml.Generator, entry: object, *, order: str) -> object:
        assert order == "append"
        return super(feed_xml.Generator, self).add_entry(entry, order="prepend")

    monkeypatch.setattr(feed_xml.Generator, "add_entry", prepend, raising=False)
    pages = {page.path: page for page in feed_pages(make_site())}
    for path in ("feed.xml", "atom.xml"):
        with pytest.raises(EnewsError, match="order"):
            pages[path].render()


def test_an_item_is_told_alike_in_every_feed_that_holds_it() -> None:
    # Its XML is made once and moves from one feed to the next: no feed may leave a mark on it.
    alone = {page.path: page.render() for page in feed_pages(make_site())}
    for page in reversed(list(feed_pages(make_site()))):
        assert page.render() == alone[page.path]
        assert page.render() == alone[page.path]


def test_limit() -> None:
    site = make_site(newsroom=replace(NEWSROOM, feeds=FeedSettings(limit=2)))
    assert [item.title for item in read("feed.xml", rendered(site)["feed.xml"])] == [
        "Academy in Seoul: <Social> & Solidarity",
        "No. 5, June 2017",
    ]


PROBE = """
import hashlib, sys
from tests.feed_site import make_site, feed_pages
pages = list(feed_pages(make_site()))
print(sorted({"feedgen", "lxml", "babel"} & set(sys.modules)))
print(hashlib.sha256(b"".join(page.key.encode() + page.render() for page in pages)).hexdigest())
"""


def test_same_bytes_on_every_machine_and_libraries_loaded_late_only() -> None:
    def run(**environment: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", PROBE],
            env={**os.environ, **environment},
            capture_output=True,
            check=True,
            text=True,
        )
        loaded, digest = done.stdout.split("\n")[:2]
        return loaded, digest

    first = run(PYTHONHASHSEED="1", TZ="Asia/Seoul", LC_ALL="C.UTF-8")
    assert first[0] == "[]"
    assert run(PYTHONHASHSEED="2", TZ="America/Lima", LC_ALL="C") == first


def body(name: str, files: Mapping[str, bytes] | None = None) -> str:
    items = read("feed.json", (files or rendered())["feed.json"])
    return next(item.html for item in items if item.id.endswith(f":{name}"))


def test_picture_comes_first_with_size_caption_and_credit() -> None:
    assert body("seoul").startswith(
        '<figure><img src="https://news.example.org/media/seoul.png" width="960" height="540"'
        ' alt="A &quot;hall&quot;"><figcaption>The &lt;hall&gt; · ILO &amp; co</figcaption>'
        "</figure>"
    )


def test_addresses_are_absolute() -> None:
    html = body("seoul")
    assert '<a href="https://news.example.org/items/2017/plain/">the plain one</a>' in html
    assert '<a href="https://news.example.org/media/map.pdf">the map</a>' in html
    assert 'src="https://news.example.org/media/seoul.png" width="960"' in html
    arabic = read("feed.json", rendered()["feed.json"])[3].html
    assert 'src="https://news.example.org/media/a%20b.png"' in arabic


def test_links_to_headings_lead_to_the_page_and_notes_stay() -> None:
    html = body("seoul")
    assert '<a href="https://news.example.org/items/2017/seoul/#more">below</a>' in html
    assert '<a href="#seoul-fn:1">1</a>' in html
    assert '<li id="seoul-fn:1">' in html


def test_a_note_that_nothing_refers_to_leads_back_to_the_page() -> None:
    texts = {"plain": "Text.\n\n[^1]: A note."}
    html = body("plain", rendered(make_site(bodies=texts)))
    assert 'href="https://news.example.org/items/2017/plain/#plain-fnref:1"' in html


def test_text_that_looks_like_markup_is_left_alone() -> None:
    # Classes and ids go from elements only, addresses change in links only.
    texts = {"plain": '`<p class="x" id="y">` and `<a href="#z">`, say class="q"'}
    html = body("plain", rendered(make_site(bodies=texts)))
    assert html == (
        '<p><code>&lt;p class="x" id="y"&gt;</code> and <code>&lt;a href="#z"&gt;</code>,'
        ' say class="q"</p>'
    )


def test_no_script_in_a_feed() -> None:
    for data in rendered().values():
        assert not re.search(rb"<script|alert|evil|javascript:", unescape(data.decode()).encode())


def test_other_languages_say_so_in_the_html() -> None:
    arabic = read("feed.json", rendered()["feed.json"])[3].html
    assert arabic.startswith('<div lang="ar" dir="rtl">\n<figure>')
    assert body("cuidado") == '<div lang="es" dir="ltr">\n<p>Texto en español.</p>\n</div>'
    assert body("plain").startswith("<p>")


def test_direction_is_said_where_the_feed_itself_runs_from_right_to_left() -> None:
    site = make_site(ITEMS[3:4], BODIES, replace(NEWSROOM, language="ar"))
    item = read("atom.xml", rendered(site)["atom.xml"])[0]
    assert item.html.startswith('<div lang="ar" dir="rtl">')


def test_addresses_and_ids_are_ascii() -> None:
    item = read("feed.json", rendered()["feed.json"])[3]
    assert item.url.startswith("https://news.example.org/items/2017/%D8%AA%D8%B9")
    assert item.id.startswith("tag:news.example.org,2016:%D8%AA%D8%B9")


def test_an_item_without_a_title_is_called_by_its_id() -> None:
    site = make_site([make("odd", "2017-06-01", title="\x00 ", summary="\x01")])
    assert [item.title for item in read("feed.xml", rendered(site)["feed.xml"])] == ["odd"]
