"""One person, by an editor's word: added, looked up, erased, suppressed, restored.

Addresses that differ in case only are one mailbox here: what is asked of a person is asked of each
of them, and a second one is not added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.address import parse_address, salted_hash
from pipeline.core.subscription import Refusal, enlist, left_of, restore
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.errors import SubscriberError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.core.address import Address
    from pipeline.core.bounce import Bounce
    from pipeline.core.delivery import Delivery
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.subscription import Occasion, Wishes
    from pipeline.ports.people import Subscribers
    from pipeline.ports.sending import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All that is held of a subscriber."""

    subscriber: Subscriber
    record: Sequence[Consent]
    deliveries: Sequence[Delivery]
    bounces: Sequence[Bounce]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All that is held of an address."""

    address: str
    people: tuple[Person, ...]
    suppression: Suppression | None


def add(
    subscribers: Subscribers, typed: str, wishes: Wishes, word: Occasion, *, again: bool = False
) -> tuple[Subscriber, bool]:
    """Make somebody active who asked an editor; and whether that changed anything.

    Raises AddressError, and SubscriberError for one who is suppressed, who left and did not ask
    `again`, or whose mailbox is there under an address that differs in case only.
    """
    address, same = _same(subscribers, typed)
    entry = _entry(subscribers, address)
    if entry is not None:
        raise SubscriberError(
            f"{address} is suppressed since {entry.at:%Y-%m-%d} ({entry.reason}) and gets no mail: "
            f"where that was wrong, enews subscriber restore {address}"
        )
    before = next((one for one in same if one.address == str(address)), None)
    if before is None and same:
        raise SubscriberError(
            f"{address} differs only in case from {same[0].address}, which is a subscriber: "
            "one mailbox gets one mail"
        )
    left = left_of(subscribers.consents(before.id)) if before else frozenset()
    found = enlist(str(address), before, wishes, word, left=left, again=again)
    if isinstance(found, Refusal):
        if found is Refusal.SUPPRESSED:
            raise SubscriberError(
                f"{address} is suppressed and gets no mail: enews subscriber restore {address}"
            )
        raise SubscriberError(
            f"{address} unsubscribed and is not brought back: where they asked again, --again"
        )
    if found is None:
        return same[0], False  # only who is there can be as they were
    return subscribers.save([found])[0], True


def held(subscribers: Subscribers, ledger: Ledger, typed: str) -> Held:
    """All that is held of an address; a subscriber who is not there has nothing. AddressError."""
    address, same = _same(subscribers, typed)
    people = tuple(
        Person(
            subscriber=one,
            record=subscribers.consents(one.id),
            deliveries=tuple(ledger.deliveries(subscriber=one.id)),
            bounces=subscribers.bounces(one.id),
        )
        for one in same
    )
    entry = _entry(subscribers, address)
    return Held(address=str(address), people=people, suppression=entry)


def erase(subscribers: Subscribers, typed: str, *, at: datetime) -> bool:
    """Forget a person, and never mail them again; False where nothing is held of them.

    What stays: counts, rows of mailings without an address, and a salted hash on the suppression
    list. Raises AddressError.
    """
    address, same = _same(subscribers, typed)
    entry = _entry(subscribers, address)
    if not same and (entry is None or not entry.address):
        return False
    forgotten = Suppression(
        hash=salted_hash(str(address), subscribers.salt), reason=SuppressionReason.ERASED, at=at
    )
    for one in same or (None,):
        subscribers.erase(one.id if one else 0, forgotten)
    return True


def suppress(subscribers: Subscribers, typed: str, reason: str, *, how: str, at: datetime) -> bool:
    """Never mail an address again, known or not; False where that is so already. AddressError."""
    address = parse_address(typed)
    suppression = Suppression(
        hash=salted_hash(str(address), subscribers.salt),
        address=str(address),
        reason=SuppressionReason.MANUAL,
        at=at,
        detail=reason,
    )
    return subscribers.suppress([suppression], how) > 0


def lift(
    subscribers: Subscribers, typed: str, word: Occasion
) -> tuple[bool, tuple[Subscriber, ...]]:
    """Take an address off the suppression list: whether it was on it, and who is back as what.

    Raises AddressError.
    """
    address, same = _same(subscribers, typed)
    found = (restore(one, word) for one in same)
    changes = [change for change in found if change is not None]
    if changes[1:]:
        # Still on the list, so that nothing goes to them before the last step.
        subscribers.save(changes[1:])
    entry = salted_hash(str(address), subscribers.salt)
    lifted = subscribers.restore(entry, changes[0] if changes else None)
    back = tuple(change.subscriber for change in changes)
    if changes and not lifted:
        subscribers.save(changes[:1])
    return lifted or bool(changes), back


def _same(subscribers: Subscribers, typed: str) -> tuple[Address, Sequence[Subscriber]]:
    """An address, and the subscribers who have it in any case, the very one first."""
    address = parse_address(typed)
    found = subscribers.find_folded([address.folded]).get(address.folded, ())
    return address, sorted(found, key=lambda one: one.address != str(address))


def _entry(subscribers: Subscribers, address: Address) -> Suppression | None:
    entry = salted_hash(str(address), subscribers.salt)
    return subscribers.suppressed([entry]).get(entry)
