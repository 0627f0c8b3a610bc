"""`/c/<token>`: the page that a mail leads to which asks something; a button there confirms it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.dated_link import Purpose
from pipeline.flows import sign_up as flow
from pipeline.flows.sign_up import Standing
from pipeline.render.frame import Link
from pipeline.web.pages.asked import Answer
from pipeline.web.pages.saying import say, shown, to_ask, unknown

if TYPE_CHECKING:
    from pipeline.render.door import Door, Place
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House

DOES = "confirm"


def look(house: House, asked: Asked) -> Answer:
    """The button, or what became of it."""
    return _answer(house, asked, flow.pending(house.desk(), asked.token, asked.now))


def send(house: House, asked: Asked) -> Answer:
    """The button was pressed."""
    desk = house.desk()
    found = flow.pending(desk, asked.token, asked.now)
    if asked.form.one("do") == DOES and found.standing is Standing.OPEN:
        door, place = house.door(), house.place(asked, found.language)
        text = _label(door, place, found)
        found = flow.confirm(desk, asked.token, text=text, origin="", now=asked.now)
        house.wake()
    return _answer(house, asked, found)


def _answer(house: House, asked: Asked, found: flow.Asked) -> Answer:
    if found.standing is Standing.UNKNOWN:
        return unknown(house, asked)
    door, place = house.door(), house.place(asked, found.language)
    if found.standing is Standing.EXPIRED:
        return _expired(door, place, found)
    if found.standing is Standing.DONE:
        return _done(door, place, found)
    words = door.words(place.lang)
    moves = found.purpose is Purpose.ADDRESS
    said = words.confirm_text(address=shown(found.address))
    if moves:
        said = words.move_text(address=shown(found.address))
    body = door.page(
        "confirm.html",
        place,
        words.move_title if moves else words.confirm_title,
        said=said,
        titles=[] if moves else _titles(door, place, found),
        action=f"{place.root}c/{asked.token}",
        label=_label(door, place, found),
    )
    return Answer(body=body)


def _done(door: Door, place: Place, found: flow.Asked) -> Answer:
    words = door.words(place.lang)
    moves = found.purpose is Purpose.ADDRESS
    places = [
        Link(
            path=door.issues(newsletter),
            label=words.to_issues(title=door.title(newsletter, place.lang)),
        )
        for newsletter in door.newsroom.newsletters
        if newsletter.key in found.newsletters
    ]
    if found.preferences:
        places.append(Link(path=f"p/{found.preferences}", label=words.to_preferences))
    title = words.moved_here_title if moves else words.confirmed_title
    said = [words.confirmed_text(address=shown(found.address))] if found.address else []
    return say(door, place, title, said, places=places)


def _expired(door: Door, place: Place, found: flow.Asked) -> Answer:
    words = door.words(place.lang)
    if found.purpose is Purpose.ADDRESS:
        ask = to_ask(door, place)
        said = words.expired_move
    elif door.newsroom.subscribing.open:
        ask = Link(path=f"subscribe?lang={place.lang}", label=words.sign_up_title)
        said = words.expired_text
    else:
        ask = to_ask(door, place)
        said = words.unknown_text
    return say(door, place, words.expired_title, [said], places=[ask], status=410)


def _titles(door: Door, place: Place, found: flow.Asked) -> list[str]:
    return [
        door.titled(newsletter, place.lang)
        for newsletter in door.newsroom.newsletters
        if newsletter.key in found.newsletters
    ]


def _label(door: Door, place: Place, found: flow.Asked) -> str:
    """The words of the button: they name the newsletter where there is one."""
    words = door.words(place.lang)
    if found.purpose is Purpose.ADDRESS:
        return str(words.move_button)
    mine = [each for each in door.newsroom.newsletters if each.key in found.newsletters]
    if len(mine) == 1:
        return str(words.confirm_button(title=door.title(mine[0], place.lang)))
    return str(words.confirm_button_all)
