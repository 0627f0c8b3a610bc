"""The moves of somebody who follows a link of their own: to choose, pause, leave, move, come back.

Whoever has the link reads their mail, so that nothing here waits for a confirmation but a new
address. Whoever has one of before that change read it then (`is_current`), and may only leave. All
is refused (None) to who is suppressed, except to want less.

The `detail` of a line of the record, beside what `core.subscription` writes: `paused until …`,
`resumed`, and `wants address: …` for one that is not confirmed yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.core.address import salted_hash
from pipeline.core.links import UNMAILED
from pipeline.core.subscriber import ConsentAction, SubscriberState
from pipeline.core.subscription import (
    MOVED,
    correct,
    difference,
    former_addresses,
    leave,
    recorded,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.core.subscriber import Change, Consent, Subscriber
    from pipeline.core.subscription import Occasion

WANTS = "wants address: "
"""How a part of a `detail` begins that names a new address, not confirmed yet."""
WANTED_A_DAY = 3
"""New addresses that one subscriber may ask for in a day: each of them is sent a mail."""
UNDO_WITHIN = timedelta(hours=1)
"""How long after leaving the page that says so can undo it."""
MARK_BITS = 48
_KEY = re.compile(r"[+-]\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a preferences page was sent back with; what is None stays as it is."""

    newsletters: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    language: str | None = None
    name: str | None = None


def choose(before: Subscriber, choice: Choice, word: Occasion) -> Change | None:
    """They get these newsletters from now on, and no others; without any they have left.

    Who signed up and never confirmed does so by this. None where nothing changes.
    """
    wanted = before.newsletters if choice.newsletters is None else choice.newsletters
    if before.state is SubscriberState.SUPPRESSED:
        lost = (before.newsletters | before.asked) - wanted
        return leave(before, word, lost) if choice.newsletters is not None else None
    if choice.newsletters is not None and not wanted:
        return leave(before, word)
    after = replace(
        before,
        newsletters=wanted,
        asked=before.asked if choice.newsletters is None else frozenset(),
        topics=before.topics if choice.topics is None else choice.topics,
        language=before.language if choice.language is None else choice.language,
        name=before.name if choice.name is None else choice.name,
    )
    if wanted and after.state is not SubscriberState.ACTIVE:
        after = replace(after, state=SubscriberState.ACTIVE, since=word.at)
    if after == before:
        return None
    gained, lost = wanted - before.newsletters, before.newsletters - wanted
    action = ConsentAction.CHANGED
    if gained:
        action = ConsentAction.CONFIRMED
    elif lost:
        action = ConsentAction.LEFT
    keys = " ".join(filter(None, (signed("+", gained), signed("-", lost))))
    rest = difference(replace(before, newsletters=after.newsletters), after)
    return recorded(after, before, action, word, "; ".join(filter(None, (keys, rest))))


def pause(before: Subscriber, until: datetime | None, word: Occasion) -> Change | None:
    """No mailings until then, or, with None, again from now on; only while they get mail."""
    if before.state is not SubscriberState.ACTIVE or before.quiet_until == until:
        return None
    after = replace(before, quiet_until=until)
    said = f"paused until {until.isoformat(timespec='minutes')}" if until else "resumed"
    return recorded(after, before, ConsentAction.CHANGED, word, said)


def come_back(before: Subscriber, record: Sequence[Consent], word: Occasion) -> Change | None:
    """They left by mistake just now: they get again what they got. None where that is too late.

    What they had only asked for, and not confirmed, does not come with it.
    """
    lines = [line for line in record if line.action is not ConsentAction.ASKED]
    if before.state is SubscriberState.SUPPRESSED or not lines:
        return None
    last = lines[-1]
    if last.action is not ConsentAction.LEFT or word.at - last.at > UNDO_WITHIN:
        return None
    lost = {key[1:] for key in _keys(last) if key[0] == "-"}
    back = (frozenset(lost) & _had(lines[:-1])) - before.newsletters
    if not back:
        return None
    state = SubscriberState.ACTIVE
    since = before.since if before.state is state else word.at
    newsletters = before.newsletters | back
    after = replace(
        before, newsletters=newsletters, asked=before.asked - back, state=state, since=since
    )
    return recorded(after, before, ConsentAction.CHANGED, word, signed("+", back))


def want_address(
    before: Subscriber, address: str, record: Sequence[Consent], word: Occasion
) -> Change | None:
    """They want their mail at another address, which is asked first; only their record changes.

    None for the one that they have, while they get no mail, and after `WANTED_A_DAY` others.
    """
    recent = [line for line in record if _wanted(line) and line.at > word.at - timedelta(days=1)]
    if before.state is not SubscriberState.ACTIVE or address == before.address:
        return None
    if len(recent) >= WANTED_A_DAY:
        return None
    return recorded(before, before, ConsentAction.CHANGED, word, f"{WANTS}{address}")


def wanted_address(record: Sequence[Consent]) -> str:
    """The address that they asked for last and did not confirm yet, "" for none."""
    found = ""
    for line in record:
        if wanted := _wanted(line):
            found = wanted
        elif MOVED in line.detail:
            found = ""
    return found


def address_mark(address: str, salt: bytes) -> int:
    """What stands for a new address in the link that confirms it: bits of its salted hash."""
    return int(salted_hash(address, salt)[: MARK_BITS // 4], 16)


def move(before: Subscriber, record: Sequence[Consent], word: Occasion) -> Change | None:
    """The new address confirmed it: their mail goes there. None where none is wanted any more."""
    address = wanted_address(record)
    if before.state is not SubscriberState.ACTIVE or not address:
        return None
    return correct(before, word, address=address)


def generation(record: Sequence[Consent]) -> int:
    """What a link holds in the place of a mailing that none carries: equal until the next move."""
    return UNMAILED + len(former_addresses(record))


def is_current(mailing: int, begins: datetime | None, record: Sequence[Consent]) -> bool:
    """True where a link was made for the address that they have now.

    `mailing` is what the link holds, `begins` when that mailing did (None: there is none of it). A
    copy never goes out before, so that one of a mailing which began after the last change of their
    address went to the new one. What is not current may lie in a mailbox that is theirs no more.
    """
    if mailing >= UNMAILED:
        return mailing == generation(record)
    moves = [line.at for line in record if former_addresses([line])]
    return not moves or (begins is not None and begins > max(moves))


def _wanted(line: Consent) -> str:
    return line.detail.removeprefix(WANTS) if line.detail.startswith(WANTS) else ""


def _keys(line: Consent) -> list[str]:
    """`+key` and `-key` of a line."""
    first = line.detail.partition("; ")[0]
    return _KEY.findall(first) if first.startswith(("+", "-")) else []


def _had(lines: Sequence[Consent]) -> frozenset[str]:
    """What they got after these lines."""
    had: set[str] = set()
    for line in lines:
        for key in _keys(line):
            (had.add if key[0] == "+" else had.discard)(key[1:])
    return frozenset(had)
