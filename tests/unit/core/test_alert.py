"""What the operators are told: each failure once, grouped, and never a storm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.alert import AGAIN, BETWEEN, WELL, alert, alert_text
from pipeline.core.run import Flow, Origin, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def run(number: int, state: RunState = RunState.FAILED, **changes: object) -> Run:
    values: dict[str, object] = {
        "id": number,
        "flow": Flow.BUILD,
        "slot": str(number),
        "origin": Origin.CLOCK,
        "due": NOW,
        "created": NOW,
        "state": state,
        "reason": "items/x.md:3: title: missing",
    }
    return Run(**(values | changes))  # type: ignore[arg-type]


def test_a_first_failure_is_told_at_once() -> None:
    failed = run(1)
    assert alert([failed], [failed], NOW).news == (failed,)


def test_the_same_failure_again_is_quiet_until_a_day_has_passed() -> None:
    told, failed = run(1, told=NOW), run(2)
    found = alert([failed], [failed, told], NOW + 2 * BETWEEN)
    assert (found.news, found.quiet) == ((), ((failed, NOW),))
    assert alert([failed], [failed, told], NOW + AGAIN).news == (failed,)


def test_after_some_hours_of_success_a_failure_is_news() -> None:
    told, well = run(1, told=NOW), run(2, RunState.DONE, ended=NOW + BETWEEN)
    soon = run(3, ended=NOW + BETWEEN + WELL - MINUTE)
    assert alert([soon], [soon, well, told], NOW + BETWEEN + WELL).quiet == ((soon, NOW),)
    later = run(3, ended=NOW + BETWEEN + WELL)
    assert alert([later], [later, well, told], NOW + BETWEEN + WELL).news == (later,)
    # A failure in between begins the hours anew.
    last = replace(later, id=5)
    history = [last, replace(well, id=4, ended=soon.ended), replace(soon, told=NOW), well, told]
    assert alert([last], history, NOW + BETWEEN + WELL).quiet == ((last, NOW),)


def day_of(outcomes: Callable[[int], tuple[RunState, str]]) -> int:
    """Mails in a day in which a mailbox is read every quarter of an hour."""
    rows, mails = list[Run](), list[datetime]()
    for number in range(1, 97):
        now = NOW + (number - 1) * 15 * MINUTE
        state, reason = outcomes(number)
        fresh = run(
            number, state, flow=Flow.BOUNCES, reason=reason, created=now, ended=now, tries=1
        )
        rows.append(fresh)
        look(rows, mails, now)
    return len(mails)


def test_what_fails_every_other_time_or_for_changing_reasons_is_told_once_a_day() -> None:
    failed, done = RunState.FAILED, RunState.DONE
    assert day_of(lambda _: (failed, "timed out")) <= 2
    assert day_of(lambda n: (failed, "timed out") if n % 2 else (done, "")) <= 2
    assert day_of(lambda n: (failed, ["timed out", "refused"][n % 2])) <= 2


def test_another_subject_another_machine_and_another_issue_are_news() -> None:
    told = run(1, told=NOW, place="a1")
    elsewhere = run(2, place="b2")
    bounces = run(3, flow=Flow.BOUNCES)
    history = [bounces, elsewhere, told]
    assert alert([elsewhere, bounces], history, NOW + BETWEEN).news == (elsewhere, bounces)
    one = run(1, flow=Flow.SEND, subject="letter", slot="letter/2026-01", told=NOW)
    two = run(2, flow=Flow.SEND, subject="letter", slot="letter/2026-02")
    assert alert([two], [two, one], NOW + BETWEEN).news == (two,)


def test_a_further_try_and_a_server_that_comes_and_goes_are_no_news() -> None:
    first = run(1, flow=Flow.DRAFT, slot="letter 1", told=NOW)
    second = run(2, flow=Flow.DRAFT, slot="letter 1 again 1", asked={"slot": "letter 1"})
    assert alert([second], [second, first], NOW + BETWEEN).quiet == ((second, NOW),)
    held = run(1, flow=Flow.SEND, slot="letter/2026-01 held since 9:00", told=NOW)
    anew = run(2, flow=Flow.SEND, slot="letter/2026-01 held since 11:00")
    assert alert([anew], [anew, held], NOW + BETWEEN).quiet == ((anew, NOW),)
    stopped = run(3, flow=Flow.SEND, slot="letter/2026-01 stopped 11:00")
    assert alert([stopped], [stopped, held], NOW + BETWEEN).news == (stopped,)


def test_what_fails_each_day_is_told_each_day() -> None:
    told, failed = run(1, told=NOW + 5 * MINUTE), run(2)
    assert alert([failed], [failed, told], NOW + 24 * BETWEEN).news == (failed,)


def test_a_mail_of_a_clock_that_was_wrong_keeps_nobody_quiet() -> None:
    ahead, failed = run(1, told=NOW + 3650 * AGAIN), run(2)
    assert alert([failed], [failed, ahead], NOW).news == (failed,)


def test_what_fails_within_an_hour_of_a_mail_waits_for_the_next_one() -> None:
    told = run(1, told=NOW)
    draft, backup = run(2, flow=Flow.DRAFT), run(3, flow=Flow.BACKUP)
    history = [backup, draft, told]
    assert alert([draft, backup], history, NOW + BETWEEN - MINUTE).news == ()
    assert alert([draft, backup], history, NOW + BETWEEN).news == (draft, backup)


@given(st.lists(st.tuples(st.integers(0, 90), st.booleans(), st.integers(0, 1)), max_size=80))
def test_no_two_mails_within_an_hour_and_no_failure_forgotten(
    steps: list[tuple[int, bool, int]],
) -> None:
    """Runs end one after another, and each look tells what it may."""
    now, rows, mails = NOW, list[Run](), list[datetime]()
    for number, (minutes, fails, reason) in enumerate(steps, 1):
        now += timedelta(minutes=minutes)
        state = RunState.FAILED if fails else RunState.DONE
        rows.append(run(number, state, created=now, reason=str(reason)))
        now = look(rows, mails, now)
    now += BETWEEN
    look(rows, mails, now)
    assert all(later - earlier >= BETWEEN for earlier, later in pairwise(mails))
    assert all(row.told is not None for row in rows if row.state is RunState.FAILED)


def look(rows: list[Run], mails: list[datetime], now: datetime) -> datetime:
    untold = [row for row in rows if row.state is RunState.FAILED and row.told is None]
    found = alert(untold, list(reversed(rows)), now)
    for row, told in found.quiet:
        rows[row.id - 1] = replace(row, told=told)
    for row in found.news:
        rows[row.id - 1] = replace(row, told=now)
    if found.news:
        mails.append(now)
    return now


def test_the_mail_names_each_run_with_its_reason_and_begins_with_its_subject() -> None:
    text = alert_text("Newsroom", [run(1), run(2, RunState.MISSED, subject="letter")], UTC)
    lines = text.splitlines()
    assert lines[0] == "Newsroom: 1 failed, 1 missed"
    assert "build letter, missed, due Tue 31 Mar 2026 09:00 UTC:" in lines
    assert "    items/x.md:3: title: missing" in lines
    assert "What stays so, you hear of once a day." in lines[-1]
    assert "once a day" not in alert_text("Newsroom", [run(1, flow=Flow.SEND)], UTC)


def test_a_long_list_is_cut() -> None:
    text = alert_text("Newsroom", [run(number) for number in range(30)], UTC)
    assert "and 10 more." in text
