"""What is asked of the store about subscribers, suppressions and bounces.

One contract suite runs over every adapter (`tests/contract`). Each method is one transaction: done
whole or not at all. All raise StoreError where the database is gone, locked for too long, or not of
this program's version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.bounce import Bounce, BounceKind
    from pipeline.core.subscriber import Change, Consent, Subscriber, SubscriberState
    from pipeline.core.suppression import Suppression


class Subscribers(Protocol):
    """Everyone who asked, with what they agreed to."""

    @property
    def salt(self) -> bytes:
        """32 random bytes, made once with the database: what `salted_hash` is salted with."""
        ...

    def get(self, subscriber: int) -> Subscriber | None:
        """The one of that id."""
        ...

    def find(self, addresses: Sequence[str]) -> Mapping[str, Subscriber]:
        """Those of these addresses (as `core.address` compares them), by address."""
        ...

    def find_folded(self, folded: Sequence[str]) -> Mapping[str, tuple[Subscriber, ...]]:
        """Those whose addresses are equal under full case folding (`core.address.folded`)."""
        ...

    def save(self, changes: Sequence[Change]) -> tuple[Subscriber, ...]:
        """Keep all of them or none, in this order, with the ids they have now.

        Raises StaleError where an address is another subscriber's, where a new one's differs from
        another's in case only, and where one is not as the first change of them here says they
        were `before`.
        """
        ...

    def each(
        self,
        *,
        newsletter: str = "",
        state: SubscriberState | None = None,
        matching: str = "",
    ) -> Iterator[Subscriber]:
        """All of them by id, in bounded memory.

        `newsletter` is one that they have, not one that they only asked for; `matching` is a part
        of an address or name, in any case.
        """
        ...

    def counts(self, newsletter: str = "") -> Mapping[SubscriberState, int]:
        """How many are in each state that somebody is in."""
        ...

    def consents(self, subscriber: int) -> tuple[Consent, ...]:
        """The record of one, oldest first."""
        ...

    def erase(self, subscriber: int, suppression: Suppression) -> None:
        """Forget a person: subscriber, record, notices, bounces' words; mailings keep the id.

        Their entry on the suppression list becomes `suppression`, without an address.
        """
        ...

    def forget_pending(self, before: datetime) -> int:
        """Delete those who are pending since before then, with record and notices; how many.

        Nothing is put on the suppression list: they may ask again.
        """
        ...

    def forget_asked(self, before: datetime) -> int:
        """Of who is not pending, drop what they last asked for before then and never confirmed.

        How many had something of it. All else of them stays, their record too: nobody said a word.
        """
        ...

    def suppressed(self, hashes: Sequence[str]) -> Mapping[str, Suppression]:
        """The entries of the list with these hashes, by hash."""
        ...

    def suppress(self, suppressions: Iterable[Suppression], how: str) -> int:
        """Add to the list; a hash that is there keeps its first entry. How many were new.

        Subscribers of these addresses become suppressed, with a line of `how` in their record.
        """
        ...

    def restore(self, entry: str, change: Change | None) -> bool:
        """Take a hash off the list, and keep `change`; False where it was not on it."""
        ...

    def suppressions(self) -> Iterator[Suppression]:
        """The list, oldest first, in bounded memory."""
        ...

    def add_bounce(self, bounce: Bounce) -> bool:
        """Keep a bounce; False where its key is known already."""
        ...

    def bounces(self, subscriber: int) -> tuple[Bounce, ...]:
        """Those of one, oldest first."""
        ...

    def bounce_counts(self) -> Mapping[BounceKind, int]:
        """How many there are of each kind, unknown ones too."""
        ...
