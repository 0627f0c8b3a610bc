"""A newsroom with a newsletter, in memory, for whatever tests issues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.assembly import Choice
from pipeline.core.catalogue import compile_catalogue
from pipeline.core.newsroom import Newsletter, SectionRule
from pipeline.core.plan import Plan, PlanSection
from pipeline.render.templates import Templates
from tests.feed_site import MEDIA, NEWSROOM, THEMES, ZURICH, make, make_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.core.item import Item
    from pipeline.render.site import Site

ON = date(2017, 6, 30)
NOW = datetime(2017, 6, 30, 12, tzinfo=ZURICH)
TEMPLATES = Templates([Path(__file__).parent.parent / "templates"])

LETTER: Newsletter = replace(
    NEWSROOM.newsletters[0],
    announce_as="news",
    sections=(
        SectionRule(title="Top story", kinds=("news",), limit=1, lead=True),
        SectionRule(title="News for {month} {year}", kinds=("news",), limit=2),
        SectionRule(title="Champion", kinds=("champion",), limit=1),
    ),
)
ROOM = replace(NEWSROOM, newsletters=(LETTER,))


def choice(
    items: Iterable[Item],
    *,
    letter: Newsletter = LETTER,
    on: date = ON,
    now: datetime = NOW,
    taken: Mapping[str, str] | None = None,
) -> Choice:
    """What an issue dated `on` is chosen from."""
    newsroom = replace(ROOM, newsletters=(letter,))
    return Choice(
        newsletter=letter,
        catalogue=compile_catalogue(newsroom, items, themes=THEMES, media=MEDIA, now=now),
        on=on,
        now=now,
        month="June",
        taken=taken or {},
    )


def news(*days: int, kind: str = "news") -> tuple[Item, ...]:
    """Items of June 2017, `n29` for the 29th (`c29` for a champion)."""
    return tuple(make(f"{kind[0]}{day}", f"2017-06-{day:02d}", kind=kind) for day in days)


def plan(*sections: tuple[str, tuple[str, ...]], **values: object) -> Plan:
    """The plan of No. 5, June 2017."""
    plain = Plan(
        id="enewsupdate/2017-05",
        newsletter="enewsupdate",
        number=5,
        date=ON,
        title="eNewsUpdate No. 5, June 2017",
        sections=tuple(PlanSection(title=title, items=items) for title, items in sections),
        digest="plan digest",
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def issue_site(items: Iterable[Item], **values: object) -> Site:
    """A site with the real templates."""
    site = make_site(items, newsroom=ROOM)
    return replace(site, templates=TEMPLATES, **values)  # type: ignore[arg-type]
