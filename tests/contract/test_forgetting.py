"""What the port `Subscribers` promises of what was asked for and never confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.subscriber import Change, Consent, ConsentAction, SubscriberState
from pipeline.errors import StaleError
from tests.people import NEWS, NOW, keep, reader

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.core.subscriber import Subscriber
    from tests.databases import AnyStore

EVENTS = frozenset({"events"})
OLD, MICROSECOND = NOW - timedelta(days=9), timedelta(microseconds=1)


def said(one: Subscriber, at: datetime, action: ConsentAction = ConsentAction.ASKED) -> Change:
    return Change(subscriber=one, consent=Consent(at=at, action=action, how="form"))


@pytest.mark.parametrize(
    "state",
    [SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED],
)
def test_what_was_never_confirmed_is_dropped_and_all_else_stays(
    store: AnyStore, state: SubscriberState
) -> None:
    ann = reader("ann", state=state, since=NOW, topics=frozenset({"youth"}), asked=EVENTS)
    (ann,) = store.subscribers.save([said(ann, OLD)])
    record = store.subscribers.consents(ann.id)
    assert store.subscribers.forget_asked(NOW) == 1
    assert store.subscribers.get(ann.id) == replace(ann, asked=frozenset())
    assert store.subscribers.consents(ann.id) == record
    assert store.subscribers.forget_asked(NOW) == 0


def test_who_asked_lately_keeps_all_that_they_asked_for(store: AnyStore) -> None:
    both = EVENTS | {"jobs"}
    (ann,) = store.subscribers.save([said(reader("ann", asked=EVENTS), OLD)])
    (ann,) = store.subscribers.save([said(replace(ann, asked=both), NOW)])
    store.subscribers.save([said(ann, OLD + MICROSECOND, ConsentAction.CHANGED)])
    assert store.subscribers.forget_asked(NOW) == 0
    assert store.subscribers.get(ann.id) == ann
    assert store.subscribers.forget_asked(NOW + MICROSECOND) == 1, "however much it was"


def test_no_other_word_of_theirs_keeps_it(store: AnyStore) -> None:
    (ann,) = store.subscribers.save([said(reader("ann", asked=EVENTS), OLD)])
    store.subscribers.save([said(ann, NOW, ConsentAction.CONFIRMED)])
    assert store.subscribers.forget_asked(NOW) == 1


def test_pending_ones_and_who_asked_for_nothing_are_left_alone(store: AnyStore) -> None:
    waits = reader("bob", state=SubscriberState.PENDING, newsletters=frozenset(), asked=EVENTS)
    kept = store.subscribers.save([said(waits, OLD), said(reader("eve"), OLD)])
    assert store.subscribers.forget_asked(NOW) == 0
    assert tuple(store.subscribers.each()) == kept


def test_many_are_dropped_at_once(store: AnyStore) -> None:
    crowd = [reader(f"reader-{number}", asked=EVENTS) for number in range(1200)]
    store.subscribers.save([said(one, OLD) for one in crowd])
    assert store.subscribers.forget_asked(NOW) == 1200
    assert not any(one.asked for one in store.subscribers.each())
    assert all(one.newsletters == {NEWS} for one in store.subscribers.each())


def test_who_confirms_what_was_dropped_meanwhile_is_told_to_look_again(store: AnyStore) -> None:
    (ann,) = store.subscribers.save([said(reader("ann", asked=EVENTS), OLD)])
    store.subscribers.forget_asked(NOW)
    after = replace(ann, newsletters=ann.newsletters | EVENTS, asked=frozenset())
    change = replace(said(after, NOW, ConsentAction.CONFIRMED), before=ann)
    with pytest.raises(StaleError):
        store.subscribers.save([change])
    (again,) = keep(store, replace(ann, asked=EVENTS))
    assert again.asked == EVENTS
