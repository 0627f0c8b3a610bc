"""Signing up, and confirming: the two steps before anybody gets mail.

::

    form ─▶ sign_up ─▶ pending ─▶ notice ─▶ inbox ─▶ /c/<token> ─▶ pending page ─▶ confirm ─▶ active

Nothing that a form is answered with depends on who has the address: for anybody there is a look at
the store, and a notice that is kept. Whoever carries it decides whether anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core import subscription
from pipeline.core.address import parse_address
from pipeline.core.dated_link import Purpose, read
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.preferences import address_mark, move, wanted_address
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import (
    Occasion,
    Wishes,
    is_expired,
    last_asked,
    turns,
    was_confirmed,
)
from pipeline.core.text import legal, one_line
from pipeline.errors import StaleError
from pipeline.flows.front_desk import (
    A_DAY,
    AGAIN,
    DAY,
    HOUR,
    NAME_MOST,
    is_free,
    is_suppressed,
    known_topics,
    offered_languages,
    preferences_token,
    same_mailbox,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.core.address import Address
    from pipeline.core.dated_link import DatedLink
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.flows.front_desk import FrontDesk

HOW = "form"
LINK = "confirmation link"


class Standing(StrEnum):
    """What can be done with a confirmation link."""

    OPEN = "open"  # a button confirms it
    DONE = "done"  # confirmed, just now or before
    EXPIRED = "expired"  # too late, or overtaken: sign up again
    UNKNOWN = "unknown"  # not a link of ours, or of somebody who is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a confirmation link is about.

    `newsletters` are those to be confirmed, or, when that is DONE, all that they get. `address` is
    where the mail goes or is to go. `preferences` is the token of their preferences page, "" unless
    it is DONE, and done not long ago. UNKNOWN and EXPIRED ones hold no more than the language.
    """

    standing: Standing
    purpose: Purpose = Purpose.CONFIRM
    address: str = ""
    language: str = ""
    newsletters: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    preferences: str = ""


def sign_up(
    desk: FrontDesk, typed: str, wishes: Wishes, *, text: str, origin: str, now: datetime
) -> None:
    """Somebody, who may be anybody, asks for newsletters: whoever reads that mailbox is asked.

    `text` are the words of consent that were shown, `origin` where from ("" to keep none). Raises
    AddressError for what is no address. Newsletters and themes that there are none of are dropped;
    without any newsletter left nothing is done.
    """
    address = parse_address(typed)
    known = _known(desk, wishes)
    if not known.newsletters:
        return
    word = Occasion(at=now, how=HOW, text=text, origin=origin)
    kept, again = _kept(desk, address, known, word)
    if again:
        return
    # Where nobody may be written to, the notice is kept like any other, and never sent.
    notice = Notice(
        kind=NoticeKind.KNOWN if kept and not kept.asked else NoticeKind.CONFIRM,
        subscriber=kept.id if kept else 0,
        address=kept.address if kept else str(address),
        language=(kept.language if kept else "") or known.language,
        newsletters=known.newsletters,
        created=now,
        due=now,
    )
    if kept is None:
        # In the place of a row, so that how long an answer takes tells nothing, either.
        decoy = replace(notice, kind=NoticeKind.KNOWN)
        if not desk.notices.add(decoy, since=now - HOUR, most=1):
            return
    desk.notices.add(notice, since=now - DAY, most=A_DAY)


def pending(desk: FrontDesk, token: str, now: datetime) -> Asked:
    """What a page shows above its button; changes nothing."""
    found = _found(desk, token)
    return _asked(desk, *found, now) if found else Asked(standing=Standing.UNKNOWN)


def confirm(desk: FrontDesk, token: str, *, text: str, origin: str, now: datetime) -> Asked:
    """The button was pressed; `text` are the words beside it. A second time changes nothing."""
    word = Occasion(at=now, how=LINK, text=text, origin=origin)
    for _ in range(AGAIN):
        found = _found(desk, token)
        if found is None:
            break
        asked = _asked(desk, *found, now)
        if asked.standing is not Standing.OPEN:
            return asked
        try:
            return _confirmed(desk, *found, word)
        except StaleError:
            continue  # somebody was quicker: look again
    return Asked(standing=Standing.EXPIRED if found else Standing.UNKNOWN)


def _known(desk: FrontDesk, wishes: Wishes) -> Wishes:
    """What of it there is; a name on one line."""
    newsletters = {newsletter.key for newsletter in desk.newsroom.newsletters}
    return Wishes(
        newsletters=wishes.newsletters & newsletters,
        topics=known_topics(wishes.topics),
        name=one_line(legal(wishes.name))[:NAME_MOST],
        language=wishes.language if wishes.language in offered_languages(desk.newsroom) else "",
    )


def _kept(
    desk: FrontDesk, address: Address, wishes: Wishes, word: Occasion
) -> tuple[Subscriber | None, bool]:
    """Their row with what they asked for, None for no row; and True where a mail went out just now.

    Who is suppressed and has no row gets none.
    """
    for _ in range(AGAIN):
        same = same_mailbox(desk.subscribers, address)
        suppressed = is_suppressed(desk.subscribers, str(address))
        before = same[0] if same else None
        asked = last_asked(desk.subscribers.consents(before.id)) if before else None
        again = asked is not None and word.at - asked < HOUR
        if before is None and suppressed:
            return None, False
        if again and before and wishes.newsletters <= before.asked | before.newsletters:
            return before, True
        spelt = before.address if before else str(address)
        change = subscription.sign_up(spelt, before, wishes, word)
        try:
            return desk.subscribers.save([change])[0], again
        except StaleError:
            continue  # the same form, sent twice at once
    return None, True


def _found(desk: FrontDesk, token: str) -> tuple[DatedLink, Subscriber, Sequence[Consent]] | None:
    """Whose link it is, with their record."""
    for purpose in Purpose:
        link = read(desk.keys, purpose, token)
        one = desk.subscribers.get(link.subscriber) if link else None
        if link and one:
            return link, one, desk.subscribers.consents(one.id)
    return None


def _asked(
    desk: FrontDesk, link: DatedLink, one: Subscriber, record: Sequence[Consent], now: datetime
) -> Asked:
    within = timedelta(days=desk.newsroom.subscribing.confirm_days)
    late = is_expired(link.at, now, within)
    if link.purpose is Purpose.CONFIRM:
        is_open = bool(one.asked) and link.mark == turns(record)
        done = one.state is SubscriberState.ACTIVE and not one.asked
        done = done and was_confirmed(record, link.mark)
        address = one.address
    else:
        address = wanted_address(record)
        salt = desk.subscribers.salt
        is_open = bool(address) and link.mark == address_mark(address, salt)
        is_open = is_open and one.state is SubscriberState.ACTIVE
        done = not address and link.mark == address_mark(one.address, salt)
        address = address or one.address
    if one.state is SubscriberState.SUPPRESSED or not (done or (is_open and not late)):
        return Asked(standing=Standing.EXPIRED, purpose=link.purpose, language=one.language)
    if not done:
        return Asked(
            standing=Standing.OPEN,
            purpose=link.purpose,
            address=address,
            language=one.language,
            newsletters=one.asked or one.newsletters,
            topics=one.topics,
        )
    return _done(desk, link.purpose, one, record, late=late)


def _done(
    desk: FrontDesk,
    purpose: Purpose,
    one: Subscriber,
    record: Sequence[Consent],
    *,
    late: bool = False,
) -> Asked:
    """An old link says that it is done, and opens nothing."""
    return Asked(
        standing=Standing.DONE,
        purpose=purpose,
        address="" if late else one.address,
        language=one.language,
        newsletters=one.newsletters,
        topics=one.topics,
        preferences="" if late else preferences_token(desk, one.id, record),
    )


def _confirmed(
    desk: FrontDesk, link: DatedLink, one: Subscriber, record: Sequence[Consent], word: Occasion
) -> Asked:
    """Raises StaleError."""
    expired = Asked(standing=Standing.EXPIRED, purpose=link.purpose, language=one.language)
    if link.purpose is Purpose.CONFIRM:
        within = timedelta(days=desk.newsroom.subscribing.confirm_days)
        change = subscription.confirm(one, word, asked=link.at, within=within)
        if change is None:
            return expired
        return _done(desk, link.purpose, desk.subscribers.save([change])[0], record)
    change = move(one, record, word)
    if change is None or not is_free(desk.subscribers, change.subscriber.address, one.id):
        return expired
    after = desk.subscribers.save([change])[0]
    notice = Notice(
        kind=NoticeKind.MOVED,
        subscriber=one.id,
        address=one.address,
        language=one.language,
        created=word.at,
        due=word.at,
    )
    desk.notices.add(notice, since=word.at - DAY, most=A_DAY)
    return _done(desk, link.purpose, after, (*record, change.consent))
