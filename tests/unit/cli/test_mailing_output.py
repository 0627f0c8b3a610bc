"""Where a mailing stands, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.mailing_output import (
    hints,
    limit_words,
    say_audience,
    say_deliveries,
    say_mailing,
    totals,
    waiting_words,
)
from pipeline.cli.mailing_time import Times
from pipeline.core.delivery import Delivery, DeliveryState, Tally
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.mailing_limit import Limit
from pipeline.core.recipients import Audience, LeftOut

NOW = datetime(2017, 6, 30, 7, 0, tzinfo=UTC)
TIMES = Times(NOW, UTC)
TALLY = Tally(queued=2, sent=1_991, deferred=3, suppressed=1, uncertain=4)
MAILING = Mailing(
    id=1,
    issue="letter/2017-06",
    newsletter="letter",
    digest="ab" * 32,
    state=MailingState.RUNNING,
    created=NOW,
    begins=NOW,
    since=NOW,
)


def told(capsys: pytest.CaptureFixture[str], mailing: Mailing, *, due: float = 0.0) -> str:
    say_mailing(mailing, TALLY, TIMES, due=due, workers=2)
    return capsys.readouterr().out


def test_the_end_is_told_in_the_order_of_status() -> None:
    said = "1,991 sent, 2 queued, 3 deferred, 4 uncertain, 1 suppressed"
    assert totals(MAILING, TALLY) == said
    assert totals(replace(MAILING, outbox=True), TALLY).startswith("1,991 written, ")


def test_parts_of_a_plan_stand_below_their_total(capsys: pytest.CaptureFixture[str]) -> None:
    people = Audience()
    people.languages.update(en=12)
    people.domains.update({"one.example": 9, "two.example": 3})
    people.left_out[LeftOut.PAUSE] += 1
    people.examples[LeftOut.PAUSE] = ["ada@one.example"]
    say_audience(people)
    lines = capsys.readouterr().out.splitlines()
    ends = [
        line.index(number) + len(number)
        for line, number in zip(lines, ("0", "9", "3", "1", "1"), strict=True)
    ]
    assert ends[1] == ends[2] == ends[4] > ends[0] == ends[3]


def test_a_limit_says_how_many_and_from_when() -> None:
    then = NOW.timestamp() + 3600
    warm = Limit(key="warm_up", words="100 today", next_=200, begins=then, ends=then)
    assert limit_words(warm, TIMES) == "100 today (warm_up): the next 200 from 08:00 UTC"
    rate = Limit(key="per_hour", words="60 an hour", next_=60, begins=NOW.timestamp(), ends=then)
    said = "60 an hour (per_hour): 60 to go, the last at about 08:00 UTC"
    assert limit_words(rate, TIMES) == said


def test_what_resume_would_refuse_is_advised_instead() -> None:
    paused = replace(MAILING, state=MailingState.PAUSED)
    assert hints(paused, Tally(), workers=0) == [
        "Go on:             enews mailing resume letter/2017-06"
    ]
    assert hints(paused, Tally(), workers=0, refusal="too old") == ["It cannot go on:   too old"]


def test_workers_are_told_where_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "running since 2017-06-30 07:00 UTC, 2 workers at work" in told(capsys, MAILING)
    assert "work" not in told(capsys, replace(MAILING, state=MailingState.PAUSED))


def test_a_next_try_is_never_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert "deferred  next try 08:00 UTC" in told(capsys, MAILING, due=NOW.timestamp() + 3600)
    assert "deferred  due now" in told(capsys, MAILING, due=NOW.timestamp() - 3600)


def test_what_was_cancelled_is_never_sent(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, replace(MAILING, state=MailingState.CANCELLED), due=NOW.timestamp() + 3600)
    assert "next try" not in said
    assert "queued  never sent" in said
    assert "deferred  never sent" in said
    assert "uncertain\n" in said


def test_a_beginning_to_come_is_told_also_while_paused(capsys: pytest.CaptureFixture[str]) -> None:
    later = replace(MAILING, begins=NOW + timedelta(days=1))
    for state in (MailingState.SCHEDULED, MailingState.PAUSED):
        assert "begins 2017-07-01 07:00 UTC" in told(capsys, replace(later, state=state))
    assert "begins" not in told(capsys, replace(later, state=MailingState.CANCELLED))


def test_a_folder_is_no_mail_server(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, replace(MAILING, outbox=True))
    assert "nothing is sent" in said
    assert "  written\n" in said


def test_it_waits_where_nothing_else_is_left() -> None:
    due = NOW.timestamp() + 3600
    assert waiting_words(TALLY, due, TIMES) == ""
    assert waiting_words(Tally(sent=1, deferred=3), due, TIMES) == "waits for 3 until 08:00 UTC"
    assert waiting_words(Tally(sent=1, deferred=3), due - 7200, TIMES) == "3 due now"
    assert waiting_words(Tally(sent=1), 0.0, TIMES) == ""


def test_a_deferred_row_of_a_cancelled_mailing_has_no_next_try(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = Delivery(
        id=1,
        mailing=1,
        issue="letter/2017-06",
        subscriber=1,
        address="ada@example.org",
        state=DeliveryState.DEFERRED,
        at=NOW,
        due=NOW + timedelta(hours=1),
    )
    assert say_deliveries([(row, "<a@b>")], TIMES, {1: MAILING}) == 1
    assert "next try 08:00 UTC" in capsys.readouterr().out
    cancelled = replace(MAILING, state=MailingState.CANCELLED)
    say_deliveries([(row, "<a@b>")], TIMES, {1: cancelled})
    said = capsys.readouterr().out
    assert "next try" not in said
    assert "never sent: the mailing was cancelled" in said
    assert "2017-06-30 07:00:00 UTC" in said
