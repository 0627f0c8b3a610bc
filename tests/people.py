"""Subscribers, mailings and what else a store keeps, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.address import salted_hash
from pipeline.core.bounce import Bounce, BounceKind
from pipeline.core.delivery import DeliveryState, Settled
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.core.suppression import Suppression, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.databases import AnyStore

NOW = datetime(2017, 7, 12, 9, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
AT = NOW.timestamp()
NEWS = "enewsupdate"
ASKED = Consent(at=NOW, action=ConsentAction.ASKED, how="form", text="Yes, please", origin="::1")


def reader(name: str, /, **changes: object) -> Subscriber:
    """An active subscriber of the newsletter."""
    values: dict[str, object] = {
        "address": f"{name}@example.org",
        "name": name.title(),
        "newsletters": frozenset({NEWS}),
        "state": SubscriberState.ACTIVE,
        "since": NOW,
    }
    return Subscriber(**(values | changes))  # type: ignore[arg-type]


def change(subscriber: Subscriber, consent: Consent = ASKED) -> Change:
    return Change(subscriber=subscriber, consent=consent)


def keep(store: AnyStore, *subscribers: Subscriber) -> tuple[Subscriber, ...]:
    return store.subscribers.save([change(one) for one in subscribers])


def crowd(store: AnyStore, count: int) -> tuple[Subscriber, ...]:
    return keep(store, *(reader(f"reader-{number:04}") for number in range(count)))


def suppression(
    store: AnyStore, address: str, reason: SuppressionReason = SuppressionReason.MANUAL
) -> Suppression:
    entry = salted_hash(address, store.subscribers.salt)
    return Suppression(hash=entry, address=address, reason=reason, at=LATER, detail="no more")


def bounce(key: str, subscriber: int = 0, /, **changes: object) -> Bounce:
    values: dict[str, object] = {
        "key": key,
        "subscriber": subscriber,
        "mailing": 1,
        "at": NOW,
        "kind": BounceKind.HARD,
        "code": 550,
        "status": "5.1.1",
        "said": "no such user: ann@example.org",
        "source": "smtp",
    }
    return Bounce(**(values | changes))  # type: ignore[arg-type]


def mailing(issue: str = f"{NEWS}/2017-05", **changes: object) -> Mailing:
    values: dict[str, object] = {
        "issue": issue,
        "newsletter": NEWS,
        "digest": "4f1c",
        "state": MailingState.RUNNING,
        "created": NOW,
        "begins": NOW,
        "since": NOW,
    }
    return Mailing(**(values | changes))  # type: ignore[arg-type]


def begin(store: AnyStore, subscribers: Iterable[Subscriber]) -> Mailing:
    return store.ledger.create(mailing(), [one.id for one in subscribers])


def sent(row: int, at: float = AT) -> Settled:
    return Settled(row, DeliveryState.SENT, at, 250, "2.0.0", "queued as 1")


def deferred(row: int, at: float = AT, due: float = AT + 300, /, **changes: object) -> Settled:
    state = DeliveryState.DEFERRED
    return Settled(row, state, at, 451, "4.7.1", "later", due, **changes)  # type: ignore[arg-type]
