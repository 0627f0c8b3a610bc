"""The moves of a subscriber: what signing up, confirming, leaving and an editor's word change.

::

    from          sign up                confirm            leave           enlist        restore
    (nobody)      pending, asked         -                  -               active        -
    pending       asks for more, too     active             unsubscribed    active        -
    active        `asked`, gets as       gets these, too    fewer; without  gets these,   -
                  before                                    any: unsubscr.  too
    unsubscribed  `asked`, stays so      active             -               refused,      -
                                                                            but `again`
    suppressed    stays so               -                  fewer; stays so refused       active, or
                                                                                          unsubscribed

`-`: nothing happens (None). Whoever knows an address can type it into a form, so that a sign-up
changes nothing that counts before it is confirmed; a confirmation that comes too late is none, and
signing up again gives it its whole time anew. What expired is forgotten by the clean-up: all of who
is pending, the `asked` of others. An editor's word (`enlist`: the command line, an
import) makes active at once, but never brings back who left, unless the editor says that they asked
again. A suppression keeps what they asked for, so that lifting it brings them back as they were.

Each move returns a Change, with its line for the record. The `detail` of a line says what changed:
`+key` for a newsletter that is new, `-key` for one that they left, then other words after "; ".
What somebody does by a link of their own is in `core.preferences`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

ACTIVE = SubscriberState.ACTIVE
PENDING = SubscriberState.PENDING
UNSUBSCRIBED = SubscriberState.UNSUBSCRIBED
SUPPRESSED = SubscriberState.SUPPRESSED

IMPORT = "import "
"""How the `how` of a list begins: an editor's own word is `added`, a list's `imported`."""
GONE = "gone from "
"""How a part of a `detail` begins that names a list which says that they left, and not when."""
MOVED = "address: was "
"""How a part of a `detail` begins that names the address of before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody asks for: keys of newsletters, of themes (none: all), and how to greet them."""

    newsletters: frozenset[str]
    topics: frozenset[str] = frozenset()
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When and how something was said; the fields are those of Consent."""

    at: datetime
    how: str
    text: str = ""
    origin: str = ""
    note: str = ""


class Refusal(StrEnum):
    """Why an editor's word is not enough."""

    LEFT = "left"  # they unsubscribed from all of it
    SUPPRESSED = "suppressed"  # no mail goes to them, whoever asks
    CAME_BACK = "came back"  # they left elsewhere, and asked here after it


def sign_up(address: str, before: Subscriber | None, wishes: Wishes, word: Occasion) -> Change:
    """Somebody, who may be anybody, asks for mail to an address; they are asked to confirm.

    For an active subscriber who has all of it already, nothing is left to confirm (`asked` is as it
    was). For a suppressed one only the record grows.
    """
    if before is None:
        after = Subscriber(
            address=address,
            name=wishes.name,
            language=wishes.language,
            topics=wishes.topics,
            asked=wishes.newsletters,
            state=PENDING,
            since=word.at,
        )
    elif before.state is PENDING:
        after = replace(
            before,
            name=wishes.name or before.name,
            language=wishes.language or before.language,
            topics=wishes.topics,
            asked=before.asked | wishes.newsletters,
            since=word.at,
        )
    elif before.state is SUPPRESSED:
        after = before
    else:
        after = replace(before, asked=before.asked | (wishes.newsletters - before.newsletters))
    return recorded(after, before, ConsentAction.ASKED, word, signed("+", wishes.newsletters))


def is_expired(asked: datetime, at: datetime, within: timedelta) -> bool:
    """True where a confirmation of what was asked then comes too late."""
    return at - asked > within


def turns(record: Sequence[Consent]) -> int:
    """How often they confirmed, left or moved, by their record: a link of before ends with it."""
    return len(_turning(record))


def was_confirmed(record: Sequence[Consent], mark: int) -> bool:
    """True where what came after so many `turns` was a confirmation, and nothing came after it."""
    turning = _turning(record)
    return len(turning) == mark + 1 and turning[-1].action is ConsentAction.CONFIRMED


def _turning(record: Sequence[Consent]) -> list[Consent]:
    ends = {ConsentAction.CONFIRMED, ConsentAction.LEFT}
    return [line for line in record if line.action in ends or former_addresses([line])]


def last_asked(record: Sequence[Consent]) -> datetime | None:
    """When they last signed up, unconfirmed, by their record; None for never."""
    times = [line.at for line in record if line.action is ConsentAction.ASKED]
    return max(times, default=None)


def confirm(
    before: Subscriber, word: Occasion, *, asked: datetime, within: timedelta
) -> Change | None:
    """They followed the link in the mail; `asked` is `last_asked`.

    None where there is nothing to confirm (the link was followed twice) or it is too late.
    """
    if not before.asked or before.state is SUPPRESSED or is_expired(asked, word.at, within):
        return None
    after = replace(
        before,
        newsletters=before.newsletters | before.asked,
        asked=frozenset(),
        state=ACTIVE,
        since=before.since if before.state is ACTIVE else word.at,
    )
    gained = signed("+", before.asked - before.newsletters)
    return recorded(after, before, ConsentAction.CONFIRMED, word, gained)


def leave(
    before: Subscriber, word: Occasion, newsletters: frozenset[str] | None = None
) -> Change | None:
    """They want these no more; None: all of them. Without any left they are unsubscribed."""
    gone = before.newsletters | before.asked if newsletters is None else newsletters
    lost = gone & (before.newsletters | before.asked)
    if not lost:
        return None
    after = replace(before, newsletters=before.newsletters - gone, asked=before.asked - gone)
    ends = after.state is ACTIVE and not after.newsletters
    if ends or (after.state is PENDING and not after.asked):
        after = replace(after, state=UNSUBSCRIBED, since=word.at, quiet_until=None)
    return recorded(after, before, ConsentAction.LEFT, word, signed("-", lost))


def enlist(
    address: str,
    before: Subscriber | None,
    wishes: Wishes,
    word: Occasion,
    *,
    left: frozenset[str] = frozenset(),
    again: bool = False,
) -> Change | Refusal | None:
    """An editor's word that they asked: active at once. None where they have it all.

    What they chose themselves stays: name, language and topics fill in only what is empty. `left`
    are the newsletters that an active subscriber left (`left_of`): they do not come back, unless
    `again` says that they asked for them anew.
    """
    if before is not None and before.state is SUPPRESSED:
        return Refusal.SUPPRESSED
    if before is not None and before.state is UNSUBSCRIBED and not again:
        return Refusal.LEFT
    wanted = wishes.newsletters if again else wishes.newsletters - left
    if wishes.newsletters and not wanted and before is not None:
        return Refusal.LEFT
    base = before or Subscriber(address=address, state=PENDING, since=word.at)
    after = replace(
        base,
        name=base.name or wishes.name,
        language=base.language or wishes.language,
        topics=base.topics or (wishes.topics if not base.newsletters else frozenset()),
        newsletters=base.newsletters | wanted,
        asked=base.asked - wanted,
        state=ACTIVE,
        since=base.since if base.state is ACTIVE else word.at,
    )
    if after == before:
        return None
    action = ConsentAction.IMPORTED if word.how.startswith(IMPORT) else ConsentAction.ADDED
    return recorded(after, before, action, word, difference(base, after))


def enlist_left(
    address: str,
    before: Subscriber | None,
    word: Occasion,
    left: datetime | None = None,
    record: Sequence[Consent] = (),
    *,
    source: str = "",
) -> Change | Refusal | None:
    """Another system says that they left (then, if it knows): kept, so that no list adds them.

    None where that is known. By their `record` they may have asked here after it; that they came
    with a list since then is no word of theirs. What they signed up for after it, and did not
    confirm yet, they may still confirm. Where a list of that `source` does not know when, it says
    no more than the one before it did: who came back after that one stays.
    """
    gone = f"{GONE}{source or 'a list'}"
    note = f"left {left.isoformat(timespec='seconds')}" if left else gone
    word = replace(word, note="; ".join(filter(None, (word.note, note))))
    if before is None:
        after = Subscriber(address=address, state=UNSUBSCRIBED, since=left or word.at)
        return recorded(after, None, ConsentAction.IMPORTED, word, "")
    if left and before.newsletters and _is_after(last_agreed(record), left):
        return Refusal.CAME_BACK
    if not left and before.newsletters and last_agreed(_since(record, gone)):
        return Refusal.CAME_BACK
    if not (left and before.asked and _is_after(last_asked(record), left)):
        return leave(before, word)
    if before.state is PENDING:
        after = replace(before, state=UNSUBSCRIBED, since=word.at)
        return recorded(after, before, ConsentAction.LEFT, word, "")
    return leave(before, word, before.newsletters)


def vouch(before: Subscriber, word: Occasion) -> Change:
    """An editor's word for who has all of it already: a line of the record, and nothing else."""
    return recorded(before, before, ConsentAction.ADDED, word, "")


def last_agreed(record: Sequence[Consent], *, lifted: bool = False) -> datetime | None:
    """When they last said themselves that they want mail, or an editor did for them.

    By confirming, or by being added; with `lifted` also by an editor who lifted a suppression. To
    come with a list is none of these, nor is a sign-up that anybody may have typed. None for never.
    """
    times = [
        line.at
        for line in record
        if line.action in {ConsentAction.CONFIRMED, ConsentAction.ADDED}
        # Records of before there was a word for it.
        or (line.action is ConsentAction.IMPORTED and not line.how.startswith(IMPORT))
        or (lifted and line.action is ConsentAction.RESTORED)
    ]
    return max(times, default=None)


def _since(record: Sequence[Consent], gone: str) -> Sequence[Consent]:
    """What follows the first line that ends in these words; () where none does."""
    for place, line in enumerate(record):
        if gone in line.detail.split("; "):
            return record[place + 1 :]
    return ()


def _is_after(said: datetime | None, moment: datetime) -> bool:
    return said is not None and said > moment


def change(
    before: Subscriber,
    word: Occasion,
    *,
    name: str | None = None,
    language: str | None = None,
    topics: frozenset[str] | None = None,
) -> Change | None:
    """They say it themselves, by a link of theirs: what is None stays. Only while they get mail."""
    if before.state is not ACTIVE:
        return None
    return correct(before, word, name=name, language=language, topics=topics)


def correct(
    before: Subscriber,
    word: Occasion,
    *,
    name: str | None = None,
    language: str | None = None,
    topics: frozenset[str] | None = None,
    address: str | None = None,
) -> Change | None:
    """An editor does it for them, in whatever state: what is None stays."""
    after = replace(
        before,
        name=before.name if name is None else name,
        language=before.language if language is None else language,
        topics=before.topics if topics is None else topics,
        address=before.address if address is None else address,
    )
    if after == before:
        return None
    return recorded(after, before, ConsentAction.CHANGED, word, difference(before, after))


def restore(before: Subscriber, word: Occasion) -> Change | None:
    """An editor lifts the suppression: as they were, but for what they never confirmed."""
    if before.state is not SUPPRESSED:
        return None
    state = ACTIVE if before.newsletters else UNSUBSCRIBED
    after = replace(before, asked=frozenset(), state=state, since=word.at)
    return recorded(after, before, ConsentAction.RESTORED, word, "")


def left_of(record: Sequence[Consent]) -> frozenset[str]:
    """The newsletters that they left and did not ask for again, by their record, oldest first."""
    left: set[str] = set()
    for line in record:
        if line.action is ConsentAction.ASKED:
            continue  # anybody may have typed the address
        if not line.detail.startswith(("+", "-")):
            continue  # other words, in which a hyphen may stand
        for word in line.detail.partition("; ")[0].split():
            if word.startswith("-"):
                left.add(word[1:])
            elif word.startswith("+"):
                left.discard(word[1:])
    return frozenset(left)


def former_addresses(record: Sequence[Consent]) -> tuple[str, ...]:
    """The addresses that they had before this one, by their record, oldest first."""
    parts = [part for line in record for part in line.detail.split("; ")]
    return tuple(part.removeprefix(MOVED) for part in parts if part.startswith(MOVED))


def recorded(
    after: Subscriber,
    before: Subscriber | None,
    action: ConsentAction,
    word: Occasion,
    detail: str,
) -> Change:
    """A move with its line: the `detail`, what state it was, and the note of the occasion."""
    moved = "" if before is None or before.state is after.state else f"was {before.state}"
    line = Consent(
        at=word.at,
        action=action,
        how=word.how,
        text=word.text,
        detail="; ".join(filter(None, (detail, moved, word.note))),
        origin=word.origin,
    )
    return Change(subscriber=after, consent=line, before=before)


def difference(before: Subscriber, after: Subscriber) -> str:
    """What changed, in the words of the record."""
    parts = [signed("+", after.newsletters - before.newsletters)]
    if after.address != before.address:
        parts.append(f"{MOVED}{before.address}")
    if after.topics != before.topics:
        parts.append(f"topics: {', '.join(sorted(after.topics)) or 'all'}")
    if after.language != before.language:
        parts.append(f"language: {after.language or 'none'}")
    if after.name != before.name:
        parts.append("name")
    return "; ".join(filter(None, parts))


def signed(sign: str, keys: frozenset[str]) -> str:
    """Newsletters in the words of the record: `+weekly +yearly`."""
    return " ".join(f"{sign}{key}" for key in sorted(keys))
