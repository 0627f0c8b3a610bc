"""`/subscribe`: the form, and what it is answered with: the same, whoever has the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.address import parse_address
from pipeline.core.form_token import Verdict
from pipeline.core.subscription import Wishes
from pipeline.errors import AddressError
from pipeline.flows import sign_up as flow
from pipeline.render.frame import Link
from pipeline.web.pages.asked import Answer
from pipeline.web.pages.form import Unread, is_legible, put_back
from pipeline.web.pages.saying import Typed, inbox, say, shown, too_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.render.door import Door, Place
    from pipeline.render.words import Words
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House

FORM = "subscribe"
TRAP = "more"
"""The field that nobody sees."""


def look(house: House, asked: Asked) -> Answer:
    """The form."""
    door, place = house.door(), house.place(asked)
    if not _is_open(door):
        return _closed(house, asked)
    return _form(house, asked, place, _fresh(door, place))


def send(house: House, asked: Asked) -> Answer:
    """The form came back."""
    door = house.door()
    place = house.place(asked, asked.form.one("lang"))
    if not _is_open(door):
        return _closed(house, asked)
    if seconds := house.wait(asked):
        return too_many(house, asked, seconds)
    words = door.words(place.lang)
    if asked.unread:
        return _form(
            house, asked, place, _fresh(door, place), said=words.wrong_body,
            status=status_of(asked.unread),
        )  # fmt: skip
    typed = _typed(door, asked)
    wrong = _wrong(words, asked.form.one("address"), typed)
    if wrong:
        return _form(house, asked, place, typed, wrong=wrong, status=422)
    if not asked.form.one(TRAP):
        verdict = house.judge(FORM, asked.form.one("form"), asked.now)
        if verdict is not Verdict.GOOD:
            return _form(house, asked, place, typed, said=said_of(verdict, words))
        wishes = Wishes(
            newsletters=typed.newsletters,
            topics=typed.topics,
            language=typed.language or place.lang,
        )
        flow.sign_up(
            house.desk(), asked.form.one("address"), wishes,
            text=door.consent(place.lang), origin="", now=asked.now,
        )  # fmt: skip
        house.wake()
    said = words.inbox_confirm(address=shown(typed.address))
    return inbox(house, place, said, again=f"subscribe?lang={place.lang}")


def said_of(verdict: Verdict, words: Words) -> str:
    """Why a form comes back that was filled in well."""
    return str(words.form_quick if verdict is Verdict.QUICK else words.form_old)


def status_of(unread: Unread) -> int:
    """The status of an answer to a body that is no form."""
    return 413 if unread is Unread.LARGE else 415


def is_address(text: str) -> bool:
    """True for what mail can go to, and whose bytes were text."""
    if not is_legible(text):
        return False
    try:
        parse_address(text)
    except AddressError:
        return False
    return True


def token_again(house: House, form: str, asked: Asked) -> str:
    """The token of a form that comes back: its own while that is or will be good, else a new one.

    Who was too quick is not once more, a moment later.
    """
    own = asked.form.one("form")
    verdict = house.judge(form, own, asked.now) if own else Verdict.FORGED
    return own if verdict in (Verdict.GOOD, Verdict.QUICK) else house.token(form, asked.now)


def _is_open(door: Door) -> bool:
    return door.newsroom.subscribing.open and bool(door.newsroom.newsletters)


def _closed(house: House, asked: Asked) -> Answer:
    door, place = house.door(), house.place(asked)
    words = door.words(place.lang)
    ask = Link(path=f"preferences?lang={place.lang}", label=words.to_preferences)
    return say(door, place, words.sign_up_closed, places=[ask], status=404)


def _fresh(door: Door, place: Place) -> Typed:
    """The form as it is given out: everything that there is, in the page's language."""
    language = place.lang if place.lang in door.tags else door.newsroom.language
    every = frozenset(newsletter.key for newsletter in door.newsroom.newsletters)
    return Typed(newsletters=every if len(every) == 1 else frozenset(), language=language)


def _typed(door: Door, asked: Asked) -> Typed:
    every = frozenset(newsletter.key for newsletter in door.newsroom.newsletters)
    themes = frozenset(theme.key for theme in door.themes)
    language = asked.form.one("language")
    return Typed(
        address=put_back(asked.form.one("address")),
        newsletters=every if len(every) == 1 else every & asked.form.several("newsletter"),
        topics=themes & asked.form.several("topic"),
        language=language if language in door.tags else "",
    )


def _wrong(words: Words, address: str, typed: Typed) -> Mapping[str, str]:
    wrong = {}
    if not is_address(address):
        wrong["address"] = words.wrong_address
    if not typed.newsletters:
        wrong["newsletter"] = words.wrong_newsletters
    return wrong


def _form(
    house: House,
    asked: Asked,
    place: Place,
    typed: Typed,
    *,
    said: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Answer:
    door = house.door()
    lang = place.lang
    own = door.newsroom.subscribing.consent
    words = door.words(lang)
    body = door.page(
        "subscribe.html",
        place,
        words.sign_up_title,
        said=said,
        wrong=wrong or {},
        typed=typed,
        lang=lang,
        token=token_again(house, FORM, asked),
        newsletters=door.newsletters(typed.newsletters, lang),
        topics=door.topics(typed.topics, lang),
        topical=door.topical(lang),
        languages=door.tongues(typed.language, lang),
        tongues=door.tongues(lang, lang),
        preferences=Markup('<a href="{}preferences?lang={}">{}</a>').format(
            place.root, lang, words.to_preferences
        ),
        consent=door.consent(lang),
        consent_attributes=door.attributes(door.newsroom.language, lang) if own else "",
    )
    return Answer(body=body, status=status)
