"""A small newsroom in memory, for whatever tests feeds: pictures, authors, languages, an issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.cadence import parse_cadence
from pipeline.core.catalogue import compile_catalogue
from pipeline.core.item import Item, Picture
from pipeline.core.media import MediaFile
from pipeline.core.newsroom import Author, FeedSettings, Listing, Newsletter, Newsroom
from pipeline.core.theme import Theme
from pipeline.render import markdown
from pipeline.render.feeds import feed_pages
from pipeline.render.site import Site
from pipeline.render.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZURICH = ZoneInfo("Europe/Zurich")
TEMPLATES = Templates([Path(__file__).parent.parent / "templates"])
NOW = datetime(2017, 8, 1, tzinfo=ZURICH)

NEWSROOM = Newsroom(
    title="Coop & Co",
    description="News on <cooperatives>",
    base_url="https://news.example.org",
    language="en",
    timezone="Europe/Zurich",
    authority="news.example.org,2016",
    author=Author(name="Coop desk", email="desk@news.example.org"),
    kinds={"news": "News", "champion": "Champions", "resource": "Resources"},
    listings=(Listing(path="news", title="News", kinds=("news", "champion")),),
    series={},
    feeds=FeedSettings(),
    newsletters=(
        Newsletter(
            key="enewsupdate",
            title="eNewsUpdate",
            sender="Coop <coop@news.example.org>",
            postal_address="1200 Genève",
            cadence=parse_cadence("last working day 09:00"),
        ),
    ),
)
THEMES = {
    "care": Theme(key="care", title="Care & work", source="themes/care.md", digest="t1"),
    "youth": Theme(
        key="youth", title="Youth", source="themes/youth.md", digest="t2", summary="The young."
    ),
}
MEDIA = {
    media.path: media
    for media in (
        MediaFile(
            path="media/seoul.png", size=4321, mime="image/png", digest="m1", width=960, height=540
        ),
        MediaFile(
            path="media/a b.png", size=99, mime="image/png", digest="m2", width=10, height=20
        ),
        MediaFile(path="media/map.pdf", size=12, mime="application/pdf", digest="m3"),
    )
}


def day(text: str, zone: ZoneInfo = ZURICH) -> datetime:
    """A date or a date-time, as the reader would understand it."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def make(name: str, on: str, /, **values: object) -> Item:
    """An item with all that it must have."""
    when = day(on)
    item = Item(
        id=name,
        title=name.capitalize(),
        date=when,
        kind="news",
        path=f"items/{when.year}/{name}/",
        source=f"items/{on[:10]}-{name}.md",
        digest=f"digest of {name}",
        lang="en",
    )
    return replace(item, **values)  # type: ignore[arg-type]


ITEMS = (
    make(
        "seoul",
        "2017-07-10T08:30",
        title="Academy in Seoul: <Social> & Solidarity",
        summary="Six days, 5 < 6 & more ]]> ends.",
        themes=("care",),
        image=Picture(
            src="media/seoul.png", alt='A "hall"', caption="The <hall>", credit="ILO & co"
        ),
        authors=("Ada Lovelace", "Émile Zola"),
        link="https://elsewhere.example/séoul?a=1&b=%20#x",
        updated=day("2017-07-12T10:00"),
    ),
    make(
        "issue-5", "2017-06-29T09:00", path="issues/enewsupdate/2017-05/", title="No. 5, June 2017"
    ),
    make("plain", "2017-06-01", summary="Plain."),
    make(
        "تعاونيات",
        "2017-05-01",
        lang="ar",
        title="التعاونيات والعمل اللائق",
        summary="ملخص قصير",
        translations=("plain",),
        themes=("care",),
        image=Picture(src="media/a b.png", alt="صورة"),
    ),
    make("cuidado", "2017-04-01", lang="es", title="Cuidado", kind="champion"),
    make("bare", "2017-03-01", kind="champion", authors=("Ada Lovelace",)),
)
BODIES = {
    "seoul": (
        "Read [the plain one](2017-06-01-plain.md), [below](#more) or [the map](media/map.pdf).[^1]"
        "\n\n## More\n\n![a *picture*](../media/seoul.png)\n\n"
        '`<p class="x" id="y">` and <script>alert(1)</script> <b onclick="evil()">bold</b>'
        " and [bad](javascript:alert(1)) &#2; &#1;\n\n[^1]: A note ]]> here."
    ),
    "plain": "One paragraph.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "issue-5": "The editor's message.",
    "تعاونيات": "نص باللغة العربية",
    "cuidado": "Texto en español.",
    "bare": "",
}


def make_site(
    items: Iterable[Item] = ITEMS,
    bodies: Mapping[str, str] | None = None,
    newsroom: Newsroom = NEWSROOM,
) -> Site:
    """A site of these items, whose bodies are Markdown by item id."""
    texts = BODIES if bodies is None else bodies
    catalogue = compile_catalogue(newsroom, items, themes=THEMES, media=MEDIA, now=NOW)

    def body_of(item: Item) -> str:
        return markdown.body(texts.get(item.id, ""), name=item.id).html

    return Site(
        catalogue=catalogue,
        templates=TEMPLATES,
        body_of=body_of,
        intros={},
        issues=(),
        environment="environment",
    )


def rendered(site: Site | None = None) -> dict[str, bytes]:
    """The bytes of every feed by path."""
    return {page.path: page.render() for page in feed_pages(site or make_site())}
