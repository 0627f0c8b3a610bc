from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.preferences import (
    Choice,
    address_mark,
    choose,
    come_back,
    generation,
    is_current,
    move,
    pause,
    want_address,
    wanted_address,
)
from pipeline.core.subscriber import Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.core.subscription import (
    Occasion,
    correct,
    former_addresses,
    last_agreed,
    leave,
    left_of,
)

if TYPE_CHECKING:
    from pipeline.core.subscriber import Change

NOW = datetime(2017, 7, 12, 9, tzinfo=UTC)
WORD = Occasion(at=NOW, how="preferences page", text="Keep this")
LATER = replace(WORD, at=NOW + timedelta(minutes=5))
JOINED = Consent(
    at=NOW - timedelta(days=1), action=ConsentAction.CONFIRMED, how="x", detail="+a +b"
)
ACTIVE = SubscriberState.ACTIVE
AB = frozenset("ab")


def one(state: SubscriberState = ACTIVE, newsletters: str = "ab", asked: str = "") -> Subscriber:
    return Subscriber(
        id=7,
        address="ada@example.org",
        newsletters=frozenset(newsletters),
        asked=frozenset(asked),
        state=state,
        since=NOW - timedelta(days=1),
    )


def told(change: Change | None) -> Change:
    assert change is not None
    return change


def test_what_is_chosen_takes_the_place_of_what_was() -> None:
    change = told(choose(one(newsletters="ab"), Choice(newsletters=frozenset("bc")), WORD))
    assert change.subscriber.newsletters == frozenset("bc")
    assert change.consent.action is ConsentAction.CONFIRMED
    assert change.consent.detail == "+c -a"
    assert change.consent.text == "Keep this"
    assert left_of([JOINED, change.consent]) == {"a"}
    assert last_agreed([JOINED, change.consent]) == NOW


def test_to_want_less_is_to_leave() -> None:
    change = told(choose(one(), Choice(newsletters=frozenset("a")), WORD))
    assert (change.consent.action, change.consent.detail) == (ConsentAction.LEFT, "-b")
    assert change.subscriber.state is ACTIVE
    change = told(choose(one(), Choice(newsletters=frozenset()), WORD))
    assert change.subscriber.state is SubscriberState.UNSUBSCRIBED
    assert change.subscriber.newsletters == frozenset()


def test_what_is_none_stays() -> None:
    assert choose(one(), Choice(), WORD) is None
    assert choose(one(), Choice(newsletters=AB, topics=frozenset()), WORD) is None
    change = told(choose(one(), Choice(topics=frozenset({"care"}), language="fr", name="A"), WORD))
    assert change.subscriber.newsletters == AB
    assert change.consent.action is ConsentAction.CHANGED
    assert change.consent.detail == "topics: care; language: fr; name"


@pytest.mark.parametrize("state", [SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED])
def test_who_chooses_by_their_link_gets_mail(state: SubscriberState) -> None:
    before = one(state, "", "a")
    change = told(choose(before, Choice(newsletters=frozenset("a")), WORD))
    assert (change.subscriber.state, change.subscriber.since) == (ACTIVE, NOW)
    assert change.subscriber.asked == frozenset()
    assert change.consent.action is ConsentAction.CONFIRMED


def test_who_is_suppressed_can_only_want_less() -> None:
    before = one(SubscriberState.SUPPRESSED)
    assert choose(before, Choice(newsletters=frozenset("abc"), name="X"), WORD) is None
    change = told(choose(before, Choice(newsletters=frozenset("ac")), WORD))
    assert change.subscriber.newsletters == frozenset("a")
    assert change.subscriber.state is SubscriberState.SUPPRESSED
    assert pause(before, NOW, WORD) is None
    assert want_address(before, "new@example.org", (), WORD) is None


def test_a_pause_ends_by_itself_or_at_a_word() -> None:
    until = NOW + timedelta(days=30)
    paused = told(pause(one(), until, WORD))
    assert paused.subscriber.quiet_until == until
    assert paused.consent.detail == "paused until 2017-08-11T09:00+00:00"
    assert paused.subscriber.state is ACTIVE
    assert pause(paused.subscriber, until, WORD) is None
    resumed = told(pause(paused.subscriber, None, WORD))
    assert (resumed.subscriber.quiet_until, resumed.consent.detail) == (None, "resumed")
    assert pause(one(), None, WORD) is None


def test_leaving_ends_a_pause() -> None:
    paused = told(pause(one(), NOW + timedelta(days=30), WORD)).subscriber
    assert told(leave(paused, WORD)).subscriber.quiet_until is None


def test_leaving_can_be_undone_for_an_hour() -> None:
    before = one(asked="c")
    left = told(leave(before, WORD))
    record = [JOINED, left.consent]
    back = told(come_back(left.subscriber, record, LATER)).subscriber
    assert (back.state, back.newsletters, back.asked) == (ACTIVE, AB, frozenset())
    late = replace(WORD, at=NOW + timedelta(hours=1, seconds=1))
    assert come_back(left.subscriber, record, late) is None


def test_leaving_one_newsletter_can_be_undone() -> None:
    left = told(leave(one(), WORD, frozenset("a")))
    back = told(come_back(left.subscriber, [JOINED, left.consent], LATER))
    assert back.subscriber.newsletters == AB
    assert back.subscriber.since == one().since
    assert back.consent.detail == "+a"


def test_what_was_never_confirmed_does_not_come_back() -> None:
    left = told(leave(one(SubscriberState.PENDING, "", "c"), WORD))
    asked = Consent(at=NOW, action=ConsentAction.ASKED, how="form", detail="+c")
    assert come_back(left.subscriber, [asked, left.consent], LATER) is None


def test_only_what_was_left_last_comes_back() -> None:
    left = told(leave(one(), WORD))
    record = [JOINED, left.consent]
    chosen = told(choose(left.subscriber, Choice(newsletters=frozenset("b")), LATER))
    assert come_back(chosen.subscriber, [*record, chosen.consent], LATER) is None
    suppressed = replace(left.subscriber, state=SubscriberState.SUPPRESSED)
    assert come_back(suppressed, record, LATER) is None
    assert come_back(one(), [], LATER) is None


def test_a_new_address_is_wanted_then_confirmed() -> None:
    wanted = told(want_address(one(), "new@example.org", (), WORD))
    assert wanted.subscriber == one()
    record = [JOINED, wanted.consent]
    assert wanted_address(record) == "new@example.org"
    moved = told(move(one(), record, LATER))
    assert moved.subscriber.address == "new@example.org"
    assert moved.subscriber.newsletters == AB
    assert former_addresses([moved.consent]) == ("ada@example.org",)
    assert wanted_address([*record, moved.consent]) == ""
    assert move(moved.subscriber, [*record, moved.consent], LATER) is None


def test_the_last_address_that_was_wanted_counts() -> None:
    first = told(want_address(one(), '"a; b"@example.org', (), WORD)).consent
    second = told(want_address(one(), "c@example.org", [first], LATER)).consent
    assert wanted_address([first]) == '"a; b"@example.org'
    assert wanted_address([first, second]) == "c@example.org"


def test_only_so_many_addresses_are_wanted_a_day() -> None:
    record: list[Consent] = []
    for number in range(3):
        change = want_address(one(), f"{number}@example.org", record, WORD)
        record.append(told(change).consent)
    assert want_address(one(), "4@example.org", record, LATER) is None
    tomorrow = replace(WORD, at=NOW + timedelta(days=1, seconds=1))
    assert want_address(one(), "4@example.org", record, tomorrow) is not None


def test_nobody_moves_who_gets_no_mail_or_stays_where_they_are() -> None:
    assert want_address(one(), "ada@example.org", (), WORD) is None
    gone = one(SubscriberState.UNSUBSCRIBED, "")
    assert want_address(gone, "new@example.org", (), WORD) is None
    wanted = told(want_address(one(), "new@example.org", (), WORD)).consent
    assert move(gone, [wanted], LATER) is None


def test_the_mark_of_an_address_is_its_own() -> None:
    marks = {address_mark(address, b"salt") for address in ("a@x.example", "b@x.example")}
    assert len(marks) == 2
    assert all(0 <= mark < 2**48 for mark in marks)
    assert address_mark("A@x.example", b"salt") in marks
    assert address_mark("a@x.example", b"other") not in marks


def moved(at: datetime) -> Consent:
    change = told(correct(one(), replace(WORD, at=at), address="ada@new.example"))
    return change.consent


def test_a_link_of_a_mailing_is_current_until_they_move() -> None:
    begins = NOW + timedelta(hours=1)
    assert is_current(7, begins, [JOINED])
    assert is_current(7, None, [JOINED])
    record = [JOINED, moved(NOW), moved(begins)]
    assert not is_current(7, begins, record)
    assert not is_current(7, None, record)
    assert is_current(8, begins + timedelta(seconds=1), record)


def test_a_link_that_no_mailing_carried_is_current_until_they_move() -> None:
    before = generation([JOINED])
    record = [JOINED, moved(NOW)]
    after = generation(record)
    assert is_current(before, None, [JOINED])
    assert not is_current(after, None, [JOINED])
    assert not is_current(before, None, record)
    assert is_current(after, None, record)
    assert not is_current(after, None, [*record, moved(LATER.at)])
