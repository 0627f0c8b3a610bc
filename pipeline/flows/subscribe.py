"""One person, by an editor's word: added, changed, unsubscribed, looked up, erased, suppressed.

Addresses that differ in case only are one mailbox here: what is asked of a person is asked of each
of them, and a second one is not added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.core.address import parse_address, salted_hash
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import (
    Refusal,
    correct,
    enlist,
    former_addresses,
    last_agreed,
    leave,
    left_of,
    restore,
    vouch,
)
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
class Wanted:
    """What is to be otherwise of a subscriber; what is None stays."""

    name: str | None = None
    language: str | None = None
    topics: frozenset[str] | None = None
    address: str | None = None


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

    Of who was brought by a list only, and has it all, the record has the editor's word from now on.
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
        one = same[0]  # only who is there can be as they were
        if last_agreed(subscribers.consents(one.id)) is None:
            subscribers.save([vouch(one, word)])
        return one, False
    return subscribers.save([found])[0], True


def unsubscribe(
    subscribers: Subscribers, typed: str, word: Occasion, newsletters: frozenset[str] | None = None
) -> tuple[tuple[Subscriber, ...], bool]:
    """End these newsletters (None: all) for who asked an editor; and whether that changed anything.

    Raises AddressError, and SubscriberError where nobody has the address.
    """
    address, same = _same(subscribers, typed)
    if not same:
        raise SubscriberError(
            f"nobody has {address}: enews subscriber list --matching finds one; so that no list "
            f"ever adds this one, enews subscriber suppress {address}"
        )
    found = (leave(one, word, newsletters) for one in same)
    changes = [change for change in found if change is not None]
    after = {one.id: one for one in (*same, *subscribers.save(changes))}
    return tuple(after.values()), bool(changes)


def change(
    subscribers: Subscribers, typed: str, wanted: Wanted, word: Occasion
) -> tuple[Subscriber, bool]:
    """Put right what is kept of somebody, as they asked an editor; and whether that is new.

    Raises AddressError, and SubscriberError for one who is not there, and for a new address that
    is taken or suppressed, or of somebody who gets no mail.
    """
    address, same = _same(subscribers, typed)
    if not same:
        raise SubscriberError(f"nobody has {address}: enews subscriber list --matching finds one")
    one = same[0]
    new = None if wanted.address is None else _free(subscribers, one, wanted.address)
    changed = correct(
        one, word, name=wanted.name, language=wanted.language, topics=wanted.topics, address=new
    )
    if changed is None:
        return one, False
    return subscribers.save([changed])[0], True


def _free(subscribers: Subscribers, one: Subscriber, typed: str) -> str:
    """The address that a subscriber may move to."""
    address, same = _same(subscribers, typed)
    if str(address) == one.address:
        return one.address
    if one.state is not SubscriberState.ACTIVE:
        raise SubscriberError(
            f"{one.address} is {one.state} and stays what it is: where they ask for mail to the "
            f"new one, enews subscriber add {address}"
        )
    entry = _entry(subscribers, address)
    if entry is not None:
        raise SubscriberError(
            f"{address} is suppressed since {entry.at:%Y-%m-%d} ({entry.reason}) and gets no mail: "
            f"where that was wrong, enews subscriber restore {address}"
        )
    other = next((other for other in same if other.id != one.id), None)
    if other is not None:
        raise SubscriberError(
            f"{address} is taken: {other.address} is {other.state}. One of the two goes by "
            "enews subscriber unsubscribe, or erase"
        )
    return str(address)


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
    former = {x for one in same for x in former_addresses(subscribers.consents(one.id))}
    forgotten = Suppression(
        hash=salted_hash(str(address), subscribers.salt), reason=SuppressionReason.ERASED, at=at
    )
    for one in same or (None,):
        subscribers.erase(one.id if one else 0, forgotten)
    for old in sorted(former):
        earlier, others = _same(subscribers, old)
        if not others:  # nobody else has it by now
            gone = salted_hash(str(earlier), subscribers.salt)
            subscribers.erase(0, replace(forgotten, hash=gone))
    return True


def addresses_of(subscribers: Subscribers, found: Held) -> tuple[str, ...]:
    """Every address that the person has or had, and nobody else has now."""
    own = [person.subscriber for person in found.people]
    ids = {one.id for one in own}
    former = [
        old
        for person in found.people
        for old in former_addresses(person.record)
        if all(one.id in ids for one in _same(subscribers, old)[1])
    ]
    return tuple(dict.fromkeys((found.address, *(one.address for one in own), *former)))


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
