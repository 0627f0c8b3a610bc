"""All pages together: what every one has, what its key stands for, where its links lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from lxml import html as lxml_html

from pipeline.render.markdown import body
from pipeline.render.pages import site_pages
from tests.archive_site import (
    INTROS,
    ISSUES,
    ITEMS,
    MEDIA,
    NEWSROOM,
    SEOUL,
    THEMES,
    changed,
    issue,
    keys,
    make,
    make_site,
    rendered,
)

if TYPE_CHECKING:
    from pipeline.core.media import MediaFile
    from pipeline.render.site import Site

MADE_ELSEWHERE = ("media/", "issues/update/20", "feeds.opml")
FEEDS = ("feed.xml", "atom.xml", "feed.json")
SITE = make_site()
PAGES = rendered(SITE)
HTML: dict[str, Any] = {
    path: lxml_html.document_fromstring(page.decode())
    for path, page in PAGES.items()
    if path.endswith(".html")
}
FULL = {path: tree for path, tree in HTML.items() if not tree.xpath("//meta[@http-equiv]")}


def test_the_pages_of_the_design_are_there_each_once() -> None:
    paths = [page.path for page in site_pages(SITE)]
    assert len(paths) == len(set(paths))
    assert {
        "index.html",
        "news/index.html",
        "news/page/1/index.html",
        "library/resources/index.html",
        "items/2017/seoul/index.html",
        "items/2017/سيول/index.html",
        "themes/index.html",
        "themes/care/index.html",
        "series/talks/index.html",
        "issues/update/index.html",
        "old/seoul.html",
        "2017/seoul/index.html",
        "404.html",
        "sitemap.xml",
        "robots.txt",
        "assets/site.css",
        "assets/feed.css",
    } <= set(paths)


def test_an_issue_has_no_article_and_is_listed() -> None:
    assert not any(path.startswith("issues/update/2017") for path in PAGES)
    lists = [HTML[path] for path in PAGES if path.startswith("news/")]
    links = [link for tree in lists for link in tree.xpath("//article//a/@href")]
    assert sum(link.endswith("issues/update/2017-02/") for link in links) == 1


@pytest.mark.parametrize("path", sorted(FULL))
def test_every_page_has_what_readers_and_machines_look_for(path: str) -> None:
    tree = FULL[path]
    assert tree.get("lang") == "en"
    assert tree.get("dir") == "ltr"
    assert len(tree.xpath("//h1")) == 1
    assert len(tree.xpath("//main")) == 1
    assert tree.xpath("//a[@href='#site-content']")
    assert tree.xpath("//meta[@name='generator']/@content") == ["enewsupdate"]
    assert tree.xpath("//meta[@name='description']/@content")[0]
    assert tree.xpath("//title")[0].text_content().endswith("Coop & Co")
    types = tree.xpath("//link[@rel='alternate'][@type]/@type")
    assert types[:3] == ["application/rss+xml", "application/atom+xml", "application/feed+json"]


@pytest.mark.parametrize("path", sorted(HTML))
def test_headings_never_skip_a_level(path: str) -> None:
    levels = [int(heading.tag[1]) for heading in HTML[path].xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", sorted(HTML))
def test_nothing_runs_and_nothing_is_fetched_from_elsewhere(path: str) -> None:
    tree = HTML[path]
    assert all(script.get("type") == "application/ld+json" for script in tree.xpath("//script"))
    assert not tree.xpath("//*[@onclick or @onload or @onerror]")
    fetched = tree.xpath("//@src | //link[@rel='stylesheet' or @rel='icon']/@href")
    assert not [url for url in fetched if "//" in url]


@pytest.mark.parametrize("path", sorted(set(HTML) - {"404.html"}))
def test_relative_links_lead_to_what_is_there(path: str) -> None:
    for url in links_of(HTML[path]):
        target = normpath(join(path.rpartition("/")[0], unquote(url)))
        if url.endswith("/"):
            target = f"{target}/index.html".removeprefix("./")
        found = target in PAGES or target.startswith(MADE_ELSEWHERE)
        assert found or target.rpartition("/")[2] in FEEDS, url


def links_of(tree: Any) -> list[str]:
    urls = [url.partition("#")[0] for url in tree.xpath("//@href | //@src")]
    return [url for url in urls if url and "://" not in url]


def test_links_to_folders_end_with_a_slash() -> None:
    for path in set(HTML) - {"404.html"}:
        for url in links_of(HTML[path]):
            assert url.endswith("/") or "." in url.rpartition("/")[2], (path, url)


def test_the_same_site_gives_the_same_bytes() -> None:
    assert rendered(make_site(reversed(ITEMS))) == PAGES
    assert keys(make_site(reversed(ITEMS))) == keys(SITE)


def test_a_page_stays_light() -> None:
    long = " ".join(["words"] * 190)
    items = [
        make(f"item-{n:03}", "2017-01-01", themes=("care",), summary=long, image=SEOUL)
        for n in range(39)
    ]
    pages = rendered(make_site(items))
    assert "themes/care/page/1/index.html" not in pages
    assert max(map(len, (pages["themes/care/index.html"], PAGES["index.html"]))) < 100_000


def other_size(name: str) -> dict[str, MediaFile]:
    """All media, the size of one file being another."""
    return {**MEDIA, name: replace(MEDIA[name], digest="x", width=800)}


OTHER_SITES = {
    "title": make_site(changed("plain", title="New title", digest="2")),
    "summary": make_site(changed("plain", summary="New summary", digest="2")),
    "another day": make_site(changed("older", date=datetime(2016, 3, 2, tzinfo=UTC), source="o")),
    "another kind": make_site(changed("plain", kind="spotlight", digest="2")),
    "themes": make_site(changed("plain", themes=("youth",), digest="2")),
    "series": make_site(changed("plain", series="talks", digest="2")),
    "picture": make_site(changed("plain", image=SEOUL, digest="2")),
    "alt": make_site(changed("talk", image=replace(SEOUL, alt="?"), digest="2")),
    "credit": make_site(changed("talk", image=replace(SEOUL, credit="?"), digest="2")),
    "language": make_site(changed("plain", lang="fr", digest="2")),
    "address": make_site(changed("plain", path="items/2017/moved/", source="items/moved.md")),
    "translations": make_site(changed("plain", translations=("older",), digest="2")),
    "updated": make_site(changed("plain", updated=datetime(2018, 1, 1, tzinfo=UTC), digest="2")),
    "authors": make_site(changed("plain", authors=("Somebody",), digest="2")),
    "link": make_site(changed("plain", link="https://x.example/", digest="2")),
    "aliases": make_site(changed("plain", aliases=("/x/",), digest="2")),
    "draft": make_site(changed("plain", draft=True, digest="2")),
    "new item": make_site((*ITEMS, make("new", "2018-01-01", themes=("care",)))),
    "picture in a text": make_site(media=other_size("media/seoul.png")),
    "picture of an item": make_site(media=other_size("media/alone.png")),
    "picture of a theme": make_site(media=other_size("media/a b.png")),
    "another hour": make_site(
        changed("oldest", date=datetime(2015, 3, 1, 5, tzinfo=UTC), source="items/o.md")
    ),
    "address of a version": make_site(changed("سيول", path="items/2017/x/", source="items/x.md")),
    "language of a version": make_site(changed("سيول", lang="fa", digest="2")),
    "target of a redirect": make_site(changed("seoul", path="items/2017/x/", source="items/x.md")),
    "language of a redirect": make_site(changed("seoul", lang="fr", digest="2")),
    "theme title": make_site(
        themes={**THEMES, "care": replace(THEMES["care"], title="C", digest="2")}
    ),
    "theme summary": make_site(
        themes={**THEMES, "care": replace(THEMES["care"], summary="S", digest="2")}
    ),
    "theme picture": make_site(
        themes={**THEMES, "youth": replace(THEMES["youth"], image=SEOUL, digest="2")}
    ),
    "theme text": make_site(
        intros={"care": body("New.", name="care").html},
        themes={**THEMES, "care": replace(THEMES["care"], digest="2")},
    ),
    "themes gone": make_site(
        [replace(item, themes=(), digest="2") for item in ITEMS], themes={}, intros={}
    ),
    "where a theme's link leads": make_site(
        changed("oldest", path="items/1999/oldest/", digest="2")
    ),
    "new issue": make_site(issues=(issue(3, "2017-07-29", "2017-03"), *ISSUES)),
    "issue summary": make_site(issues=(replace(ISSUES[0], summary="S"), *ISSUES[1:])),
    "no issues": make_site(issues=()),
}


@pytest.mark.parametrize("name", sorted(OTHER_SITES))
def test_equal_keys_mean_equal_bytes(name: str) -> None:
    other = OTHER_SITES[name]
    before, after = keys(SITE), keys(other)
    bytes_after = rendered(other)
    assert bytes_after != PAGES
    same = [path for path in after if after[path] == before.get(path)]
    assert same
    assert [path for path in same if bytes_after[path] != PAGES[path]] == []


def moved(other: Site) -> set[str]:
    """The pages whose key another site changes."""
    before, after = keys(SITE), keys(other)
    return {path for path in before | after if before.get(path) != after.get(path)}


def test_a_correction_of_a_text_touches_its_page_and_the_sitemap() -> None:
    assert moved(make_site(changed("plain", digest="2"))) == {
        "items/2017/plain/index.html",
        "sitemap.xml",
    }


def test_where_the_links_of_a_text_lead_touches_its_page() -> None:
    keys_now = make_site().link_keys
    assert moved(make_site(link_keys={**keys_now, "plain": "x"})) == {"items/2017/plain/index.html"}


def test_the_text_of_a_theme_touches_its_front_page_only() -> None:
    themes = {**THEMES, "care": replace(THEMES["care"], digest="2")}
    assert moved(make_site(themes=themes, intros={**INTROS, "care": "x"})) == {
        "themes/care/index.html"
    }


def test_another_environment_touches_everything() -> None:
    assert moved(replace(SITE, environment="other")) == set(PAGES)


def test_planning_reads_no_text() -> None:
    def body_of(_: object) -> str:
        raise AssertionError("a body was read")

    assert keys(replace(SITE, body_of=body_of)) == keys(SITE)


def test_an_empty_newsroom_has_a_site() -> None:
    empty = replace(NEWSROOM, listings=(), series={}, newsletters=(), description="")
    pages = rendered(make_site((), newsroom=empty, themes={}, intros={}, issues=()))
    assert {"index.html", "404.html", "sitemap.xml", "robots.txt"} <= set(pages)
    assert "themes/index.html" not in pages
    assert b"Nothing has been published here yet." in pages["index.html"]
