"""What the port `Ledger` promises, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import Claim, DeliveryState, Settled, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import SubscriberState
from pipeline.core.suppression import SuppressionReason
from pipeline.errors import StoreError
from tests.people import (
    AT,
    LATER,
    NEWS,
    NOW,
    begin,
    crowd,
    deferred,
    keep,
    mailing,
    reader,
    sent,
    suppression,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import AnyStore, Stores

RUNNING, PAUSED, FINISHED = MailingState.RUNNING, MailingState.PAUSED, MailingState.FINISHED


def test_a_mailing_comes_back_as_kept(store: AnyStore) -> None:
    given = mailing(state=MailingState.SCHEDULED, reason="at noon", begins=LATER, digest="ab" * 32)
    kept = store.ledger.create(given, [])
    assert kept == replace(given, id=kept.id)
    assert kept.id >= 1
    assert store.ledger.mailing(given.issue) == kept
    assert store.ledger.mailing("enewsupdate/2017-06") is None


def test_mailings_come_oldest_first(store: AnyStore) -> None:
    kept = [store.ledger.create(mailing(f"{NEWS}/2017-{n:02}"), [1, 2]) for n in (5, 3, 4)]
    assert list(store.ledger.mailings()) == kept
    assert [store.ledger.tally(one.id).total for one in kept] == [2, 2, 2]


def test_every_recipient_has_a_row(store: AnyStore) -> None:
    everyone = crowd(store, 1203)
    run = store.ledger.create(mailing(), (one.id for one in store.subscribers.each()))
    rows = list(store.ledger.deliveries())
    assert [(row.subscriber, row.address) for row in rows] == [
        (one.id, one.address) for one in everyone
    ]
    assert {(row.mailing, row.issue, row.state) for row in rows} == {
        (run.id, run.issue, DeliveryState.QUEUED)
    }
    assert {(row.at, row.due, row.attempts, row.said) for row in rows} == {(None, None, 0, "")}
    assert store.ledger.tally(run.id) == Tally(queued=1203)


def test_who_creates_second_finds_the_first(stores: Stores, store: AnyStore) -> None:
    first = store.ledger.create(mailing(), [1, 2])
    other = stores.open()
    assert other.ledger.create(mailing(digest="other"), [3]) == first
    assert [row.subscriber for row in store.ledger.deliveries()] == [1, 2]


def test_nothing_is_kept_where_the_recipients_cannot_be_read(store: AnyStore) -> None:
    def ids() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.ledger.create(mailing(), ids())
    assert store.ledger.mailings() == ()
    assert list(store.ledger.deliveries()) == []
    assert store.ledger.create(mailing(), [1]).issue == mailing().issue


def test_nobody_is_in_a_mailing_twice(store: AnyStore) -> None:
    with pytest.raises(StoreError, match="twice"):
        store.ledger.create(mailing(), [1, 2, 1])
    assert store.ledger.mailings() == ()
    assert list(store.ledger.deliveries()) == []


def test_a_mailing_moves_from_the_states_that_are_named(store: AnyStore) -> None:
    run = store.ledger.create(mailing(), [1])
    assert not store.ledger.move(run.id, [PAUSED], RUNNING, "", LATER)
    assert store.ledger.mailing(run.issue) == run
    assert store.ledger.move(run.id, [PAUSED, RUNNING], PAUSED, "552 5.7.1 no", LATER)
    paused = replace(run, state=PAUSED, reason="552 5.7.1 no", since=LATER)
    assert store.ledger.mailing(run.issue) == paused
    assert not store.ledger.move(run.id + 1, [RUNNING], PAUSED, "", LATER)
    assert not store.ledger.move(run.id, [], RUNNING, "", LATER)


def test_it_is_finished_when_every_row_is_final(store: AnyStore) -> None:
    run = begin(store, crowd(store, 4))
    other = store.ledger.create(mailing("other/1"), [1])
    ledger = store.ledger
    ledger.enter("worker")

    def finish() -> bool:
        return ledger.move(run.id, [RUNNING], FINISHED, "", LATER)

    assert not finish()
    a, b, c, d = ledger.claim(run.id, 4, AT)
    assert not finish()
    ledger.mark([d.id], [sent(a.id), deferred(b.id), deferred(c.id)])
    assert not finish()
    ledger.mark([], [Settled(d.id, DeliveryState.UNCERTAIN, AT)])
    assert not finish()
    again = ledger.claim(run.id, 4, AT + 300)
    ledger.mark([], [Settled(row.id, DeliveryState.FAILED, AT + 300, 550) for row in again])
    assert finish()
    assert ledger.tally(run.id) == Tally(sent=1, failed=2, uncertain=1)
    assert ledger.tally(other.id) == Tally(queued=1)


def test_a_claim_says_what_a_letter_needs(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann", name="Ann, of Arc", language="fr"))
    run = begin(store, [ann])
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 5, AT)
    assert claim == Claim(claim.id, ann.id, ann.address, "Ann, of Arc", "fr", 0, 0.0)
    assert store.ledger.claim(run.id, 5, AT) in ((), [])
    assert store.ledger.tally(run.id) == Tally(queued=1)


def test_claims_come_in_order_and_are_counted(store: AnyStore) -> None:
    everyone = crowd(store, 25)
    run = begin(store, everyone)
    store.ledger.enter("worker")
    claims: list[Claim] = []
    for number in (1, 2, 3):
        claims += store.ledger.claim(run.id, 10, AT)
        found = store.ledger.mailing(run.issue)
        assert found is not None
        assert found.steps == number
    assert [claim.subscriber for claim in claims] == [one.id for one in everyone]
    assert not store.ledger.claim(run.id, 10, AT)
    assert store.ledger.mailing(run.issue) == replace(run, steps=3)


def test_steps_count_claims_and_marks_of_their_mailing(store: AnyStore) -> None:
    everyone = crowd(store, 3)
    run = begin(store, everyone)
    other = store.ledger.create(mailing("other/1"), [one.id for one in everyone])
    store.ledger.enter("worker")
    a, b = store.ledger.claim(run.id, 2, AT)
    (c,) = store.ledger.claim(other.id, 1, AT)
    assert (store.ledger.steps(run.id), store.ledger.steps(other.id)) == (1, 1)
    assert store.ledger.mark([a.id], []) == 2
    assert store.ledger.mark([b.id], [sent(a.id)]) == 3
    assert store.ledger.mark([], [deferred(c.id, AT, AT + 9)]) == 2
    made = {found.id: found.steps for found in store.ledger.mailings()}
    assert made == {run.id: 3, other.id: 2}


def test_what_is_counted_as_lasting_are_the_steps_of_ones_own_claim(stores: Stores) -> None:
    """The steps after it may not be on the disk: a mark of another worker's is relaxed."""
    one, two = stores.open(), stores.open()
    run = begin(one, crowd(one, 3))
    for store in (one, two):
        store.ledger.enter("worker")
    assert one.ledger.steps(run.id) == 0
    (a,) = one.ledger.claim(run.id, 1, AT)
    (b,) = two.ledger.claim(run.id, 1, AT)
    assert two.ledger.mark([b.id], []) == 3
    assert (one.ledger.steps(run.id), two.ledger.steps(run.id)) == (1, 2)
    assert one.ledger.mark([a.id], []) == 4
    assert one.ledger.claim(run.id, 1, AT)
    assert not one.ledger.claim(run.id, 1, AT)
    assert (one.ledger.steps(run.id), two.ledger.steps(run.id)) == (5, 2)


def test_only_a_running_mailing_is_claimed(store: AnyStore) -> None:
    run = begin(store, crowd(store, 3))
    store.ledger.enter("worker")
    store.ledger.move(run.id, [RUNNING], PAUSED, "", LATER)
    assert not store.ledger.claim(run.id, 3, AT)
    assert not store.ledger.claim(run.id + 1, 3, AT)
    store.ledger.move(run.id, [PAUSED], RUNNING, "", LATER)
    assert len(store.ledger.claim(run.id, 3, AT)) == 3


def test_two_workers_share_the_rows(stores: Stores, store: AnyStore) -> None:
    everyone = crowd(store, 9)
    run = begin(store, everyone)
    other = stores.open()
    store.ledger.enter("one")
    other.ledger.enter("two")
    assert store.ledger.workers() == other.ledger.workers() == 2
    first, second = store.ledger.claim(run.id, 5, AT), other.ledger.claim(run.id, 5, AT)
    assert [claim.subscriber for claim in (*first, *second)] == [one.id for one in everyone]


def test_what_came_of_a_row_is_told(store: AnyStore) -> None:
    run = begin(store, crowd(store, 3))
    store.ledger.enter("worker")
    a, b, c = store.ledger.claim(run.id, 3, AT)
    store.ledger.mark([a.id, b.id], [])
    assert store.ledger.tally(run.id) == Tally(queued=1, sending=2)
    due = AT + 300
    store.ledger.mark([c.id], [sent(a.id, AT + 1), deferred(b.id, AT + 2, due)])
    assert store.ledger.tally(run.id) == Tally(sending=1, sent=1, deferred=1)
    first, second, third = store.ledger.deliveries(mailing=run.id)
    assert (first.state, first.code, first.status) == (DeliveryState.SENT, 250, "2.0.0")
    assert (first.said, first.attempts, first.at) == ("queued as 1", 1, NOW + timedelta(seconds=1))
    assert (second.state, second.attempts) == (DeliveryState.DEFERRED, 1)
    assert second.due == NOW + timedelta(seconds=300)
    assert (third.state, third.attempts, third.at, third.due) == ("sending", 0, None, None)


def test_a_deferred_row_is_claimed_again_when_it_is_due(store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    store.ledger.enter("worker")
    a, b = store.ledger.claim(run.id, 2, AT)
    assert store.ledger.next_due(run.id) == 0
    store.ledger.mark([a.id, b.id], [deferred(a.id, AT, AT + 300), deferred(b.id, AT, AT + 200)])
    assert store.ledger.next_due(run.id) == AT + 200
    assert not store.ledger.claim(run.id, 9, AT + 199)
    (again,) = store.ledger.claim(run.id, 9, AT + 250)
    assert again == b._replace(attempts=1, first=AT)
    assert store.ledger.next_due(run.id) == AT + 300
    assert store.ledger.tally(run.id) == Tally(queued=1, deferred=1)
    store.ledger.mark([], [deferred(again.id, AT + 250, AT + 260)])
    assert [x.id for x in store.ledger.claim(run.id, 9, AT + 900)] == [b.id, a.id]


def test_tries_count_where_they_say_something_of_the_recipient(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    seen = []
    for number, counts in enumerate((False, True, False, True)):
        at = AT + 1000 * number
        (claim,) = store.ledger.claim(run.id, 1, at)
        seen.append((claim.attempts, claim.first))
        store.ledger.mark([claim.id], [])
        store.ledger.mark([], [deferred(claim.id, at, at + 1, counts=counts)])
    (claim,) = store.ledger.claim(run.id, 1, AT + 9000)
    # The first try is the first, whatever came of it: a row that nobody ever answers ends as well.
    assert seen == [(0, 0), (0, AT), (1, AT), (1, AT)]
    assert (claim.attempts, claim.first) == (2, AT)


def test_what_stopped_the_mailing_was_no_try_of_a_row(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    seen = []
    for number, tried in enumerate((False, True, False)):
        at = AT + 1000 * number
        (claim,) = store.ledger.claim(run.id, 1, at)
        store.ledger.mark([claim.id], [deferred(claim.id, at, at)._replace(tried=tried)])
        (claim,) = store.ledger.claim(run.id, 1, at)
        seen.append(claim.first)
        store.ledger.give_back()
    assert seen == [0, AT + 1000, AT + 1000]


def test_a_row_that_is_deferred_without_a_time_is_due_at_once(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 1, AT)
    store.ledger.mark([claim.id], [deferred(claim.id, AT, 0)])
    assert store.ledger.tally(run.id) == Tally(deferred=1)
    assert store.ledger.next_due(run.id) == AT
    assert len(store.ledger.claim(run.id, 1, AT)) == 1


def test_one_row_can_be_put_back(store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    store.ledger.enter("worker")
    a, b = store.ledger.claim(run.id, 2, AT)
    store.ledger.mark([a.id, b.id], [])
    store.ledger.mark([], [Settled(a.id, DeliveryState.QUEUED, AT, counts=False)])
    assert store.ledger.tally(run.id) == Tally(queued=1, sending=1)
    assert [claim.id for claim in store.ledger.claim(run.id, 2, AT)] == [a.id]


def test_a_row_can_be_begun_again_by_another_connection(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 1, AT)
    store.ledger.mark([claim.id], [])
    store.ledger.mark([claim.id], [])
    store.ledger.mark([], [sent(claim.id)])
    assert store.ledger.tally(run.id) == Tally(sent=1)


def test_sending_is_no_outcome(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 1, AT)
    with pytest.raises(ValueError, match="no outcome"):
        store.ledger.mark([], [Settled(claim.id, DeliveryState.SENDING, AT)])
    assert store.ledger.tally(run.id) == Tally(queued=1)


def test_nothing_to_mark_is_fine(store: AnyStore) -> None:
    store.ledger.enter("worker")
    assert store.ledger.mark([], []) == 0


def test_what_was_claimed_and_not_sent_is_given_back(stores: Stores, store: AnyStore) -> None:
    run = begin(store, crowd(store, 3))
    store.ledger.enter("worker")
    a, b, _ = store.ledger.claim(run.id, 3, AT)
    store.ledger.mark([a.id, b.id], [sent(b.id)])
    store.ledger.give_back()
    assert store.ledger.tally(run.id) == Tally(queued=1, sending=1, sent=1)
    other = stores.open()
    other.ledger.enter("other")
    assert len(other.ledger.claim(run.id, 3, AT)) == 1
    store.ledger.mark([], [sent(a.id)])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": SubscriberState.UNSUBSCRIBED}, "unsubscribed"),
        ({"state": SubscriberState.PENDING}, "not confirmed"),
        ({"state": SubscriberState.SUPPRESSED}, "suppressed"),
        ({"newsletters": frozenset({"events"})}, "left this newsletter"),
        ({"newsletters": frozenset(), "asked": frozenset({NEWS})}, "left this newsletter"),
    ],
)
def test_who_left_meanwhile_gets_nothing(
    store: AnyStore, changes: dict[str, object], said: str
) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    run = begin(store, (ann, bob))
    keep(store, replace(ann, **changes))  # type: ignore[arg-type]
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 9, AT)
    assert claim.subscriber == bob.id
    (row,) = store.ledger.deliveries(states=[DeliveryState.SUPPRESSED])
    assert (row.subscriber, row.said, row.at, row.attempts) == (ann.id, said, NOW, 0)
    assert store.ledger.tally(run.id) == Tally(queued=1, suppressed=1)


def test_who_pauses_gets_nothing_until_the_pause_is_over(store: AnyStore) -> None:
    until = NOW + timedelta(days=30)
    pausing, over = reader("ann", quiet_until=until), reader("bob", quiet_until=NOW)
    ann, bob = keep(store, pausing, over)
    run = begin(store, (ann, bob))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 9, AT)
    assert claim.subscriber == bob.id
    (row,) = store.ledger.deliveries(states=[DeliveryState.SUPPRESSED])
    assert (row.subscriber, row.said) == (ann.id, "pausing until 2017-08-11")
    later = store.ledger.create(mailing("enewsupdate/2017-06"), [ann.id])
    assert len(store.ledger.claim(later.id, 9, until.timestamp())) == 1


def test_a_claim_tells_those_who_left_apart(store: AnyStore) -> None:
    everyone = crowd(store, 9)
    run = begin(store, everyone)
    moves = {
        1: {"state": SubscriberState.UNSUBSCRIBED},
        3: {"newsletters": frozenset({"events"})},
        4: {"state": SubscriberState.UNSUBSCRIBED},
        6: {"state": SubscriberState.PENDING},
    }
    keep(store, *(replace(everyone[number], **changes) for number, changes in moves.items()))  # type: ignore[arg-type]
    store.ledger.enter("worker")
    claims = store.ledger.claim(run.id, 8, AT)
    assert [claim.subscriber for claim in claims] == [everyone[n].id for n in (0, 2, 5, 7)]
    rows = store.ledger.deliveries(mailing=run.id, states=[DeliveryState.SUPPRESSED])
    assert [(row.subscriber, row.said) for row in rows] == [
        (everyone[1].id, "unsubscribed"),
        (everyone[3].id, "left this newsletter"),
        (everyone[4].id, "unsubscribed"),
        (everyone[6].id, "not confirmed"),
    ]
    store.ledger.mark([claim.id for claim in claims], [])
    assert store.ledger.tally(run.id) == Tally(queued=1, sending=4, suppressed=4)


def test_who_was_erased_meanwhile_gets_nothing(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    run = begin(store, (ann,))
    store.subscribers.erase(ann.id, suppression(store, ann.address))
    keep(store, reader("ann"))
    store.ledger.enter("worker")
    assert not store.ledger.claim(run.id, 9, AT)
    (row,) = store.ledger.deliveries(mailing=run.id)
    assert (row.state, row.said, row.address) == (DeliveryState.SUPPRESSED, "erased", "")


def test_the_list_counts_whatever_was_imported_later(store: AnyStore) -> None:
    ann, bob = keep(store, reader("Ann"), reader("bob"))
    run = begin(store, (ann, bob))
    entry = suppression(store, "ANN@example.org", SuppressionReason.HARD_BOUNCE)
    store.subscribers.suppress([entry], "smtp")
    keep(store, replace(ann, state=SubscriberState.ACTIVE))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 9, AT)
    assert claim.subscriber == bob.id
    (row,) = store.ledger.deliveries(states=[DeliveryState.SUPPRESSED])
    assert row.said == "suppressed: hard bounce"


def test_a_claim_looks_on_where_all_of_its_rows_are_suppressed(store: AnyStore) -> None:
    everyone = crowd(store, 30)
    run = begin(store, everyone)
    left = [replace(one, state=SubscriberState.UNSUBSCRIBED) for one in everyone[:25]]
    keep(store, *left)
    store.ledger.enter("worker")
    assert [claim.subscriber for claim in store.ledger.claim(run.id, 10, AT)] == [
        one.id for one in everyone[25:]
    ]
    assert store.ledger.tally(run.id) == Tally(queued=5, suppressed=25)


def test_how_many_were_sent_since(store: AnyStore) -> None:
    everyone = crowd(store, 4)
    run = begin(store, everyone)
    store.ledger.enter("worker")
    rows = [claim.id for claim in store.ledger.claim(run.id, 9, AT)]
    outcomes = [sent(row, AT + number) for number, row in enumerate(rows[:3])]
    store.ledger.mark([], [*outcomes, Settled(rows[3], DeliveryState.FAILED, AT + 3)])
    assert [store.ledger.sent_since(AT + number) for number in range(4)] == [3, 2, 1, 0]


def test_failed_and_uncertain_rows_go_again_by_an_editors_word(store: AnyStore) -> None:
    run = begin(store, crowd(store, 4))
    other = store.ledger.create(mailing("other/1"), [1])
    store.ledger.enter("worker")
    states = ("failed", "uncertain", "sent", "failed")
    claims = store.ledger.claim(run.id, 9, AT)
    outcomes = [
        Settled(x.id, DeliveryState(s), AT, 550) for x, s in zip(claims, states, strict=True)
    ]
    store.ledger.mark([], outcomes)
    assert store.ledger.requeue(other.id, [DeliveryState.FAILED], LATER) == 0
    assert store.ledger.requeue(run.id, [DeliveryState.FAILED], LATER) == 2
    assert store.ledger.tally(run.id) == Tally(queued=2, sent=1, uncertain=1)
    assert store.ledger.requeue(run.id, [DeliveryState.UNCERTAIN, DeliveryState.FAILED], LATER) == 1
    again = store.ledger.claim(run.id, 9, AT)
    assert again == [claims[0], claims[1], claims[3]]


def test_a_retry_opens_a_finished_mailing_and_leaves_who_is_suppressed(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    run = begin(store, (ann, bob))
    store.ledger.enter("worker")
    claims = store.ledger.claim(run.id, 9, AT)
    refused = [Settled(x.id, DeliveryState.FAILED, AT, 550, "5.1.1", "gone") for x in claims]
    store.ledger.mark([], refused)
    assert store.ledger.move(run.id, [MailingState.RUNNING], MailingState.FINISHED, "", LATER)
    store.subscribers.suppress([suppression(store, bob.address)], "test")
    assert store.ledger.requeue(run.id, [DeliveryState.FAILED], LATER) == 1
    found = store.ledger.mailing(run.issue)
    assert found is not None
    assert (found.state, found.since) == (MailingState.RUNNING, LATER)
    (row,) = store.ledger.deliveries(states=[DeliveryState.FAILED])
    assert (row.subscriber, row.code, row.said) == (bob.id, 550, "gone")


def test_a_rehearsal_can_be_forgotten_and_nothing_else(store: AnyStore) -> None:
    people = crowd(store, 2)
    real = begin(store, people)
    assert not store.ledger.discard(real.id)
    paper = store.ledger.create(replace(mailing("other/1"), outbox=True), [x.id for x in people])
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(paper.id, 1, AT)
    assert not store.ledger.discard(paper.id)
    store.ledger.give_back([claim.id])
    assert store.ledger.discard(paper.id)
    assert store.ledger.mailing("other/1") is None
    assert [row.mailing for row in store.ledger.deliveries()] == [real.id, real.id]
    again = store.ledger.create(mailing("other/1"), [people[0].id])
    assert again.id not in (paper.id, real.id)


def test_what_was_cancelled_is_forgotten_only_where_nobody_got_it(store: AnyStore) -> None:
    people = crowd(store, 3)
    one = begin(store, people)
    store.ledger.enter("worker")
    claims = store.ledger.claim(one.id, 3, AT)
    assert store.ledger.move(one.id, [RUNNING], MailingState.CANCELLED, "", NOW)
    assert not store.ledger.discard(one.id)  # a worker still has rows of it
    first, second, third = (claim.id for claim in claims)
    store.ledger.mark([first], [])
    assert not store.ledger.discard(one.id)
    store.ledger.mark([], [Settled(first, DeliveryState.UNCERTAIN, AT)])
    store.ledger.give_back()
    assert not store.ledger.discard(one.id)
    other = store.ledger.create(mailing("other/1"), [x.id for x in people])
    refused = [
        Settled(claim.id, DeliveryState.FAILED, AT, 550)
        for claim in store.ledger.claim(other.id, 1, AT)
    ]
    store.ledger.mark([], refused)
    assert not store.ledger.discard(other.id)  # it runs
    assert store.ledger.move(other.id, [RUNNING], MailingState.CANCELLED, "", NOW)
    assert store.ledger.discard(other.id)
    assert {row.mailing for row in store.ledger.deliveries()} == {one.id}
    assert {second, third} < {row.id for row in store.ledger.deliveries()}


def test_another_release_goes_out_once_nobody_has_rows_of_the_one_before(store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    store.ledger.enter("worker")
    (claim,) = store.ledger.claim(run.id, 1, AT)
    assert not store.ledger.renew(run.id, "cd" * 32)
    found = store.ledger.mailing(run.issue)
    assert found is not None
    assert found.digest == run.digest
    store.ledger.mark([], [sent(claim.id)])
    assert store.ledger.renew(run.id, "cd" * 32)
    found = store.ledger.mailing(run.issue)
    assert found is not None
    assert found.digest == "cd" * 32
    assert store.ledger.tally(run.id) == Tally(sent=1, queued=1)
    assert not store.ledger.renew(run.id + 1, "cd" * 32)


def test_what_has_not_begun_moves_to_another_time(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    waits = store.ledger.create(mailing("other/1", state=MailingState.SCHEDULED), [ann.id])
    assert store.ledger.reschedule(waits.id, LATER)
    found = store.ledger.mailing("other/1")
    assert found is not None
    assert found.begins == LATER
    store.ledger.move(waits.id, [MailingState.SCHEDULED], MailingState.RUNNING, "", LATER)
    assert not store.ledger.reschedule(waits.id, LATER)


def test_an_editors_word_for_a_late_one_is_kept(store: AnyStore) -> None:
    run = begin(store, crowd(store, 1))
    store.ledger.allow(run.id, LATER)
    assert store.ledger.mailing(run.issue) == replace(run, late_until=LATER)


def test_some_rows_are_given_back_and_the_others_kept(store: AnyStore) -> None:
    run = begin(store, crowd(store, 3))
    store.ledger.enter("worker")
    a, b, c = store.ledger.claim(run.id, 9, AT)
    store.ledger.mark([c.id], [])
    store.ledger.give_back([a.id, c.id])
    assert store.ledger.claim(run.id, 9, AT) == [a]
    assert store.ledger.tally(run.id) == Tally(queued=2, sending=1)
    store.ledger.mark([b.id], [])


def test_each_step_is_counted(store: AnyStore) -> None:
    run = begin(store, crowd(store, 2))
    store.ledger.enter("worker")
    a, b = store.ledger.claim(run.id, 9, AT)
    assert store.ledger.mark([a.id], []) == 2
    assert store.ledger.mark([b.id], [sent(a.id, AT)]) == 3
    assert store.ledger.mark([], []) == 0
    found = store.ledger.mailing(run.issue)
    assert found is not None
    assert found.steps == 3


@pytest.mark.parametrize("state", ["sent", "queued", "sending", "deferred"])
def test_what_is_sent_is_sent(store: AnyStore, state: str) -> None:
    with pytest.raises(ValueError, match=state):
        store.ledger.requeue(1, [DeliveryState.FAILED, DeliveryState(state)], LATER)


def test_rows_are_told_by_mailing_subscriber_and_state(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    first = begin(store, (ann, bob))
    second = store.ledger.create(mailing("other/1"), [bob.id, ann.id])
    store.ledger.enter("worker")
    store.ledger.mark([], [sent(store.ledger.claim(first.id, 1, AT)[0].id)])

    def told(**wanted: object) -> list[tuple[int, int]]:
        found = store.ledger.deliveries(**wanted)  # type: ignore[arg-type]
        return [(row.mailing, row.subscriber) for row in found]

    assert told() == [(1, ann.id), (1, bob.id), (2, bob.id), (2, ann.id)]
    assert told(mailing=second.id) == [(2, bob.id), (2, ann.id)]
    assert told(subscriber=ann.id) == [(1, ann.id), (2, ann.id)]
    assert told(subscriber=ann.id, mailing=second.id) == [(2, ann.id)]
    assert told(states=[DeliveryState.SENT]) == [(1, ann.id)]
    assert told(subscriber=bob.id, states=[DeliveryState.SENT]) == []
    assert told(states=[DeliveryState.QUEUED], mailing=first.id) == [(1, bob.id)]
    assert told(mailing=9) == []


def test_an_empty_mailing_is_finished_at_once(store: AnyStore) -> None:
    run = store.ledger.create(mailing(), [])
    assert store.ledger.tally(run.id) == Tally()
    assert store.ledger.move(run.id, [RUNNING], FINISHED, "", LATER)
