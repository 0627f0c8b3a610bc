"""`/p/<token>`: what a subscriber gets, and all that they can do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.links import Purpose
from pipeline.core.months import months_after
from pipeline.core.preferences import Choice
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import StaleError
from pipeline.flows import preferences as flow
from pipeline.flows.front_desk import NAME_MOST
from pipeline.web.pages.asked import Answer
from pipeline.web.pages.form import is_legible, put_back
from pipeline.web.pages.saying import (
    Typed,
    inbox,
    old,
    say,
    shown,
    to_ask,
    too_many,
    unknown,
    write_to,
)
from pipeline.web.pages.sign_up import is_address, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.core.subscriber import Subscriber
    from pipeline.flows.preferences import Visit
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House

PAUSES = (1, 2, 3)
"""Months."""


def look(house: House, asked: Asked) -> Answer:
    """All of it."""
    found = _visit(house, asked)
    if isinstance(found, Answer):
        return found
    visit, one = found
    return old(house, asked, one.language) if visit.is_old else _page(house, asked, visit, one)


def send(house: House, asked: Asked) -> Answer:
    """One of its buttons was pressed."""
    found = _visit(house, asked)
    if isinstance(found, Answer):
        return found
    visit, one = found
    if visit.is_old:
        return _old(house, asked, one)
    words = house.door().words(house.place(asked, one.language).lang)
    if asked.unread:
        status = status_of(asked.unread)
        return _page(house, asked, visit, one, said=words.wrong_body, status=status)
    try:
        return _act(house, asked, visit, one)
    except StaleError:
        return _page(house, asked, *found, said=words.wishes_busy, status=409)


def _act(house: House, asked: Asked, visit: Visit, one: Subscriber) -> Answer:
    does, _, more = asked.form.one("do").partition(" ")
    if does == "save":
        return _save(house, asked, visit, one)
    if does == "pause" and more in map(str, PAUSES):
        zone = ZoneInfo(house.door().newsroom.timezone)
        until = months_after(asked.now.astimezone(zone), int(more))
        return _after(house, asked, flow.pause(house.desk(), asked.token, until, now=asked.now))
    if does == "resume":
        return _after(house, asked, flow.pause(house.desk(), asked.token, None, now=asked.now))
    if does == "move":
        return _move(house, asked, visit, one)
    if does == "leave":
        return _after(house, asked, _leave(house, asked))
    if does == "download":
        return _download(house, asked)
    if does == "erase":
        return _erase(house, asked, one, sure=more == "for good")
    return _page(house, asked, visit, one)


def _old(house: House, asked: Asked, one: Subscriber) -> Answer:
    """The page was opened before their address was changed: to leave is all that it does."""
    if asked.form.one("do") != "leave":
        return old(house, asked, one.language)
    _leave(house, asked)
    door, place = house.door(), house.place(asked, one.language)
    words = door.words(place.lang)
    places = [to_ask(door, place)]
    return say(door, place, words.left_title, [words.left_text_all], places=places)


def _leave(house: House, asked: Asked) -> Visit | None:
    desk, own = house.desk(), Purpose.PREFERENCES
    return flow.leave(desk, asked.token, own, everything=True, how=flow.PAGE, now=asked.now)


def _save(house: House, asked: Asked, visit: Visit, one: Subscriber) -> Answer:
    door, form = house.door(), asked.form
    place = house.place(asked, one.language)
    words = door.words(place.lang)
    name = form.one("name")
    if len(name) > NAME_MOST or not is_legible(name):
        wrong = {"name": words.wrong_name(most=NAME_MOST)}
        return _page(house, asked, visit, one, wrong=wrong, status=422)
    choice = Choice(
        newsletters=form.several("newsletter"),
        topics=form.several("topic") if door.topics(frozenset(), place.lang) else None,
        language=form.one("language") if "language" in form.values else None,
        name=name if "name" in form.values else None,
    )
    text = door.consent(place.lang)
    return _after(
        house, asked, flow.save(house.desk(), asked.token, choice, text=text, now=asked.now)
    )


def _move(house: House, asked: Asked, visit: Visit, one: Subscriber) -> Answer:
    if seconds := house.wait(asked):
        return too_many(house, asked, seconds)
    place = house.place(asked, one.language)
    words = house.door().words(place.lang)
    address = asked.form.one("address")
    if not is_address(address):
        wrong = {"address": words.wrong_address}
        return _page(house, asked, visit, one, wrong=wrong, status=422)
    flow.ask_address(house.desk(), asked.token, address, now=asked.now)
    house.wake()
    said = words.inbox_move(address=shown(put_back(address)))
    return inbox(house, place, said, again=f"p/{asked.token}")


def _download(house: House, asked: Asked) -> Answer:
    held = flow.download(house.desk(), asked.token, asked.now)
    if held is None:
        return unknown(house, asked)
    body = json.dumps(held, ensure_ascii=False, indent=2).encode() + b"\n"
    headers = {"content-disposition": 'attachment; filename="my-data.json"'}
    return Answer(body=body, type="application/json", headers=headers)


def _erase(house: House, asked: Asked, one: Subscriber, *, sure: bool) -> Answer:
    door, place = house.door(), house.place(asked, one.language)
    words = door.words(place.lang)
    if not sure:
        body = door.page(
            "erase.html",
            place,
            words.erase_title,
            address=shown(one.address),
            action=f"{place.root}p/{asked.token}",
        )
        return Answer(body=body)
    flow.erase(house.desk(), asked.token, asked.now)
    return say(door, place, words.erased_title, [words.erased_text])


def _visit(house: House, asked: Asked) -> tuple[Visit, Subscriber] | Answer:
    """Who follows the link; an answer where that is nobody."""
    visit = flow.visit(house.desk(), asked.token, Purpose.PREFERENCES, asked.now)
    if visit is None:
        return unknown(house, asked)
    if visit.subscriber is not None:
        return visit, visit.subscriber
    door, place = house.door(), house.place(asked)
    words = door.words(place.lang)
    if visit.is_test:
        return say(door, place, words.test_title, [words.test_text])
    return say(door, place, words.erased_title, [words.erased_text])


def _after(house: House, asked: Asked, visit: Visit | None) -> Answer:
    """The page once more, as it is now."""
    if visit is None or visit.subscriber is None:
        return unknown(house, asked)
    words = house.door().words(house.place(asked, visit.subscriber.language).lang)
    return _page(house, asked, visit, visit.subscriber, done=words.wishes_saved, fresh=True)


def _typed(asked: Asked, visit: Visit, one: Subscriber, *, fresh: bool) -> Typed:
    """What stands in the forms: what was typed where they come back, else what is kept."""
    kept = Typed(name=one.name, newsletters=visit.gets, topics=one.topics, language=one.language)
    form = asked.form
    does = "" if fresh else form.one("do")
    if does == "save":
        return Typed(
            name=put_back(form.one("name")),
            newsletters=form.several("newsletter"),
            topics=form.several("topic"),
            language=form.one("language"),
        )
    if does == "move":
        return Typed(
            address=put_back(form.one("address")),
            name=kept.name,
            newsletters=kept.newsletters,
            topics=kept.topics,
            language=kept.language,
        )
    return kept


def _page(
    house: House,
    asked: Asked,
    visit: Visit,
    one: Subscriber,
    *,
    done: str = "",
    said: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    fresh: bool = False,
) -> Answer:
    door, place = house.door(), house.place(asked, one.language)
    lang = place.lang
    typed = _typed(asked, visit, one, fresh=fresh)
    active = one.state is SubscriberState.ACTIVE
    stopped = one.state is SubscriberState.SUPPRESSED
    body = door.page(
        "preferences.html",
        place,
        door.words(lang).wishes_title,
        action=f"{place.root}p/{asked.token}",
        address=shown(one.address),
        done=done,
        said=said,
        wrong=wrong or {},
        typed=typed,
        stopped=stopped,
        nothing=not active,
        leave=bool(one.newsletters | one.asked),
        newsletters=door.newsletters(typed.newsletters, lang),
        topics=door.topics(typed.topics, lang),
        topical=door.topical(lang),
        languages=door.tongues(typed.language, lang),
        # Who has the only newsletter can agree to nothing more here.
        consent=door.consent(lang) if door.has_choice or not active else "",
        consent_attributes=_consent_attributes(house, lang),
        pauses=PAUSES if active else (),
        pending=shown(visit.pending) if visit.pending else "",
        paused=_until(house, one, asked.now, lang),
        write_to=write_to(door.newsroom),
    )
    return Answer(body=body, status=status)


def _consent_attributes(house: House, lang: str) -> str:
    newsroom = house.door().newsroom
    own = newsroom.subscribing.consent
    return house.door().attributes(newsroom.language, lang) if own else ""


def _until(house: House, one: Subscriber, now: datetime, lang: str) -> str:
    """The day until which they pause, "" for none."""
    if one.quiet_until is None or not one.pauses(now):
        return ""
    door = house.door()
    return door.day(one.quiet_until.astimezone(ZoneInfo(door.newsroom.timezone)), lang)
