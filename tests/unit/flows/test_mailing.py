"""Starting, pausing and going on, over the store in memory."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.core.cadence import parse_cadence
from pipeline.core.delivery import DeliveryState, Settled, Tally
from pipeline.core.issue import Lock
from pipeline.core.mailing import MailingState
from pipeline.core.newsroom import Newsletter
from pipeline.core.recipients import LeftOut, Wanted
from pipeline.core.sending import Sending
from pipeline.core.subscriber import Change
from pipeline.errors import MailingError
from pipeline.flows.mailing import (
    Records,
    Released,
    begin,
    cancel,
    find,
    go_on,
    pause,
    plan,
    reschedule,
    retry,
    standing,
)
from pipeline.store.memory import MemoryStore
from tests.feed_site import NEWSROOM
from tests.post_desk import (
    AGREED,
    BEGAN,
    GREYLISTED,
    ISSUE,
    LOST,
    NO_USER,
    OK,
    MemoryTokens,
    PostDesk,
    people,
)

LETTER = Newsletter(
    key="weekly",
    title="Weekly",
    sender="News <news@example.org>",
    postal_address="1 Road",
    cadence=parse_cadence("every monday 09:00"),
)
LOCK = Lock(
    id=ISSUE,
    newsletter="weekly",
    number=5,
    date=date(2017, 6, 29),
    at=BEGAN,
    title="Weekly No. 5",
    subject="Weekly No. 5",
    preheader="",
    summary="",
    items=(),
    digest="ab" * 32,
    html_digest="",
    text_digest="",
    lang="en",
)
RELEASED = Released(
    lock=LOCK,
    newsroom=replace(NEWSROOM, sending=Sending(late_hours=24)),
    newsletter=LETTER,
    messages={"en": b""},
    wanted=Wanted(newsletter="weekly", languages=("en",)),
)
LATER = BEGAN + timedelta(hours=1)


def records(*addresses: str) -> Records:
    store = MemoryStore()
    store.subscribers.save([Change(subscriber=s, consent=AGREED) for s in people(addresses)])
    return Records(subscribers=store.subscribers, ledger=store.ledger, tokens=MemoryTokens())


def test_every_row_is_there_before_anything_is_sent() -> None:
    desk = records("ada@example.org", "bob@example.org")
    assert plan(desk, RELEASED).total == 2
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    assert mailing.state is MailingState.RUNNING
    assert desk.ledger.tally(mailing.id) == Tally(queued=2)


def test_who_pauses_is_left_out_of_what_begins_before_the_pause_is_over() -> None:
    store = MemoryStore()
    ada, bob = people(["ada@example.org", "bob@example.org"])
    pausing = replace(ada, quiet_until=LATER)
    store.subscribers.save([Change(subscriber=s, consent=AGREED) for s in (pausing, bob)])
    desk = Records(subscribers=store.subscribers, ledger=store.ledger, tokens=MemoryTokens())
    assert plan(desk, RELEASED, BEGAN).left_out == {LeftOut.PAUSE: 1}
    assert plan(desk, RELEASED, LATER).total == 2
    other = replace(RELEASED, lock=replace(LOCK, id="weekly/2017-26"))
    now = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    scheduled = begin(desk, other, now=BEGAN, begins=LATER, outbox=False)
    assert [desk.ledger.tally(one.id).total for one in (now, scheduled)] == [1, 2]


def test_beginning_again_is_going_on() -> None:
    desk = records("ada@example.org")
    first = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    assert begin(desk, RELEASED, now=LATER, begins=LATER, outbox=False) == first
    assert go_on(desk, first, RELEASED, now=LATER, outbox=False, late=False, by_hand=True) == first
    assert desk.ledger.tally(first.id).total == 1


def test_scheduled_ones_begin_at_their_time_or_by_hand() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=LATER, outbox=False)
    assert (mailing.state, mailing.begins) == (MailingState.SCHEDULED, LATER)
    early = go_on(desk, mailing, RELEASED, now=BEGAN, outbox=False, late=False, by_hand=False)
    assert early.state is MailingState.SCHEDULED
    due = go_on(desk, early, RELEASED, now=LATER, outbox=False, late=False, by_hand=False)
    assert due.state is MailingState.RUNNING
    other = records("ada@example.org")
    mailing = begin(other, RELEASED, now=BEGAN, begins=LATER, outbox=False)
    paused = pause(other.ledger, ISSUE, "", now=BEGAN)
    by_hand = go_on(other, paused, RELEASED, now=BEGAN, outbox=False, by_hand=True)
    assert by_hand.state is MailingState.SCHEDULED
    early = go_on(other, by_hand, RELEASED, now=BEGAN, outbox=False, by_hand=True, early=True)
    assert (early.state, early.begins) == (MailingState.RUNNING, BEGAN)


def test_what_has_not_begun_can_be_moved_to_another_time() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=LATER, outbox=False)
    latest = LATER + timedelta(days=1)
    assert reschedule(desk, mailing, latest, BEGAN).begins == latest
    with pytest.raises(MailingError, match="a time that is still to come"):
        reschedule(desk, mailing, BEGAN, BEGAN)
    running = go_on(desk, mailing, RELEASED, now=LATER, outbox=False, by_hand=True, early=True)
    with pytest.raises(MailingError, match="only what has not begun"):
        reschedule(desk, running, latest + timedelta(days=1), LATER)


def test_a_rehearsal_into_a_folder_takes_nothing_away() -> None:
    desk = records("ada@example.org")
    rehearsal = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=True)
    assert standing(desk, RELEASED, outbox=True) == rehearsal
    assert standing(desk, RELEASED, outbox=False) is None
    with pytest.raises(MailingError, match="only written into a folder, nobody got it"):
        go_on(desk, rehearsal, RELEASED, now=BEGAN, outbox=False, by_hand=True)
    desk.tokens.write(ISSUE, 7, lasting=True)
    real = begin(desk, RELEASED, now=LATER, begins=None, outbox=False)
    assert real.id != rehearsal.id
    assert not real.outbox
    assert go_on(desk, real, RELEASED, now=LATER, outbox=False, by_hand=True) == real
    with pytest.raises(MailingError, match="set ENEWS_SMTP_URL"):
        go_on(desk, real, RELEASED, now=LATER, outbox=True, by_hand=True)


def test_a_finished_mailing_with_an_open_row_is_found_and_goes_on() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    desk.ledger.enter("test")
    (claim,) = desk.ledger.claim(mailing.id, 10, BEGAN.timestamp())
    desk.ledger.mark([], [Settled(claim.id, DeliveryState.FAILED, BEGAN.timestamp())])
    assert desk.ledger.move(mailing.id, [MailingState.RUNNING], MailingState.FINISHED, "", BEGAN)
    assert retry(desk.ledger, ISSUE, [DeliveryState.FAILED], now=LATER) == 1
    assert find(desk.ledger, ISSUE).state is MailingState.RUNNING


def test_only_a_hand_wakes_what_is_paused() -> None:
    desk = records("ada@example.org")
    begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    paused = pause(desk.ledger, ISSUE, "lunch", now=LATER)
    assert (paused.state, paused.reason) == (MailingState.PAUSED, "lunch")
    assert pause(desk.ledger, ISSUE, "again", now=LATER) == paused
    still = go_on(desk, paused, RELEASED, now=LATER, outbox=False, late=False, by_hand=False)
    assert still.state is MailingState.PAUSED
    awake = go_on(desk, paused, RELEASED, now=LATER, outbox=False, late=False, by_hand=True)
    assert (awake.state, awake.reason) == (MailingState.RUNNING, "")


def test_cancelled_is_for_good() -> None:
    desk = records("ada@example.org")
    begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    assert gone.state is MailingState.CANCELLED
    with pytest.raises(MailingError, match="was cancelled on 2017-06-29 at 10:00 UTC"):
        go_on(desk, gone, RELEASED, now=LATER, outbox=False, late=True, by_hand=True)
    with pytest.raises(MailingError, match=r"is cancelled .*: nothing changed"):
        pause(desk.ledger, ISSUE, "", now=LATER)
    with pytest.raises(MailingError, match="was cancelled"):
        retry(desk.ledger, ISSUE, [DeliveryState.FAILED], now=LATER)


def test_too_old_or_an_older_database_needs_a_word() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    old = BEGAN + timedelta(hours=25)
    with pytest.raises(MailingError, match="limit is 24 hours"):
        go_on(desk, mailing, RELEASED, now=old, outbox=False, late=False, by_hand=True)
    late = go_on(desk, mailing, RELEASED, now=old, outbox=False, late=True, by_hand=True)
    assert late.state is MailingState.RUNNING
    # The word holds for who goes on with it, a worker too.
    assert go_on(desk, late, RELEASED, now=old, outbox=False) == late
    desk.tokens.write(ISSUE, 3, lasting=False)
    with pytest.raises(MailingError, match="the database is an older copy"):
        go_on(desk, mailing, RELEASED, now=LATER, outbox=False, late=False, by_hand=True)
    other = replace(RELEASED, lock=replace(LOCK, digest="cd" * 32))
    with pytest.raises(MailingError, match="released anew"):
        go_on(desk, mailing, other, now=LATER, outbox=False, late=True, by_hand=True)


def test_retry_sends_to_those_who_are_named_and_to_nobody_else() -> None:
    desk = PostDesk(["ada@example.org", "bob@example.org", "cat@example.org"])
    going = desk.round(wait=False)
    answers = {"ada@example.org": LOST, "bob@example.org": GREYLISTED}
    desk.carry(going, lambda letter: answers.get(letter.recipient, NO_USER))
    going.close()
    assert retry(desk.store.ledger, ISSUE, [DeliveryState.UNCERTAIN], now=LATER) == 1
    assert retry(desk.store.ledger, ISSUE, [DeliveryState.UNCERTAIN], now=LATER) == 0
    again = desk.round()
    desk.carry(again, lambda _: OK)
    assert again.close()
    assert desk.accepted == {"ada@example.org": 1, "bob@example.org": 1}
    assert desk.tally == Tally(sent=2, failed=1)
    assert retry(desk.store.ledger, ISSUE, [DeliveryState.FAILED], now=LATER) == 1
    assert desk.state is MailingState.RUNNING


def test_an_unknown_mailing_names_those_there_are() -> None:
    desk = records("ada@example.org")
    with pytest.raises(MailingError, match=r"no mailing of weekly/2017-09 was started$"):
        find(desk.ledger, "weekly/2017-09")
    begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    with pytest.raises(MailingError, match=r"there are: weekly/2017-05"):
        find(desk.ledger, "weekly/2017-09")
