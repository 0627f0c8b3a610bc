"""Pages that only say something, and what several pages say."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from math import ceil
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.render.frame import Link
from pipeline.web.pages.asked import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.core.newsroom import Newsroom
    from pipeline.render.door import Door, Place
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed into a form, as it stands in it again."""

    address: str = ""
    name: str = ""
    newsletters: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    language: str = ""


def say(
    door: Door,
    place: Place,
    title: str,
    said: Sequence[str] = (),
    *,
    places: Sequence[Link] = (),
    undo: str = "",
    status: int = 200,
) -> Answer:
    """A heading, some sentences, and where to go from there; `undo` is where a POST undoes it."""
    body = door.page("said.html", place, title, said=list(said), places=list(places), undo=undo)
    return Answer(body=body, status=status)


def to_ask(door: Door, place: Place) -> Link:
    """Where the link to one's preferences is asked for, by address."""
    return Link(path=f"preferences?lang={place.lang}", label=door.words(place.lang).to_preferences)


def old(house: House, asked: Asked, own: str) -> Answer:
    """A link that went to an address of before; `own` is the language of whose it is."""
    door, place = house.door(), house.place(asked, own)
    words = door.words(place.lang)
    places = [to_ask(door, place)]
    return say(door, place, words.expired_title, [words.unknown_text], places=places, status=410)


def unknown(house: House, asked: Asked) -> Answer:
    """A link that nobody signed: perhaps cut off by a mail program."""
    door, place = house.door(), house.place(asked)
    words = door.words(place.lang)
    ask = Link(path=f"preferences?lang={place.lang}", label=words.ask_button)
    return say(door, place, words.unknown_title, [words.unknown_text], places=[ask], status=404)


def too_many(house: House, asked: Asked, seconds: float) -> Answer:
    """A client that sends more forms than anybody does."""
    door, place = house.door(), house.place(asked)
    words = door.words(place.lang)
    said = words.many_text(max(1, ceil(seconds / 60)))
    found = say(door, place, words.many_title, [said], status=429)
    return Answer(body=found.body, status=429, headers={"retry-after": str(max(1, ceil(seconds)))})


def inbox(house: House, place: Place, said: str, *, again: str) -> Answer:
    """A mail is on its way, or is not: the same for everybody. `again` is the path of the form."""
    door = house.door()
    words = door.words(place.lang)
    body = door.page(
        "inbox.html",
        place,
        words.inbox_title,
        said=said,
        again=Markup('<a href="{}">{}</a>').format(place.root + again, words.form_retry),
        write_to=write_to(door.newsroom),
    )
    return Answer(body=body)


def shown(address: str) -> Markup:
    """An address in a sentence, from left to right whatever stands around it."""
    return Markup('<bdi class="door-address" dir="ltr">{}</bdi>').format(address)


def write_to(newsroom: Newsroom) -> Markup:
    """Where to write to, as a link; empty where there is no newsletter."""
    for newsletter in newsroom.newsletters:
        address = parseaddr(newsletter.reply_to or newsletter.sender)[1]
        return Markup('<a href="mailto:{0}" dir="ltr">{0}</a>').format(address)
    return Markup("")
