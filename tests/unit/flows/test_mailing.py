"""Starting, pausing and going on, over the store in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.core.delivery import DeliveryState, Settled, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.recipients import LeftOut
from pipeline.core.sending import Sending
from pipeline.core.subscriber import Change
from pipeline.errors import MailingError
from pipeline.flows.mailing import (
    Records,
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
from tests.mailing_releases import LOCK, NEWER, RELEASED
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


def test_what_was_cancelled_before_anybody_got_it_begins_anew_by_hand() -> None:
    desk = records("ada@example.org", "bob@example.org")
    first = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    with pytest.raises(MailingError, match=f"To begin anew: enews mailing start {ISSUE}"):
        go_on(desk, gone, RELEASED, now=LATER, outbox=False, by_hand=True)
    # The service does not bring back what an editor ended.
    assert begin(desk, NEWER, now=LATER, begins=None, outbox=False) == gone
    assert standing(desk, NEWER, outbox=False, by_hand=True) is None
    anew = begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True)
    assert (anew.state, anew.digest) == (MailingState.RUNNING, NEWER.lock.digest)
    assert anew.id != first.id
    assert desk.ledger.tally(anew.id) == Tally(queued=2)
    again = begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True)
    assert again == anew


def test_an_older_copy_does_not_bring_back_what_was_cancelled_in_it() -> None:
    desk = records("ada@example.org")
    begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    desk.tokens.write(ISSUE, 4, lasting=True)
    with pytest.raises(MailingError, match="the database is an older copy"):
        begin(desk, RELEASED, now=LATER, begins=None, outbox=False, by_hand=True)
    assert desk.ledger.mailing(ISSUE) == gone


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNCERTAIN])
def test_cancelled_is_for_good_once_somebody_may_have_it(state: DeliveryState) -> None:
    desk = records("ada@example.org", "bob@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    desk.ledger.enter("test")
    (ada,) = desk.ledger.claim(mailing.id, 1, BEGAN.timestamp())
    desk.ledger.mark([], [Settled(ada.id, state, BEGAN.timestamp())])
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    assert begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True) == gone
    with pytest.raises(MailingError, match="for good: 1 of 2 have it or may have it"):
        go_on(desk, gone, NEWER, now=LATER, outbox=False, late=True, by_hand=True)


def test_cancelled_does_not_go_on() -> None:
    desk = records("ada@example.org")
    begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    assert gone.state is MailingState.CANCELLED
    with pytest.raises(MailingError, match="was cancelled on 2017-06-29 at 10:00 UTC, before"):
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


def test_a_database_that_knows_less_than_what_lies_beside_it_begins_nothing() -> None:
    desk = records("ada@example.org")
    desk.tokens.write(ISSUE, 3, lasting=True)
    with pytest.raises(MailingError, match=rf"it knows no mailing.* start {ISSUE} --late"):
        begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    assert desk.ledger.mailing(ISSUE) is None
    desk.tokens.accept(ISSUE, 0)
    rehearsal = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=True)
    # As a copy of before the real mailing has it.
    desk.tokens.write(ISSUE, 9, lasting=True)
    with pytest.raises(MailingError, match=r"has counted 0 steps .* and 9 were made"):
        begin(desk, RELEASED, now=LATER, begins=None, outbox=False)
    assert desk.ledger.mailing(ISSUE) == rehearsal
    real = begin(desk, RELEASED, now=LATER, begins=None, outbox=False, late=True)
    assert not real.outbox
    assert go_on(desk, real, RELEASED, now=LATER, outbox=False, by_hand=True) == real


def test_the_word_for_a_copy_holds_for_what_begins_later() -> None:
    desk = records("ada@example.org")
    desk.tokens.write(ISSUE, 3, lasting=True)
    begin(desk, RELEASED, now=BEGAN, begins=LATER, outbox=False, late=True)
    due = go_on(desk, find(desk.ledger, ISSUE), RELEASED, now=LATER, outbox=False)
    assert due.state is MailingState.RUNNING


def test_who_has_nothing_yet_gets_what_is_released_now_by_an_editors_word() -> None:
    desk = records("ada@example.org", "bob@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    desk.ledger.enter("test")
    (ada,) = desk.ledger.claim(mailing.id, 1, BEGAN.timestamp())
    with pytest.raises(MailingError, match=f"sending the older release.* pause {ISSUE}"):
        go_on(desk, mailing, NEWER, now=LATER, outbox=False, late=True, by_hand=True)
    desk.ledger.mark([], [Settled(ada.id, DeliveryState.SENT, BEGAN.timestamp(), 250)])
    with pytest.raises(MailingError, match=f"released anew since .* resume {ISSUE} --late"):
        go_on(desk, mailing, NEWER, now=LATER, outbox=False, by_hand=True)
    going = go_on(desk, mailing, NEWER, now=LATER, outbox=False, late=True, by_hand=True)
    assert (going.digest, going.state) == (NEWER.lock.digest, MailingState.RUNNING)
    assert desk.ledger.tally(mailing.id) == Tally(queued=1, sent=1)
    # The word was for that release, and for no other.
    assert go_on(desk, going, NEWER, now=LATER, outbox=False) == going
    with pytest.raises(MailingError, match="released anew since"):
        go_on(desk, going, RELEASED, now=LATER, outbox=False)


def test_a_finished_mailing_keeps_the_release_that_everybody_has() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    desk.ledger.enter("test")
    (ada,) = desk.ledger.claim(mailing.id, 1, BEGAN.timestamp())
    desk.ledger.mark([], [Settled(ada.id, DeliveryState.SENT, BEGAN.timestamp(), 250)])
    assert desk.ledger.move(mailing.id, [MailingState.RUNNING], MailingState.FINISHED, "", BEGAN)
    done = go_on(desk, mailing, NEWER, now=LATER, outbox=False, late=True, by_hand=True)
    assert (done.digest, done.state) == (LOCK.digest, MailingState.FINISHED)


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


@pytest.mark.parametrize("limit", [0, 60])
def test_a_list_sorted_by_domain_is_dealt_out_where_domains_have_limits(limit: int) -> None:
    desk = records(*(f"reader-{n}@d{n // 100}.example.org" for n in range(300)))
    room = replace(NEWSROOM, sending=Sending(per_domain_per_minute=limit))
    released = replace(RELEASED, newsroom=room)
    mailing = begin(desk, released, now=BEGAN, begins=None, outbox=False)
    desk.ledger.enter("test")
    claims = desk.ledger.claim(mailing.id, 30, BEGAN.timestamp())
    assert len({claim.address.partition("@")[2] for claim in claims}) == (3 if limit else 1)


def test_the_year_and_number_are_enough_where_one_newsletter_has_them() -> None:
    desk = records("ada@example.org")
    mailing = begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)
    short = ISSUE.partition("/")[2]
    assert find(desk.ledger, short) == mailing
    desk.ledger.create(replace(mailing, id=0, issue=f"daily/{short}"), [])
    with pytest.raises(MailingError, match=rf"which one\? {ISSUE}, daily/{short}"):
        find(desk.ledger, short)
