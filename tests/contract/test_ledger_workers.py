"""What a ledger promises when workers die, are taken for dead, or work at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import DeliveryState, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import FencedError, StoreError
from pipeline.ports.sending import Recovered
from tests.people import AT, LATER, begin, crowd, keep, mailing, sent

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores


def test_who_is_no_worker_claims_nothing(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    for attempt in (
        lambda: store.ledger.claim(run.id, 1, AT),
        lambda: store.ledger.mark([1], []),
        store.ledger.give_back,
    ):
        with pytest.raises(StoreError, match="enter"):
            attempt()


def test_a_dead_workers_rows_are_settled(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 4))
    dead = stores.open()
    dead.ledger.enter("dead")
    a, b, _, _ = dead.ledger.claim(run.id, 4, AT)
    dead.ledger.mark([a.id, b.id], [])
    dead.ledger.mark([], [sent(a.id)])
    stores.kill(dead)
    assert store.ledger.workers() == 0
    assert store.ledger.recover(LATER) == Recovered(requeued=2, uncertain=1)
    assert store.ledger.tally(run.id) == Tally(queued=2, sent=1, uncertain=1)
    (row,) = store.ledger.deliveries(states=[DeliveryState.UNCERTAIN])
    assert (row.id, row.at, row.said) == (
        b.id,
        LATER,
        "the process that sent it was ended before the server answered",
    )
    assert store.ledger.recover(LATER) == Recovered()
    store.ledger.enter("alive")
    assert len(store.ledger.claim(run.id, 4, AT)) == 2


def test_who_ends_as_it_should_leaves_only_doubt(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 4))
    first, second = stores.open(), stores.open()
    for leaving in (first, second):
        leaving.ledger.enter("leaving")
    first.ledger.claim(run.id, 2, AT)
    claim, _ = second.ledger.claim(run.id, 2, AT)
    second.ledger.mark([claim.id], [])
    stores.leave(first)
    stores.leave(second)
    assert store.ledger.workers() == 0
    store.ledger.enter("worker")
    assert len(store.ledger.claim(run.id, 9, AT)) == 3, "nobody has to be recovered first"
    assert store.ledger.recover(LATER) == Recovered(uncertain=1)
    assert store.ledger.tally(run.id) == Tally(queued=3, uncertain=1)


def test_after_a_power_cut_all_that_was_claimed_is_uncertain(
    stores: Stores, store: AnyStore
) -> None:
    run = begin(store, crowd(store, 4))
    dead = stores.open()
    dead.ledger.enter("dead")
    a, b, _ = dead.ledger.claim(run.id, 3, AT)
    dead.ledger.mark([a.id, b.id], [])
    dead.ledger.mark([], [sent(a.id)])
    stores.power_cut(dead)
    assert store.ledger.recover(LATER) == Recovered(uncertain=2)
    assert store.ledger.tally(run.id) == Tally(queued=1, sent=1, uncertain=2)
    rows = list(store.ledger.deliveries(states=[DeliveryState.UNCERTAIN]))
    assert {row.said for row in rows} == {
        "the machine began anew while it was about to be sent",
    }


def test_the_living_are_left_alone(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    other = stores.open()
    other.ledger.enter("other")
    claim, _ = other.ledger.claim(run.id, 2, AT)
    other.ledger.mark([claim.id], [])
    store.ledger.enter("worker")
    assert store.ledger.recover(LATER) == other.ledger.recover(LATER) == Recovered()
    assert store.ledger.tally(run.id) == Tally(queued=1, sending=1)
    other.ledger.mark([], [sent(claim.id)])


def test_who_is_taken_for_dead_sends_nothing_more(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 3))
    other = stores.open()
    other.ledger.enter("other")
    claims = other.ledger.claim(run.id, 2, AT)
    other.ledger.mark([claims[0].id], [])
    stores.seize(other)
    assert store.ledger.recover(LATER) == Recovered(requeued=1, uncertain=1)
    for attempt in (
        lambda: other.ledger.mark([], [sent(claims[0].id)]),
        lambda: other.ledger.mark([claims[1].id], []),
        lambda: other.ledger.claim(run.id, 1, AT),
        other.ledger.give_back,
    ):
        with pytest.raises(FencedError):
            attempt()
    assert store.ledger.tally(run.id) == Tally(queued=2, uncertain=1)


def test_a_row_of_anothers_cannot_be_marked(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    other = stores.open()
    store.ledger.enter("one")
    other.ledger.enter("two")
    (mine,) = store.ledger.claim(run.id, 1, AT)
    (theirs,) = other.ledger.claim(run.id, 1, AT)
    with pytest.raises(FencedError):
        store.ledger.mark([mine.id], [sent(theirs.id)])
    assert store.ledger.tally(run.id) == Tally(queued=2), "nothing of it is kept"
    store.ledger.mark([mine.id], [])
    store.ledger.mark([], [sent(mine.id)])
    with pytest.raises(FencedError):
        store.ledger.mark([mine.id], [])
    with pytest.raises(FencedError):
        store.ledger.mark([], [sent(mine.id)])


def test_who_enters_again_is_the_same_unless_given_up(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    store.ledger.enter("worker")
    assert store.ledger.workers() == 1
    stores.seize(store)
    stores.open().ledger.recover(LATER)
    store.ledger.enter("worker")
    assert len(store.ledger.claim(run.id, 1, AT)) == 1


def test_two_who_recover_at_once_settle_each_row_once(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 60))
    for _ in range(3):
        dead = stores.open()
        dead.ledger.enter("dead")
        claims = dead.ledger.claim(run.id, 20, AT)
        dead.ledger.mark([claim.id for claim in claims[:5]], [])
        stores.kill(dead)
    handles = [stores.open() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda handle: handle.ledger.recover(LATER), handles))
    assert sum(one.requeued for one in found) == 45
    assert sum(one.uncertain for one in found) == 15
    assert store.ledger.tally(run.id) == Tally(queued=45, uncertain=15)


def test_workers_at_the_same_time_never_overlap(stores: Stores, store: AnyStore) -> None:
    everyone = crowd(store, 300)
    run = begin(store, everyone)
    left = [replace(one, state=SubscriberState.UNSUBSCRIBED) for one in everyone[::10]]
    keep(store, *left)

    def work(handle: AnyStore) -> list[int]:
        handle.ledger.enter("worker")
        mine: list[int] = []
        while claims := handle.ledger.claim(run.id, 7, AT):
            handle.ledger.mark([claim.id for claim in claims], [])
            handle.ledger.mark([], [sent(claim.id) for claim in claims])
            mine += [claim.subscriber for claim in claims]
        return mine

    handles = [stores.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        sent_to = [one for mine in pool.map(work, handles) for one in mine]
    expected = [one.id for number, one in enumerate(everyone) if number % 10]
    assert sorted(sent_to) == expected
    assert store.ledger.tally(run.id) == Tally(sent=270, suppressed=30)


def test_two_who_create_at_once_make_one_mailing(stores: Stores, store: AnyStore) -> None:
    handles = [stores.open() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda x: x.ledger.create(mailing(), range(1, 500)), handles))
    assert made[0] == made[1] == made[2]
    assert store.ledger.tally(made[0].id) == Tally(queued=499)


def test_a_mailing_that_is_paused_hands_out_nothing_more(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 200))
    other = stores.open()
    other.ledger.enter("other")

    def work() -> int:
        count = 0
        while claims := other.ledger.claim(run.id, 1, AT):
            count += len(claims)
        return count

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        store.ledger.move(run.id, [MailingState.RUNNING], MailingState.PAUSED, "", LATER)
        found = store.ledger.mailing(run.issue)
        assert working.result() == (found.steps if found else None)
