"""Carrying notices: each is looked at again before it goes, since much may have changed since then.

::

    Notices.take ─▶ prepared ─▶ written ─▶ Carrier ─▶ reply ─▶ Notices.settle
                       └─ nobody may be written to ─────────────▲

A form keeps a notice whoever has the address, so that its answer tells nothing; here is decided
whether anything is sent. Nothing goes to a suppressed address, nor what there is no more need for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.core import dated_link
from pipeline.core.address import parse_address
from pipeline.core.bounce import Bounce, kind_of
from pipeline.core.dated_link import DatedLink
from pipeline.core.notice import NoticeKind, NoticeState, next_try
from pipeline.core.preferences import address_mark, wanted_address
from pipeline.core.reply import Verdict, verdict
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import turns
from pipeline.core.versions import version_for
from pipeline.errors import AddressError, IssueError, MailingError, RenderError
from pipeline.flows.front_desk import (
    is_free,
    is_suppressed,
    offered_languages,
    preferences_token,
    same_mailbox,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipeline.core.notice import Notice
    from pipeline.core.reply import Reply
    from pipeline.core.subscriber import Subscriber
    from pipeline.flows.front_desk import FrontDesk
    from pipeline.ports.sending import Letter

CONFIRM_PATH, PREFERENCES_PATH = "c/", "p/"
"""Below the site's root; a token follows."""
GIVEN_UP = "not taken in a day"
UNWRITABLE = (RenderError, IssueError, MailingError)
"""A template or the newsroom is broken: the notice waits for that to be mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A notice that is to be sent now.

    `notice` has the kind and the address that it goes out with. `newsletters` are keys and `topics`
    keys of themes, in order; `url` is that of its button, "" for none, good for `days` (0: for
    good). `subscriber` is whom a bounce of it is about, 0 for nobody.
    """

    notice: Notice
    lang: str
    newsletters: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    url: str = ""
    days: int = 0
    subscriber: int = 0


def prepared(desk: FrontDesk, notice: Notice) -> Prepared | str:
    """What a notice is to say by now; or why it is not sent."""
    lang = version_for(notice.language, offered_languages(desk.newsroom))
    if not desk.newsroom.newsletters:
        return "no newsletter to send it as"
    if notice.kind is NoticeKind.OPERATORS:
        return Prepared(notice=notice, lang=desk.newsroom.language)
    if is_suppressed(desk.subscribers, notice.address):
        return "suppressed"
    if notice.kind is NoticeKind.MOVED:
        return Prepared(notice=notice, lang=lang, newsletters=_ordered(desk, notice.newsletters))
    one = _whose(desk, notice)
    record = desk.subscribers.consents(one.id) if one else ()
    # Once more, after their record: where they move meanwhile, the link is one of before.
    one = desk.subscribers.get(one.id) if one else None
    if one is None or one.state is SubscriberState.SUPPRESSED:
        return "nobody's"
    if notice.kind is NoticeKind.ADDRESS:
        return _address(desk, notice, one, lang)
    if notice.kind is NoticeKind.PREFERENCES:
        kind = NoticeKind.PREFERENCES
        fits = one.state is not SubscriberState.PENDING
    else:
        kind = NoticeKind.CONFIRM if one.asked else NoticeKind.KNOWN
        fits = bool(one.asked) or one.state is SubscriberState.ACTIVE
    if not fits:
        return "nothing to say any more"
    lang = version_for(one.language or notice.language, offered_languages(desk.newsroom))
    told = Prepared(
        notice=replace(notice, kind=kind, address=one.address),
        lang=lang,
        newsletters=_ordered(desk, one.asked or notice.newsletters & one.newsletters),
        subscriber=one.id,
    )
    if kind is not NoticeKind.CONFIRM:
        url = desk.newsroom.url(PREFERENCES_PATH) + preferences_token(desk, one.id, record)
        return replace(told, url=url)
    mark = turns(record)
    return replace(
        told,
        topics=tuple(sorted(one.topics)),
        url=_confirm_url(desk, notice, dated_link.Purpose.CONFIRM, one.id, mark),
        days=desk.newsroom.subscribing.confirm_days,
    )


@dataclass(slots=True)
class Carrying:
    """The port `Round` for notices. `sent` counts those that a server took, `failed` the others.

    `write` makes a letter of a prepared notice, `now` is the clock, and `bounced` hears of refusals
    for good. `trouble` is why the last one could not be written, "" where all could.
    """

    desk: FrontDesk
    write: Callable[[Prepared], Letter]
    now: Callable[[], datetime]
    bounced: Callable[[Bounce], None]
    stopping: Callable[[], bool] = bool
    sent: int = 0
    failed: int = 0
    trouble: str = ""
    _back: list[Letter] = field(default_factory=list)
    _away: dict[int, Notice] = field(default_factory=dict)

    def next(self) -> Letter | None:
        """The next notice that is due; those that need not be sent are settled on the way."""
        if self._back and not self.stopping():
            return self._back.pop()
        while not self.stopping():
            notice = self.desk.notices.take(self.now())
            if notice is None:
                break
            letter = self._letter(notice)
            if letter is not None:
                self._away[notice.id] = notice
                return letter
        return None

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """Keep what servers said; one that is only begun is tried again where we end now."""
        del begun
        for letter, reply in done:
            notice = self._away.pop(letter.claim.id, None)
            if notice is not None:
                self._settle(notice, letter, reply)

    def put_back(self, letter: Letter) -> None:
        """It goes again by another connection, or when it is due."""
        self._back.append(letter)

    def _letter(self, notice: Notice) -> Letter | None:
        ready = prepared(self.desk, notice)
        if isinstance(ready, str):
            self._end(notice, NoticeState.FAILED, ready)
            return None
        try:
            return self.write(ready)
        except AddressError as error:
            self._end(notice, NoticeState.FAILED, f"the address {error.why}")
        except UNWRITABLE as error:
            self.trouble = str(error)
            self._wait(notice, "it could not be written")
        return None

    def _settle(self, notice: Notice, letter: Letter, reply: Reply) -> None:
        """A server's own words may hold the address, and are not kept."""
        said = f"{reply.stage}: {reply.code} {reply.status}".strip()
        outcome = verdict(reply)
        if outcome is Verdict.SENT:
            self.sent += 1
            self.desk.notices.settle(notice.id, NoticeState.SENT, said, self.now())
        elif outcome is Verdict.FAILED:
            self._end(notice, NoticeState.FAILED, said)
            self._bounce(notice, letter, reply)
        else:
            # An answer that never came may have been a 250: two notices are better than none.
            self._wait(notice, said)

    def _end(self, notice: Notice, state: NoticeState, said: str) -> None:
        self.failed += 1
        self.desk.notices.settle(notice.id, state, said, self.now())

    def _wait(self, notice: Notice, said: str) -> None:
        due = next_try(notice, self.now())
        if due is None:
            self._end(notice, NoticeState.FAILED, f"{said}; {GIVEN_UP}")
        else:
            self.desk.notices.settle(notice.id, NoticeState.WAITING, said, due)

    def _bounce(self, notice: Notice, letter: Letter, reply: Reply) -> None:
        """Of the address of a subscriber, and of no other that a notice goes to."""
        if not letter.claim.subscriber:
            return
        bounce = Bounce(
            key=f"notice:{notice.id}:{notice.created.timestamp()}",
            subscriber=letter.claim.subscriber,
            mailing=0,
            at=self.now(),
            kind=kind_of(reply.code, reply.status, reply.text),
            code=reply.code,
            status=reply.status,
            said=reply.text,
            source="smtp",
        )
        if self.desk.subscribers.add_bounce(bounce):
            self.bounced(bounce)


def _whose(desk: FrontDesk, notice: Notice) -> Subscriber | None:
    """Who a notice is to; where it was asked for by address, who has that now."""
    if notice.subscriber:
        return desk.subscribers.get(notice.subscriber)
    try:
        same = same_mailbox(desk.subscribers, parse_address(notice.address))
    except AddressError:
        return None
    return same[0] if same and notice.kind is NoticeKind.PREFERENCES else None


def _address(desk: FrontDesk, notice: Notice, one: Subscriber, lang: str) -> Prepared | str:
    """To an address that is theirs once somebody there says so."""
    wanted = wanted_address(desk.subscribers.consents(one.id))
    if one.state is not SubscriberState.ACTIVE or wanted != notice.address:
        return "nothing to say any more"
    if not is_free(desk.subscribers, notice.address, one.id):
        return "somebody else's"
    mark = address_mark(notice.address, desk.subscribers.salt)
    return Prepared(
        notice=notice,
        lang=lang,
        newsletters=_ordered(desk, one.newsletters),
        url=_confirm_url(desk, notice, dated_link.Purpose.ADDRESS, one.id, mark),
        days=desk.newsroom.subscribing.confirm_days,
    )


def _confirm_url(
    desk: FrontDesk, notice: Notice, purpose: dated_link.Purpose, subscriber: int, mark: int
) -> str:
    link = DatedLink(purpose=purpose, subscriber=subscriber, at=notice.created, mark=mark)
    return desk.newsroom.url(CONFIRM_PATH) + dated_link.sign(desk.keys[0], link)


def _ordered(desk: FrontDesk, keys: frozenset[str]) -> tuple[str, ...]:
    """Newsletters in the order of the newsroom."""
    return tuple(one.key for one in desk.newsroom.newsletters if one.key in keys)
