"""What somebody does by a link of their own: leave, choose, pause, move, take along, be forgotten.

Two kinds of links lead here. `/u/<token>` stands in a letter, to leave the newsletter of its
mailing; `/p/<token>` opens all that is kept. Neither leads to the other, both are good for years,
and none of them logs anybody in: what can be done by one is what its page shows. One of before
their last change of address may be read by somebody else: it leaves, and shows and opens nothing. A
link that nobody signed gives None; one of somebody who was erased, or of a test copy, a visit
without a subscriber.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.core import links
from pipeline.core import preferences as moves
from pipeline.core.address import masked, parse_address
from pipeline.core.links import Purpose
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.preferences import Choice
from pipeline.core.subscription import Occasion
from pipeline.core.subscription import leave as leave_move
from pipeline.core.text import legal, one_line
from pipeline.errors import StaleError
from pipeline.flows import subscribe
from pipeline.flows.export import held_json
from pipeline.flows.front_desk import (
    A_DAY,
    AGAIN,
    DAY,
    NAME_MOST,
    known_topics,
    offered_languages,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipeline.core.links import Link
    from pipeline.core.mailing import Mailing
    from pipeline.core.subscriber import Change, Consent, Subscriber
    from pipeline.flows.front_desk import FrontDesk

ONE_CLICK = "one-click"
"""How a mail program leaves (RFC 8058)."""
LEAVING_PAGE = "unsubscribe page"
PAGE = "preferences page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who follows a link, as they are now.

    `subscriber` is None where they were erased, and for a test copy (`is_test`), whose links are
    nobody's. `is_old` says that their address was changed since the link was made. `address` is as
    much of it as this link may show: all, the least by a link to leave, nothing (and none in
    `subscriber`) by an old one. `newsletter` is the key of the mailing's, "" where it stands for
    all; `gets` are the newsletters that they get of those that there are. `pending` is a new
    address that was not confirmed yet, "" for none; `can_return` says whether leaving can still be
    undone.
    """

    subscriber: Subscriber | None = None
    is_test: bool = False
    is_old: bool = False
    address: str = ""
    newsletter: str = ""
    gets: frozenset[str] = frozenset()
    pending: str = ""
    can_return: bool = False


def visit(desk: FrontDesk, token: str, purpose: Purpose, now: datetime) -> Visit | None:
    """What a page shows; changes nothing. None for a link that is none of ours."""
    link = links.read(desk.keys, purpose, token)
    return None if link is None else _visit(desk, purpose, link, now)


def leave(
    desk: FrontDesk,
    token: str,
    purpose: Purpose = Purpose.UNSUBSCRIBE,
    *,
    everything: bool = False,
    how: str = LEAVING_PAGE,
    text: str = "",
    origin: str = "",
    now: datetime,
) -> Visit | None:
    """By the link of a letter: leave its newsletter, or all, whatever state they are in.

    So does the link to their page, and both while they are old, too. A link of no mailing, or of
    one that is gone, leaves all. A second time changes nothing.
    """
    word = Occasion(at=now, how=how, text=text, origin=origin)

    def left(one: Subscriber, newsletter: str) -> Change | None:
        some = frozenset({newsletter}) if newsletter and not everything else None
        return leave_move(one, word, some)

    return _changed(desk, token, purpose, left, now, leaves=True)


def come_back(desk: FrontDesk, token: str, *, origin: str = "", now: datetime) -> Visit | None:
    """By the link of a letter: undo that they left, within an hour (`UNDO_WITHIN`)."""
    word = Occasion(at=now, how=LEAVING_PAGE, origin=origin)

    def returned(one: Subscriber, _: str) -> Change | None:
        return moves.come_back(one, desk.subscribers.consents(one.id), word)

    return _changed(desk, token, Purpose.UNSUBSCRIBE, returned, now)


def save(
    desk: FrontDesk, token: str, choice: Choice, *, text: str = "", origin: str = "", now: datetime
) -> Visit | None:
    """By their page: newsletters, topics, language and name as chosen; what is None stays.

    `text` are the words beside the button. Newsletters and languages that there are none of are
    dropped; what they get of a newsletter that is gone stays.
    """
    word = Occasion(at=now, how=PAGE, text=text, origin=origin)

    def chosen(one: Subscriber, _: str) -> Change | None:
        return moves.choose(one, _known(desk, one, choice), word)

    return _changed(desk, token, Purpose.PREFERENCES, chosen, now)


def pause(
    desk: FrontDesk, token: str, until: datetime | None, *, origin: str = "", now: datetime
) -> Visit | None:
    """By their page: no mailings until then, or, with None, from now on again."""
    word = Occasion(at=now, how=PAGE, origin=origin)
    return _changed(
        desk, token, Purpose.PREFERENCES, lambda one, _: moves.pause(one, until, word), now
    )


def ask_address(
    desk: FrontDesk, token: str, typed: str, *, origin: str = "", now: datetime
) -> Visit | None:
    """By their page: mail is to go to another address, which is asked by a notice first.

    Where that is somebody else's, or suppressed, all is as if it were not, but that nothing is
    sent. Raises AddressError for what is no address.
    """
    address = str(parse_address(typed))
    word = Occasion(at=now, how=PAGE, origin=origin)

    def wanted(one: Subscriber, _: str) -> Change | None:
        return moves.want_address(one, address, desk.subscribers.consents(one.id), word)

    found = _changed(desk, token, Purpose.PREFERENCES, wanted, now)
    if found is None or found.subscriber is None or found.pending != address:
        return found
    one = found.subscriber
    notice = Notice(
        kind=NoticeKind.ADDRESS,
        subscriber=one.id,
        address=address,
        language=one.language,
        newsletters=found.gets,
        created=now,
        due=now,
    )
    desk.notices.add(notice, since=now - DAY, most=A_DAY)
    return found


def erase(desk: FrontDesk, token: str, now: datetime) -> bool:
    """By their page: forget them, for good. False where the link is not of anybody."""
    found = visit(desk, token, Purpose.PREFERENCES, now)
    if found is None or found.subscriber is None or found.is_old:
        return False
    address = found.subscriber.address
    held = subscribe.held(desk.subscribers, desk.ledger, address)
    desk.forget(subscribe.addresses_of(desk.subscribers, held))
    return subscribe.erase(desk.subscribers, address, at=now)


def download(desk: FrontDesk, token: str, now: datetime) -> dict[str, object] | None:
    """By their page: all that is held of them, as plain JSON; None where nothing is."""
    found = visit(desk, token, Purpose.PREFERENCES, now)
    if found is None or found.subscriber is None or found.is_old:
        return None
    held = subscribe.held(desk.subscribers, desk.ledger, found.subscriber.address)
    return held_json(held, desk.message_ids())


def ask_link(desk: FrontDesk, typed: str, *, language: str, now: datetime) -> None:
    """Somebody, who may be anybody, asks for the link to a preferences page, by address.

    A notice is kept whoever it is; who carries it looks whether anybody has the address. `language`
    is that of the page. Raises AddressError.
    """
    notice = Notice(
        kind=NoticeKind.PREFERENCES,
        address=str(parse_address(typed)),
        language=language if language in offered_languages(desk.newsroom) else "",
        created=now,
        due=now,
    )
    desk.notices.add(notice, since=now - DAY, most=A_DAY)


def _visit(desk: FrontDesk, purpose: Purpose, link: Link, now: datetime) -> Visit:
    if link.subscriber == 0:
        return Visit(is_test=True)
    one = desk.subscribers.get(link.subscriber)
    if one is None:
        return Visit()
    record = desk.subscribers.consents(one.id)
    mailing = _mailing(desk, link)
    known = {newsletter.key for newsletter in desk.newsroom.newsletters}
    found = Visit(
        subscriber=one,
        newsletter=mailing.newsletter if mailing else "",
        gets=one.newsletters & known,
    )
    if not _is_current(link, mailing, record):
        return replace(found, subscriber=replace(one, address="", name=""), is_old=True)
    whole = purpose is Purpose.PREFERENCES
    word = Occasion(at=now, how=LEAVING_PAGE)
    return replace(
        found,
        address=one.address if whole else masked(one.address),
        pending=moves.wanted_address(record) if whole else "",
        can_return=moves.come_back(one, record, word) is not None,
    )


def _mailing(desk: FrontDesk, link: Link) -> Mailing | None:
    """None for a link that no mailing carried, or one that is gone."""
    if not 0 < link.mailing < links.UNMAILED:
        return None
    return next((one for one in desk.ledger.mailings() if one.id == link.mailing), None)


def _is_current(link: Link, mailing: Mailing | None, record: Sequence[Consent]) -> bool:
    return moves.is_current(link.mailing, mailing.begins if mailing else None, record)


def _changed(
    desk: FrontDesk,
    token: str,
    purpose: Purpose,
    move: Callable[[Subscriber, str], Change | None],
    now: datetime,
    *,
    leaves: bool = False,
) -> Visit | None:
    """Make a move of who follows a link; how they are after it. By an old one they only leave."""
    link = links.read(desk.keys, purpose, token)
    if link is None:
        return None
    mailing = _mailing(desk, link)
    newsletter = mailing.newsletter if mailing else ""
    for attempt in range(AGAIN):
        one = desk.subscribers.get(link.subscriber) if link.subscriber else None
        may = one and (leaves or _is_current(link, mailing, desk.subscribers.consents(one.id)))
        change = move(one, newsletter) if one and may else None
        try:
            if change is not None:
                desk.subscribers.save([change])
            break
        except StaleError:  # somebody was quicker: look again
            if attempt == AGAIN - 1:
                raise
    return _visit(desk, purpose, link, now)


def _known(desk: FrontDesk, one: Subscriber, choice: Choice) -> Choice:
    """What of it there is; a name on one line."""
    known = {newsletter.key for newsletter in desk.newsroom.newsletters}
    newsletters, language = choice.newsletters, choice.language
    if newsletters:
        newsletters = (newsletters & known) | (one.newsletters - known)
    if language and language not in offered_languages(desk.newsroom):
        language = None
    return Choice(
        newsletters=newsletters,
        topics=None if choice.topics is None else known_topics(choice.topics),
        language=language,
        name=None if choice.name is None else one_line(legal(choice.name))[:NAME_MOST],
    )
