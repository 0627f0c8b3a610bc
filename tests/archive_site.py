"""A small newsroom in memory with the templates that ship, for whatever tests the archive.

The templates are read as code is; nothing else touches the disk.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import html as lxml_html

from pipeline.core.cadence import parse_cadence
from pipeline.core.catalogue import compile_catalogue
from pipeline.core.issue import Lock
from pipeline.core.item import Item, Picture
from pipeline.core.media import MediaFile
from pipeline.core.newsroom import Author, Listing, Newsletter, Newsroom
from pipeline.core.theme import Theme
from pipeline.render import markdown
from pipeline.render.links import targets
from pipeline.render.pages import site_pages
from pipeline.render.site import Site
from pipeline.render.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEMPLATES = Templates([Path(__file__).parents[1] / "templates"])
NOW = datetime(2020, 1, 1, tzinfo=UTC)

NEWSROOM = Newsroom(
    title="Coop & Co",
    description="News on <cooperatives>",
    base_url="https://news.example.org/coop",
    authority="news.example.org,2016",
    author=Author(name="Coop desk"),
    kinds={"news": "News", "spotlight": "Spotlight", "resource": "Resources"},
    listings=(
        Listing(path="news", title="News & views", kinds=("news", "spotlight"), page_size=2),
        Listing(path="library/resources", title="Resources", kinds=("resource",)),
    ),
    series={"talks": "Talks"},
    newsletters=(
        Newsletter(
            key="update",
            title="The Update",
            sender="Coop <coop@news.example.org>",
            postal_address="1200 Genève",
            cadence=parse_cadence("last working day 09:00"),
        ),
    ),
)
MEDIA = {
    name: MediaFile(path=name, size=1, mime="image/png", digest=f"digest of {name}", **size)
    for name, size in (
        ("media/seoul.png", {"width": 1200, "height": 675}),
        ("media/a b.png", {"width": 100, "height": 50}),
        ("media/alone.png", {"width": 100, "height": 50}),
    )
}
SEOUL = Picture(src="media/seoul.png", alt='A "hall"', caption="The <hall>", credit="ILO & co")
THEMES = {
    "care": Theme(
        key="care",
        title="Care & work",
        source="themes/care.md",
        digest="care 1",
        summary="Who cares?",
        image=Picture(src="media/a b.png", alt="A window"),
    ),
    "youth": Theme(key="youth", title="Youth", source="themes/youth.md", digest="youth 1"),
}
INTROS = {"care": markdown.body("See [the oldest](../items/oldest.md).", name="care").html}


def make(name: str, on: str, /, **values: object) -> Item:
    """An item with all that it must have."""
    when = datetime.fromisoformat(on).replace(tzinfo=UTC)
    item = Item(
        id=name,
        title=f"Title of {name}",
        date=when,
        kind="news",
        path=f"items/{when.year}/{name}/",
        source=f"items/{name}.md",
        digest=f"digest of {name}",
        lang="en",
        summary=f"Summary of {name}.",
    )
    return replace(item, **values)  # type: ignore[arg-type]


def issue(number: int | None, on: str, name: str) -> Lock:
    """A released issue."""
    return Lock(
        id=f"update/{name}",
        newsletter="update",
        number=number,
        date=date.fromisoformat(on),
        at=datetime.fromisoformat(f"{on}T09:00:00+02:00"),
        title=f"The Update {name}",
        subject="",
        preheader="",
        summary=f"In {name}.",
        items=(),
        digest="",
        html_digest="",
        text_digest="",
    )


ITEMS = (
    make(
        "seoul",
        "2017-07-10T08:30",
        title="Academy </script> & <b>Solidarity</b>",
        themes=("care", "youth"),
        series="talks",
        image=SEOUL,
        authors=("Ada Lovelace", "Émile Zola"),
        link="https://www.elsewhere.example/a?b=1&c=2",
        updated=datetime(2017, 7, 12, tzinfo=UTC),
        aliases=("/old/seoul.html", "/2017/seoul/"),
        translations=("سيول",),
    ),
    make("سيول", "2017-07-10T08:30", title="الأكاديمية", lang="ar", themes=("care",)),
    make("issue", "2017-06-29", path="issues/update/2017-02/", source="issues/update/2017-02.md"),
    make("plain", "2017-06-01", themes=("care",), summary="The first paragraph."),
    make("talk", "2017-05-01", kind="spotlight", series="talks", image=SEOUL),
    make("guide", "2017-04-01", kind="resource", themes=("youth",)),
    make("older", "2016-03-01", themes=("care",)),
    make("oldest", "2015-03-01", image=Picture(src="media/alone.png", alt="Alone")),
)
BODIES = {
    "plain": "The first paragraph.\n\nThe [second](seoul.md) one.",
    "talk": "![Hall](../media/seoul.png)\n\nA talk.[^1]\n\n[^1]: A note.",
}
ISSUES = (
    issue(2, "2017-06-29", "2017-02"),
    issue(1, "2017-05-29", "2017-01"),
    issue(None, "2016-12-01", "2016-special"),
)


def make_site(
    items: Iterable[Item] = ITEMS,
    *,
    newsroom: Newsroom = NEWSROOM,
    themes: Mapping[str, Theme] = THEMES,
    media: Mapping[str, MediaFile] = MEDIA,
    intros: Mapping[str, str] = INTROS,
    issues: tuple[Lock, ...] = ISSUES,
    link_keys: Mapping[str, str] | None = None,
    templates: Templates = TEMPLATES,
) -> Site:
    """A site of these items; where their links lead is worked out from the catalogue."""
    catalogue = compile_catalogue(newsroom, items, themes=themes, media=media, now=NOW)
    bodies = {name: markdown.body(text, name="x") for name, text in BODIES.items()}
    links = {
        name: str(targets(bodies[name].urls, catalogue.by_id[name].source, catalogue))
        for name in bodies
        if name in catalogue.by_id
    }
    text = markdown.body("Text.", name="x")
    return Site(
        catalogue=catalogue,
        templates=templates,
        body_of=lambda item: bodies.get(item.id, text).html,
        intros=intros,
        issues=issues,
        environment="environment",
        link_keys=link_keys or links,
    )


def changed(name: str, /, **values: object) -> tuple[Item, ...]:
    """All items, one of them with other values."""
    return tuple(
        replace(item, **values) if item.id == name else item  # type: ignore[arg-type]
        for item in ITEMS
    )


def keys(site: Site) -> dict[str, str]:
    """The key of every page by its path."""
    return {page.path: page.key for page in site_pages(site)}


def rendered(site: Site) -> dict[str, bytes]:
    """The bytes of every page by its path."""
    return {page.path: page.render() for page in site_pages(site)}


def render(path: str, site: Site | None = None) -> str:
    """One page as text; a folder's path means its index.html."""
    name = path if path and not path.endswith("/") else f"{path}index.html"
    pages = {page.path: page for page in site_pages(site or make_site())}
    return pages[name].render().decode()


def parsed(path: str, site: Site | None = None) -> Any:
    """One page as a tree of lxml, whose stubs know too little of what an XPath gives."""
    return lxml_html.document_fromstring(render(path, site))


def text_of(tree: Any, xpath: str) -> list[str]:
    """The text of each element that an XPath finds, white space collapsed."""
    return [" ".join(element.text_content().split()) for element in tree.xpath(xpath)]


def data_of(tree: Any) -> dict[str, Any]:
    """The schema.org objects of a page by their type."""
    (script,) = tree.xpath("//script")
    document = json.loads(script.text)
    return {entry["@type"]: entry for entry in document["@graph"]}
