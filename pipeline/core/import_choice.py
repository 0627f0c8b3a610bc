"""What an entry of somebody else's list leads to, given what is known of its address here.

A list adds, and never takes a person's own word back: who left stays unsubscribed, who is
suppressed stays suppressed, and what they chose themselves stays. What it says against sending
counts: an entry that left there leaves here, one that is blocked there is suppressed, unless they
asked here after it. That another list brought them here after it does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.subscriber import Change, SubscriberState
from pipeline.core.subscription import Refusal, enlist, enlist_left, last_agreed
from pipeline.core.suppression import Suppression, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.core.import_row import Entry
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.subscription import Occasion


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"  # a new subscriber, active
    CHANGED = "changed"  # a newsletter more, or what was empty filled in
    UNCHANGED = "unchanged"  # it is here as it stands there
    UNSUBSCRIBED = "unsubscribed"  # left there: kept as one who left
    SUPPRESSED = "suppressed"  # blocked there: never mailed here
    CAME_BACK = "came_back"  # left or blocked there, and asked here after it: as they are
    STAYS_UNSUBSCRIBED = "stays_unsubscribed"  # left here: a list does not bring them back
    STAYS_SUPPRESSED = "stays_suppressed"  # never mailed, whoever asks
    REPEATED = "repeated"  # the same address is further up in the file
    SAME_MAILBOX = "same_mailbox"  # differs only in case from a subscriber
    LEFT_OUT = "left_out"  # something is wrong with the row


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an entry's address.

    `same` are subscribers of the address, or of ones that differ in case only, `records` theirs by
    id, where the entry speaks against sending; `left` newsletters that the one of the address left;
    `hash` is the address's on the suppression list, `entry` what stands there; `seen` is True where
    the file had the address before.
    """

    hash: str
    same: Sequence[Subscriber] = ()
    records: Mapping[int, Sequence[Consent]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    entry: Suppression | None = None
    seen: bool = False

    def exact(self, address: str) -> Subscriber | None:
        """The subscriber of just this address."""
        return next((one for one in self.same if one.address == address), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What becomes of an entry, what to save for it, and what the report says, if anything."""

    outcome: Outcome
    changes: tuple[Change, ...] = ()
    suppression: Suppression | None = None
    problem: str = ""
    advice: str = ""


def choose(entry: Entry, known: Known, word: Occasion) -> Choice:
    """Decide on one entry; `word` says when and how the list came."""
    word = replace(word, note=entry.asked, origin=entry.origin)
    if entry.state is SubscriberState.SUPPRESSED:
        return _blocked(entry, known, word)
    if entry.state is SubscriberState.UNSUBSCRIBED:
        return _left(entry, known, word)
    if known.seen:
        return Choice(
            outcome=Outcome.REPEATED,
            problem="the address, or one that differs in case only, is further up in the file",
            advice="nothing: the first one counts",
        )
    if known.entry is not None:
        return _stays_suppressed(known.entry, entry.address)
    before = known.exact(entry.address)
    if before is None and known.same:
        return Choice(
            outcome=Outcome.SAME_MAILBOX,
            problem=f"differs only in case from {known.same[0].address}, a subscriber",
            advice="nothing, if it is one mailbox; else enews subscriber add",
        )
    return _wanted(entry, before, known, word)


def _wanted(entry: Entry, before: Subscriber | None, known: Known, word: Occasion) -> Choice:
    found = enlist(entry.address, before, entry.wishes, word, left=known.left)
    if found is None:
        return Choice(outcome=Outcome.UNCHANGED)
    if found is Refusal.LEFT:
        return Choice(
            outcome=Outcome.STAYS_UNSUBSCRIBED,
            problem="unsubscribed here",
            advice="nothing; if they asked again: enews subscriber add --again",
        )
    if not isinstance(found, Change):
        return _stays_suppressed(None, entry.address)
    outcome = Outcome.ADDED if before is None else Outcome.CHANGED
    return Choice(outcome=outcome, changes=(found,))


def _stays_suppressed(entry: Suppression | None, address: str) -> Choice:
    why = f" since {entry.at:%Y-%m-%d} ({entry.reason})" if entry else ""
    return Choice(
        outcome=Outcome.STAYS_SUPPRESSED,
        problem=f"suppressed{why}",
        advice=f"nothing; to lift it: enews subscriber restore {address}",
    )


def _left(entry: Entry, known: Known, word: Occasion) -> Choice:
    if not known.same:
        if known.seen or known.entry is not None:
            # Only in a dry run is one seen further up not here by now.
            outcome = Outcome.UNCHANGED if known.entry else Outcome.UNSUBSCRIBED
            return Choice(outcome=outcome)
        change = enlist_left(entry.address, None, word, entry.left, source=entry.source)
        return Choice(
            outcome=Outcome.UNSUBSCRIBED, changes=(change,) if isinstance(change, Change) else ()
        )
    found = [
        enlist_left(
            entry.address,
            one,
            word,
            entry.left,
            known.records.get(one.id, ()),
            source=entry.source,
        )
        for one in known.same
    ]
    changes = tuple(change for change in found if isinstance(change, Change))
    if Refusal.CAME_BACK in found:
        return replace(_came_back(entry, known, "left"), changes=changes)
    if changes:
        return Choice(outcome=Outcome.UNSUBSCRIBED, changes=changes)
    return Choice(outcome=Outcome.UNCHANGED)


def _came_back(entry: Entry, known: Known, what: str) -> Choice:
    blocked = what == "blocked"
    back = max(filter(None, (last_agreed(x, lifted=blocked) for x in known.records.values())))
    command = "suppress" if blocked else "unsubscribe"
    then = f"on {entry.left:%Y-%m-%d}" if entry.left else "by an earlier list already"
    return Choice(
        outcome=Outcome.CAME_BACK,
        problem=f"{what} there {then}, and asked here on {back:%Y-%m-%d}",
        advice=f"nothing; if they want no mail: enews subscriber {command} {entry.address}",
    )


def _blocked(entry: Entry, known: Known, word: Occasion) -> Choice:
    if known.entry is not None:
        return Choice(outcome=Outcome.UNCHANGED)
    agreed = [last_agreed(record, lifted=True) for record in known.records.values()]
    if entry.left and any(said is not None and said > entry.left for said in agreed):
        return _came_back(entry, known, "blocked")
    suppression = Suppression(
        hash=known.hash,
        address=entry.address,
        reason=SuppressionReason.IMPORTED,
        at=word.at,
        detail=entry.source,
    )
    return Choice(outcome=Outcome.SUPPRESSED, suppression=suppression)
