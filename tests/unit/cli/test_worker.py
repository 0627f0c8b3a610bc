"""What a worker says of what comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.cli.mailing_time import Times
from pipeline.cli.worker import next_words, round_words
from pipeline.core.delivery import DeliveryState, Settled, Tally
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.subscriber import Change
from pipeline.store.memory import MemoryStore
from tests.post_desk import AGREED, people

NOW = datetime(2017, 6, 30, 7, 0, tzinfo=UTC)
TIMES = Times(NOW, UTC)
MAILING = Mailing(
    issue="letter/2017-06",
    newsletter="weekly",
    digest="ab" * 32,
    state=MailingState.RUNNING,
    created=NOW,
    begins=NOW,
    since=NOW,
)


def test_the_soonest_comes_next() -> None:
    store = MemoryStore()
    assert next_words(store.ledger, TIMES) == "At work. Nothing is to be sent."
    (one,) = store.subscribers.save(
        [Change(subscriber=s, consent=AGREED) for s in people(["ada@example.org"])]
    )
    later = NOW + timedelta(days=1)
    planned = replace(MAILING, state=MailingState.SCHEDULED, begins=later)
    store.ledger.create(planned, [one.id])
    said = next_words(store.ledger, TIMES)
    assert said == "At work. Next: letter/2017-06 at 2017-07-01 07:00 UTC"
    other = store.ledger.create(replace(MAILING, issue="letter/2017-05"), [one.id])
    assert next_words(store.ledger, TIMES) == "At work. Next: letter/2017-05 now"
    store.ledger.enter("test")
    (claim,) = store.ledger.claim(other.id, 10, NOW.timestamp())
    due = NOW.timestamp() + 1080
    store.ledger.mark(
        [claim.id], [Settled(claim.id, DeliveryState.DEFERRED, NOW.timestamp(), 450, due=due)]
    )
    assert next_words(store.ledger, TIMES) == "At work. Next: letter/2017-05 at 07:18 UTC"


def test_counts_are_told_as_parts_of_all() -> None:
    tally = Tally(queued=1, sent=1_991, deferred=2, failed=3, uncertain=4)
    counts = "2 deferred, 3 failed, 4 uncertain, of 2,001"
    assert round_words(MAILING, tally) == f"1,991 sent, {counts}"
    assert round_words(replace(MAILING, outbox=True), tally) == f"1,991 written, {counts}"
