"""Subscribers in memory: the port `Subscribers`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from pipeline.core.address import caseless, salted_hash
from pipeline.core.subscriber import Consent, ConsentAction, SubscriberState
from pipeline.errors import StaleError, StoreError
from pipeline.store.memory_running import forget_notices
from pipeline.store.words import CAME_MEANWHILE, check_before, has_new_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.bounce import Bounce, BounceKind
    from pipeline.core.subscriber import Change, Subscriber
    from pipeline.core.suppression import Suppression
    from pipeline.store.memory_state import State


class MemorySubscribers:
    """Everyone who asked, with what they agreed to."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def salt(self) -> bytes:
        """What `salted_hash` is salted with."""
        return self._state.salt

    def get(self, subscriber: int) -> Subscriber | None:
        """The one of that id."""
        with self._state.lock:
            return self._state.subscribers.get(subscriber)

    def find(self, addresses: Sequence[str]) -> Mapping[str, Subscriber]:
        """Those of these addresses, by address."""
        with self._state.lock:
            ids = {x: self._state.addresses[x] for x in addresses if x in self._state.addresses}
            return {address: self._state.subscribers[id_] for address, id_ in ids.items()}

    def find_folded(self, folded: Sequence[str]) -> Mapping[str, tuple[Subscriber, ...]]:
        """Those whose addresses are equal under full case folding."""
        with self._state.lock:
            found = {text: self._of_hash(salted_hash(text, self.salt)) for text in folded}
            return {text: those for text, those in found.items() if those}

    def save(self, changes: Sequence[Change]) -> tuple[Subscriber, ...]:
        """Keep all of them or none, in this order, with the ids they have now."""
        state = self._state
        with state.lock:
            before = (dict(state.subscribers), dict(state.addresses), state.last_subscriber)
            check_before(changes, state.subscribers)
            known = {change.subscriber.id for change in changes}
            for change in filter(has_new_address, changes):
                address = change.subscriber.address
                same = self._of_hash(salted_hash(address, self.salt))
                if any(one.id not in known for one in same):
                    raise StaleError(CAME_MEANWHILE)
            try:
                saved = tuple(self._keep(change.subscriber) for change in changes)
            except StoreError:
                state.subscribers, state.addresses, state.last_subscriber = before
                raise
            for subscriber, change in zip(saved, changes, strict=True):
                self._note(subscriber.id, change.consent)
                self._hash(subscriber.id)
            return saved

    def _keep(self, subscriber: Subscriber) -> Subscriber:
        state = self._state
        if subscriber.id and subscriber.id not in state.subscribers:
            raise StoreError(f"subscriber {subscriber.id} is gone: erased meanwhile")
        if state.addresses.get(subscriber.address, subscriber.id) != subscriber.id:
            raise StaleError(f"{subscriber.address} is another subscriber's address already")
        if subscriber.id:
            del state.addresses[state.subscribers[subscriber.id].address]
        else:
            state.last_subscriber += 1
            subscriber = replace(subscriber, id=state.last_subscriber)
        subscriber = replace(
            subscriber,
            asked=subscriber.asked - subscriber.newsletters,
            since=subscriber.since.astimezone(UTC),
            quiet_until=subscriber.quiet_until and subscriber.quiet_until.astimezone(UTC),
        )
        state.addresses[subscriber.address] = subscriber.id
        state.subscribers[subscriber.id] = subscriber
        return subscriber

    def each(
        self,
        *,
        newsletter: str = "",
        state: SubscriberState | None = None,
        matching: str = "",
    ) -> Iterator[Subscriber]:
        """All of them by id; `matching` is a part of an address or name, in any case."""
        part = caseless(matching)
        with self._state.lock:
            everyone = sorted(self._state.subscribers.items())
        for _, one in everyone:
            if newsletter and newsletter not in one.newsletters:
                continue
            if state is not None and one.state is not state:
                continue
            if part in caseless(one.address) or part in caseless(one.name):
                yield one

    def counts(self, newsletter: str = "") -> Mapping[SubscriberState, int]:
        """How many are in each state that somebody is in."""
        return dict(Counter(one.state for one in self.each(newsletter=newsletter)))

    def consents(self, subscriber: int) -> tuple[Consent, ...]:
        """The record of one, oldest first."""
        with self._state.lock:
            lines = self._state.consents.get(subscriber, [])
            return tuple(sorted(lines, key=lambda line: line.at))

    def erase(self, subscriber: int, suppression: Suppression) -> None:
        """Forget a person; rows of mailings and bounces keep the id, and no words."""
        state = self._state
        with state.lock:
            gone = state.subscribers.pop(subscriber, None)
            if gone is not None:
                del state.addresses[gone.address]
            state.consents.pop(subscriber, None)
            forget_notices(state, subscriber, suppression.hash)
            self._hash(subscriber)
            for key, bounce in state.bounces.items():
                if bounce.subscriber == subscriber:
                    state.bounces[key] = replace(bounce, said="")
            for row in state.rows.values():
                if row.subscriber == subscriber:
                    row.said = ""
            at = suppression.at.astimezone(UTC)
            state.suppressions[suppression.hash] = replace(suppression, address="", at=at)

    def forget_pending(self, before: datetime) -> int:
        """Delete those who asked before then, and never confirmed; how many."""
        state = self._state
        with state.lock:
            gone = [
                one
                for one in state.subscribers.values()
                if one.state is SubscriberState.PENDING and one.since < before
            ]
            for one in gone:
                forget_notices(state, one.id, state.hash_of[one.id])
                del state.subscribers[one.id], state.addresses[one.address]
                state.consents.pop(one.id, None)
                self._hash(one.id)
            return len(gone)

    def forget_asked(self, before: datetime) -> int:
        """Of who is not pending, drop what they asked for before then; how many had something."""
        state = self._state
        with state.lock:
            gone = [
                one
                for one in state.subscribers.values()
                if one.asked
                and one.state is not SubscriberState.PENDING
                and not self._asked_since(one.id, before)
            ]
            for one in gone:
                state.subscribers[one.id] = replace(one, asked=frozenset())
            return len(gone)

    def suppressed(self, hashes: Sequence[str]) -> Mapping[str, Suppression]:
        """The entries of the list with these hashes, by hash."""
        with self._state.lock:
            known = self._state.suppressions
            return {entry: known[entry] for entry in hashes if entry in known}

    def suppress(self, suppressions: Iterable[Suppression], how: str) -> int:
        """Add to the list; a hash that is there keeps its first entry. How many were new."""
        new = 0
        with self._state.lock:
            for entry in suppressions:
                if entry.hash not in self._state.suppressions:
                    at = entry.at.astimezone(UTC)
                    self._state.suppressions[entry.hash] = replace(entry, at=at)
                    new += 1
                for one in self._of_hash(entry.hash):
                    self._end(one, entry, how)
        return new

    def _end(self, one: Subscriber, entry: Suppression, how: str) -> None:
        if one.state is SubscriberState.SUPPRESSED:
            return
        at = entry.at.astimezone(UTC)
        self._state.subscribers[one.id] = replace(one, state=SubscriberState.SUPPRESSED, since=at)
        line = Consent(at=at, action=ConsentAction.SUPPRESSED, how=how, detail=entry.reason.value)
        self._note(one.id, line)

    def restore(self, entry: str, change: Change | None) -> bool:
        """Take a hash off the list, and keep `change`; False where it was not on it."""
        with self._state.lock:
            if entry not in self._state.suppressions:
                return False
            if change is not None:
                self.save([change])
            del self._state.suppressions[entry]
            return True

    def suppressions(self) -> Iterator[Suppression]:
        """The list, oldest first."""
        with self._state.lock:
            entries = list(self._state.suppressions.values())
        yield from sorted(entries, key=lambda entry: (entry.at, entry.hash))

    def add_bounce(self, bounce: Bounce) -> bool:
        """Keep a bounce; False where its key is known already."""
        with self._state.lock:
            if bounce.key in self._state.bounces:
                return False
            self._state.bounces[bounce.key] = replace(bounce, at=bounce.at.astimezone(UTC))
            return True

    def bounces(self, subscriber: int) -> tuple[Bounce, ...]:
        """Those of one, oldest first."""
        with self._state.lock:
            found = [b for b in self._state.bounces.values() if b.subscriber == subscriber]
        return tuple(sorted(found, key=lambda bounce: bounce.at))

    def bounce_counts(self) -> Mapping[BounceKind, int]:
        """How many there are of each kind."""
        with self._state.lock:
            return dict(Counter(bounce.kind for bounce in self._state.bounces.values()))

    def _asked_since(self, subscriber: int, moment: datetime) -> bool:
        lines = self._state.consents.get(subscriber, [])
        return any(line.action is ConsentAction.ASKED and line.at >= moment for line in lines)

    def _note(self, subscriber: int, line: Consent) -> None:
        lines = self._state.consents.setdefault(subscriber, [])
        lines.append(replace(line, at=line.at.astimezone(UTC)))

    def _of_hash(self, entry: str) -> tuple[Subscriber, ...]:
        ids = sorted(self._state.hashes.get(entry, ()))
        return tuple(self._state.subscribers[id_] for id_ in ids)

    def _hash(self, subscriber: int) -> None:
        """Find them by their address of now."""
        state = self._state
        state.hashes.get(state.hash_of.pop(subscriber, ""), set()).discard(subscriber)
        if subscriber in state.subscribers:
            entry = salted_hash(state.subscribers[subscriber].address, self.salt)
            state.hash_of[subscriber] = entry
            state.hashes.setdefault(entry, set()).add(subscriber)
