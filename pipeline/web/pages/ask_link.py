"""`/preferences`: the link to what one gets, asked for by address; never says who is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.form_token import Verdict
from pipeline.flows import preferences as flow
from pipeline.web.pages.asked import Answer
from pipeline.web.pages.form import put_back
from pipeline.web.pages.saying import Typed, inbox, shown, too_many
from pipeline.web.pages.sign_up import TRAP, is_address, said_of, status_of, token_again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.render.door import Place
    from pipeline.web.pages.asked import Asked
    from pipeline.web.pages.house import House

FORM = "preferences"


def look(house: House, asked: Asked) -> Answer:
    """The form."""
    return _form(house, asked, house.place(asked), Typed())


def send(house: House, asked: Asked) -> Answer:
    """The form came back."""
    place = house.place(asked, asked.form.one("lang"))
    if seconds := house.wait(asked):
        return too_many(house, asked, seconds)
    words = house.door().words(place.lang)
    if asked.unread:
        status = status_of(asked.unread)
        return _form(house, asked, place, Typed(), said=words.wrong_body, status=status)
    address = asked.form.one("address")
    typed = Typed(address=put_back(address))
    if not is_address(address):
        wrong = {"address": words.wrong_address}
        return _form(house, asked, place, typed, wrong=wrong, status=422)
    if not asked.form.one(TRAP):
        verdict = house.judge(FORM, asked.form.one("form"), asked.now)
        if verdict is not Verdict.GOOD:
            return _form(house, asked, place, typed, said=said_of(verdict, words))
        flow.ask_link(house.desk(), address, language=place.lang, now=asked.now)
        house.wake()
    said = words.inbox_link(address=shown(typed.address))
    return inbox(house, place, said, again=f"preferences?lang={place.lang}")


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
    body = door.page(
        "ask.html",
        place,
        door.words(place.lang).ask_title,
        said=said,
        wrong=wrong or {},
        typed=typed,
        lang=place.lang,
        token=token_again(house, FORM, asked),
    )
    return Answer(body=body, status=status)
