"""`/u/<token>`: leaving, by a button of a page or by that of a mail program (RFC 8058)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.links import Purpose
from pipeline.flows import preferences as flow
from pipeline.web.pages.asked import Answer
from pipeline.web.pages.form import is_one_click
from pipeline.web.pages.saying import say, shown, to_ask, unknown

if TYPE_CHECKING:
    from pipeline.flows.preferences import Visit
    from pipeline.render.door import Door, Place
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House


def look(house: House, asked: Asked) -> Answer:
    """The buttons, or that there is nothing left to leave."""
    visit = flow.visit(house.desk(), asked.token, Purpose.UNSUBSCRIBE, asked.now)
    if visit is None:
        return unknown(house, asked)
    place = house.place(asked, visit.subscriber.language if visit.subscriber else "")
    one = visit.subscriber
    if one is None:
        return _left(house, asked, place, visit, everything=True)
    every = one.newsletters | one.asked
    if not every or (visit.newsletter and visit.newsletter not in every):
        return _left(house, asked, place, visit, everything=not every)
    door = house.door()
    words = door.words(place.lang)
    title = _title(door, place, visit.newsletter)
    body = door.page(
        "leave.html",
        place,
        words.leave_title(title=title) if title else words.leave_title_all,
        address=shown(visit.address) if visit.address else "",
        label=words.leave_button(title=title) if title else "",
        all=not title or len(every) > 1,
        action=f"{place.root}u/{asked.token}",
        preferences=_preferences(door, place),
    )
    return Answer(body=body)


def send(house: House, asked: Asked) -> Answer:
    """A button was pressed, here or in a mail program."""
    desk, form = house.desk(), asked.form
    does = form.one("do")
    if is_one_click(form):
        visit = flow.leave(desk, asked.token, how=flow.ONE_CLICK, now=asked.now)
    elif does in ("leave", "all"):
        visit = flow.leave(desk, asked.token, everything=does == "all", now=asked.now)
    elif does == "back":
        return _back(house, asked)
    else:
        return look(house, asked)
    if visit is None:
        return unknown(house, asked)
    place = house.place(asked, visit.subscriber.language if visit.subscriber else "")
    return _left(house, asked, place, visit, everything=does == "all")


def _back(house: House, asked: Asked) -> Answer:
    visit = flow.come_back(house.desk(), asked.token, now=asked.now)
    if visit is None:
        return unknown(house, asked)
    one = visit.subscriber
    if one is None or visit.is_old or not visit.gets:
        return look(house, asked)
    door, place = house.door(), house.place(asked, one.language)
    words = door.words(place.lang)
    said = [words.confirmed_text(address=shown(visit.address))]
    return say(door, place, words.back_title, said, places=[to_ask(door, place)])


def _left(house: House, asked: Asked, place: Place, visit: Visit, *, everything: bool) -> Answer:
    door = house.door()
    words = door.words(place.lang)
    if visit.is_test:
        return say(door, place, words.test_title, [words.test_text])
    title = "" if everything else _title(door, place, visit.newsletter)
    said = words.left_text(title=title) if title else words.left_text_all
    undo = f"{place.root}u/{asked.token}" if visit.can_return else ""
    places = [to_ask(door, place)] if visit.subscriber else []
    return say(door, place, words.left_title, [said], places=places, undo=undo)


def _preferences(door: Door, place: Place) -> str:
    """Where their page is asked for: this link is no proof that they may see it."""
    link = to_ask(door, place)
    return Markup('<a href="{}">{}</a>').format(place.root + link.path, link.label)


def _title(door: Door, place: Place, key: str) -> str:
    newsletter = door.newsroom.newsletter(key)
    return door.title(newsletter, place.lang) if newsletter else ""
