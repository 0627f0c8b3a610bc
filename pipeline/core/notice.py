"""A notice: a mail to one person that is no issue: asking them to confirm, giving them their link.

It is kept before it is sent and carried by whoever is at work: a sign-up whose process died an
instant later still gets its mail. At worst somebody gets one twice; never an issue, which has rows
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.address import mentions

if TYPE_CHECKING:
    from datetime import datetime

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long after a try the next one comes; the last one again and again, for `TRIED_FOR`."""
TRIED_FOR = timedelta(hours=24)


class NoticeKind(StrEnum):
    """What it says."""

    CONFIRM = "confirm"  # somebody signed up with this address: one button confirms it
    KNOWN = "known"  # somebody signed up who has it all: nothing to confirm, here is your link
    PREFERENCES = "preferences"  # the link to what one gets, asked for by address
    ADDRESS = "address"  # to a new address: one button makes it theirs
    MOVED = "moved"  # to the old address: mail goes to another one from now on
    OPERATORS = "operators"  # to who runs the newsroom: what is wrong


class NoticeState(StrEnum):
    """Where it stands."""

    WAITING = "waiting"  # not sent yet, or to be tried again
    SENT = "sent"  # a server said 250
    FAILED = "failed"  # a server refused it for good, or would not take it in a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`id` is given by the store (0: not kept yet); all times are aware.

    `subscriber` is an id, 0 for operators; `address` is where it goes; `language` a BCP 47 tag;
    `newsletters` are keys, of those it is about. `text` is what it says beyond its kind, for
    operators. `due` is when it may be tried, `said` what the server said of the last try.
    """

    id: int = 0
    kind: NoticeKind
    subscriber: int = 0
    address: str
    language: str = ""
    newsletters: frozenset[str] = frozenset()
    text: str = ""
    created: datetime
    due: datetime
    tries: int = 0
    state: NoticeState = NoticeState.WAITING
    said: str = ""


def next_try(notice: Notice, at: datetime) -> datetime | None:
    """When it is tried again after a refusal for now, or None: never."""
    if at - notice.created >= TRIED_FOR:
        return None
    return at + WAITS[min(max(notice.tries, 1), len(WAITS)) - 1]


def tried(notice: Notice, at: datetime) -> Notice:
    """One that is being sent: where its process dies, it is tried again when it is `due`."""
    again = replace(notice, tries=notice.tries + 1)
    return replace(again, due=next_try(again, at) or at + TRIED_FOR)


def settled(notice: Notice, state: NoticeState, said: str, due: datetime) -> Notice:
    """What came of a try. One that is over names nobody any more.

    Its address and text are forgotten, and what the server said where that has the address in it.
    """
    if state is NoticeState.WAITING:
        return replace(notice, state=state, said=said, due=due)
    kept = "" if mentions(said, (notice.address,)) else said
    return replace(notice, state=state, said=kept, due=due, address="", text="")
