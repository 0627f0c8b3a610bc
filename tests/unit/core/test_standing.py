"""What somebody has to look at, and what is over by now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.delivery import Tally
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.standing import (
    IDLE,
    NO_SERVER,
    OLD,
    WAITS,
    Held,
    Standing,
    UnderWay,
    away_since,
    last_runs,
    waits_since,
    wrong,
)
from tests.unit.core.test_planning import newsroom

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROOM = newsroom()
FAILED, DONE, QUEUED, RUNNING = (
    RunState.FAILED, RunState.DONE, RunState.QUEUED, RunState.RUNNING,
)  # fmt: skip


def run(number: int, flow: Flow, state: RunState, slot: str, **changes: object) -> Run:
    values: dict[str, object] = {
        "id": number,
        "flow": flow,
        "slot": slot,
        "subject": "letter",
        "origin": Origin.FOLLOWS,
        "due": NOW,
        "created": NOW,
        "state": state,
        "reason": "why",
        "tries": 1,
    }
    return Run(**(values | changes))  # type: ignore[arg-type]


def about(number: int, flow: Flow, state: RunState, issue: str, **changes: object) -> Run:
    return run(number, flow, state, issue, asked={"issue": issue}, **changes)


def mailing(state: MailingState = MailingState.RUNNING, **changes: object) -> Mailing:
    values: dict[str, object] = {
        "id": 1,
        "issue": "letter/1",
        "newsletter": "letter",
        "digest": "d",
        "state": state,
        "created": NOW,
        "begins": NOW,
        "since": NOW,
    }
    return Mailing(**(values | changes))  # type: ignore[arg-type]


SEND_FAILED = about(1, Flow.SEND, FAILED, "letter/1")
RELEASE_FAILED = about(1, Flow.RELEASE, FAILED, "letter/1")


@pytest.mark.parametrize("flow", [Flow.SEND, Flow.RELEASE])
def test_another_issue_that_goes_well_hides_no_failure(flow: Flow) -> None:
    failed, well = about(1, flow, FAILED, "letter/1"), about(2, flow, DONE, "letter/2")
    standing = Standing(history=[well, failed])
    assert wrong(ROOM, standing, NOW) == (f"{flow} letter failed: why",)
    assert last_runs(standing, NOW) == (failed, well)


def test_an_issue_that_went_out_or_is_old_is_shown_no_more() -> None:
    went = Standing(history=[SEND_FAILED], mailings=[mailing(MailingState.FINISHED)])
    assert wrong(ROOM, went, NOW) == ()
    rehearsal = [mailing(MailingState.FINISHED, outbox=True)]
    kept = Standing(history=[SEND_FAILED], mailings=rehearsal, rehearses=True)
    assert wrong(ROOM, kept, NOW) == ("send letter failed: why",)
    mended = about(2, Flow.SEND, DONE, "letter/1")
    assert wrong(ROOM, Standing(history=[mended, SEND_FAILED]), NOW) == ()
    seen = about(2, Flow.SEND, DONE, "letter/1", tries=0)
    assert wrong(ROOM, Standing(history=[seen, RELEASE_FAILED]), NOW) == ()
    for failed in (SEND_FAILED, RELEASE_FAILED):
        fresh = run(9, Flow.BUILD, DONE, "x", created=NOW + 46 * DAY)
        assert wrong(ROOM, Standing(history=[fresh, failed]), NOW + 46 * DAY) == ()


def test_what_was_told_of_a_mailing_counts_while_it_runs_and_hides_nothing() -> None:
    told = run(2, Flow.SEND, FAILED, "letter/2 held since 9")
    under_way = [UnderWay(mailing=mailing(issue="letter/2"), tally=Tally())]
    standing = Standing(history=[told, SEND_FAILED], under_way=under_way)
    assert wrong(ROOM, standing, NOW) == ("send letter failed: why",) * 2
    assert wrong(ROOM, Standing(history=[told]), NOW) == ()


@pytest.mark.parametrize(
    ("stuck", "words"),
    [
        (run(1, Flow.BUILD, QUEUED, "x", due=NOW - WAITS - MINUTE), "build letter is due since"),
        (run(1, Flow.SEND, QUEUED, "l/1", due=NOW - WAITS - MINUTE), "l/1 is to be mailed since"),
        (run(1, Flow.BUILD, RUNNING, "x", began=NOW - 61 * MINUTE), "build letter runs since"),
        (run(1, Flow.BUILD, QUEUED, "x", due=NOW - WAITS), ""),
        (run(1, Flow.BUILD, QUEUED, "x", due=NOW + DAY), ""),
        (run(1, Flow.BUILD, RUNNING, "x", began=NOW - HOUR), ""),
    ],
)
def test_a_run_that_nobody_begins_or_that_does_not_end(stuck: Run, words: str) -> None:
    found = wrong(ROOM, Standing(history=[stuck], open_=[stuck]), NOW)
    assert len(found) == bool(words)
    assert words in "".join(found)


def test_a_mailing_that_nobody_sends() -> None:
    idle = UnderWay(mailing=mailing(), tally=Tally(queued=3), waits=NOW - IDLE - MINUTE)
    (found,) = wrong(ROOM, Standing(history=[], under_way=[idle]), NOW)
    assert found == "letter/1 waits since 2026-03-01 11:29 UTC, and nobody sends it"
    for standing in (
        Standing(history=[], under_way=[idle], sends=True),
        Standing(history=[], under_way=[replace(idle, tally=Tally(queued=2, sending=1))]),
        Standing(history=[], under_way=[replace(idle, waits=NOW - IDLE)]),
        Standing(history=[], under_way=[replace(idle, waits=None)]),
    ):
        assert wrong(ROOM, standing, NOW) == ()


def test_since_when_something_of_a_mailing_could_have_been_sent() -> None:
    running, past = mailing(since=NOW - DAY), (NOW - HOUR).timestamp()
    assert waits_since(running, Tally(queued=1), 0, NOW) == NOW - DAY
    assert waits_since(running, Tally(deferred=1), past, NOW) == NOW - HOUR
    assert waits_since(running, Tally(deferred=1), (NOW + HOUR).timestamp(), NOW) is None
    assert waits_since(running, Tally(), 0, NOW) is None
    begins = mailing(MailingState.SCHEDULED, begins=NOW - HOUR)
    assert waits_since(begins, Tally(queued=1), 0, NOW) == NOW - HOUR
    assert waits_since(mailing(MailingState.PAUSED), Tally(queued=1), 0, NOW) is None


def test_notices_that_wait_and_those_to_operators_that_failed() -> None:
    def said(held: Held, *, has_server: bool = True) -> tuple[str, ...]:
        return wrong(ROOM, Standing(history=[], notices=held, has_server=has_server), NOW)

    old = Held(waiting=3, oldest=NOW - OLD - MINUTE)
    assert said(old) == ("3 notices wait, the oldest since 2026-03-01 10:59 UTC",)
    assert said(old, has_server=False) == (f"3 notices wait: {NO_SERVER}",)
    assert said(Held(waiting=3, oldest=NOW - OLD)) == ()
    assert said(Held(failed=2)) == ("2 notices to operators could not be sent",)


def test_a_rehearsal_is_named_once_there_is_a_server_until_it_is_sent() -> None:
    rehearsed = mailing(MailingState.FINISHED, outbox=True)
    standing = Standing(history=[], mailings=[rehearsed])
    (found,) = wrong(ROOM, standing, NOW)
    assert found.startswith("letter/1 went into a folder, and to no reader")
    coming = about(1, Flow.SEND, QUEUED, "letter/1")
    for quiet in (
        replace(standing, rehearses=True),
        replace(standing, has_server=False),
        replace(standing, open_=[coming]),
        replace(standing, mailings=[replace(rehearsed, outbox=False)]),
        replace(standing, mailings=[replace(rehearsed, state=MailingState.CANCELLED)]),
        replace(standing, mailings=[replace(rehearsed, since=NOW - 46 * DAY)]),
    ):
        assert not any("folder" in words for words in wrong(ROOM, quiet, NOW))


def test_a_run_of_a_clock_that_was_wrong_does_not_hide_that_nobody_is_at_work() -> None:
    ahead = run(2, Flow.BUILD, DONE, "x", created=NOW + 3650 * DAY)
    last = run(1, Flow.BUILD, DONE, "y", created=NOW - HOUR)
    assert away_since(ROOM, Standing(history=[ahead, last]), NOW) == NOW - HOUR
    assert away_since(ROOM, Standing(history=[ahead]), NOW) is None
