"""What each move makes of a subscriber, from every state, and what their record says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.core.subscription import (
    Occasion,
    Refusal,
    Wishes,
    change,
    confirm,
    correct,
    enlist,
    enlist_left,
    former_addresses,
    is_expired,
    last_agreed,
    last_asked,
    leave,
    left_of,
    restore,
    sign_up,
    turns,
    was_confirmed,
)

PENDING, ACTIVE = SubscriberState.PENDING, SubscriberState.ACTIVE
UNSUBSCRIBED, SUPPRESSED = SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED
THEN = datetime(2017, 1, 1, 9, tzinfo=UTC)
NOW = datetime(2017, 2, 1, 9, tzinfo=UTC)
WORD = Occasion(at=NOW, how="form", text="Send me news", origin="192.0.2.1")
WEEK = timedelta(days=7)
ASKED = NOW - timedelta(days=1)
ADDRESS = "jane@example.org"


def keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


def one(state: SubscriberState, newsletters: str = "", asked: str = "") -> Subscriber:
    return Subscriber(
        id=7,
        address=ADDRESS,
        name="Jane",
        newsletters=keys(newsletters),
        asked=keys(asked),
        state=state,
        since=THEN,
    )


def wishes(newsletters: str) -> Wishes:
    return Wishes(newsletters=keys(newsletters), name="Somebody", topics=keys("care"))


Told = tuple[SubscriberState, str, str]


def told(found: Change | Refusal | None) -> Told | Refusal | None:
    """The state, the newsletters and what was asked after a move."""
    if not isinstance(found, Change):
        return found
    after = found.subscriber
    return after.state, " ".join(sorted(after.newsletters)), " ".join(sorted(after.asked))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, (PENDING, "", "b")),
        (one(PENDING, "", "a"), (PENDING, "", "a b")),
        (one(PENDING, "", "b"), (PENDING, "", "b")),
        (one(ACTIVE, "a"), (ACTIVE, "a", "b")),
        (one(ACTIVE, "a b"), (ACTIVE, "a b", "")),
        (one(UNSUBSCRIBED), (UNSUBSCRIBED, "", "b")),
        (one(SUPPRESSED, "a"), (SUPPRESSED, "a", "")),
    ],
)
def test_signing_up(before: Subscriber | None, after: Told) -> None:
    found = sign_up(ADDRESS, before, wishes("b"), WORD)
    assert told(found) == after
    assert found.consent.action is ConsentAction.ASKED
    assert (found.consent.at, found.consent.text) == (NOW, "Send me news")
    assert (found.consent.how, found.consent.origin) == ("form", "192.0.2.1")
    assert found.consent.detail == "+b"


def test_a_stranger_who_types_an_address_changes_nothing_of_its_owner() -> None:
    for state in (ACTIVE, UNSUBSCRIBED, SUPPRESSED):
        before = one(state, "a" if state is not UNSUBSCRIBED else "")
        after = sign_up(ADDRESS, before, wishes("b"), WORD).subscriber
        assert replace(after, asked=before.asked) == before


def test_a_second_sign_up_gives_its_whole_time_anew() -> None:
    assert sign_up(ADDRESS, one(PENDING, "", "a"), wishes("b"), WORD).subscriber.since == NOW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (one(PENDING, "", "a b"), (ACTIVE, "a b", "")),
        (one(ACTIVE, "a", "b"), (ACTIVE, "a b", "")),
        (one(UNSUBSCRIBED, "", "b"), (ACTIVE, "b", "")),
        (one(ACTIVE, "a"), None),
        (one(UNSUBSCRIBED), None),
        (one(SUPPRESSED, "", "b"), None),
    ],
)
def test_confirming(before: Subscriber, after: Told | None) -> None:
    assert told(confirm(before, WORD, asked=ASKED, within=WEEK)) == after


def test_a_confirmation_that_comes_too_late_is_none() -> None:
    before = one(PENDING, "", "a")
    assert confirm(before, WORD, asked=NOW - WEEK, within=WEEK) is not None
    late = NOW - WEEK - timedelta(seconds=1)
    assert is_expired(late, NOW, WEEK)
    assert confirm(before, WORD, asked=late, within=WEEK) is None


def test_when_a_state_began() -> None:
    new = confirm(one(PENDING, "", "a"), WORD, asked=ASKED, within=WEEK)
    more = confirm(one(ACTIVE, "a", "b"), WORD, asked=ASKED, within=WEEK)
    assert new is not None
    assert more is not None
    assert (new.subscriber.since, more.subscriber.since) == (NOW, THEN)
    assert (new.consent.detail, more.consent.detail) == ("+a; was pending", "+b")


def test_the_last_sign_up_counts() -> None:
    first = sign_up(ADDRESS, None, wishes("a"), replace(WORD, at=THEN))
    second = sign_up(ADDRESS, first.subscriber, wishes("b"), WORD)
    left = leave(second.subscriber, replace(WORD, at=NOW + WEEK))
    assert left is not None
    assert last_asked([first.consent, second.consent, left.consent]) == NOW
    assert last_asked([left.consent]) is None


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        (one(ACTIVE, "a b"), "a", (ACTIVE, "b", "")),
        (one(ACTIVE, "a b"), "a b", (UNSUBSCRIBED, "", "")),
        (one(ACTIVE, "a b", "c"), None, (UNSUBSCRIBED, "", "")),
        (one(ACTIVE, "a", "c"), "a", (UNSUBSCRIBED, "", "c")),
        (one(ACTIVE, "a"), "b", None),
        (one(PENDING, "", "a b"), "a", (PENDING, "", "b")),
        (one(PENDING, "", "a"), None, (UNSUBSCRIBED, "", "")),
        (one(UNSUBSCRIBED), None, None),
        (one(UNSUBSCRIBED, "", "a"), None, (UNSUBSCRIBED, "", "")),
        (one(SUPPRESSED, "a b"), "a", (SUPPRESSED, "b", "")),
        (one(SUPPRESSED, "a"), None, (SUPPRESSED, "", "")),
    ],
)
def test_leaving(before: Subscriber, gone: str | None, after: Told | None) -> None:
    found = leave(before, WORD, None if gone is None else keys(gone))
    assert told(found) == after
    if found is not None:
        assert found.consent.action is ConsentAction.LEFT


@pytest.mark.parametrize(
    ("before", "again", "after"),
    [
        (None, False, (ACTIVE, "b", "")),
        (one(PENDING, "", "a b"), False, (ACTIVE, "b", "a")),
        (one(ACTIVE, "a"), False, (ACTIVE, "a b", "")),
        (replace(one(ACTIVE, "b"), topics=keys("x"), language="en"), False, None),
        (one(UNSUBSCRIBED), False, Refusal.LEFT),
        (one(UNSUBSCRIBED), True, (ACTIVE, "b", "")),
        (one(SUPPRESSED, "b"), False, Refusal.SUPPRESSED),
        (one(SUPPRESSED, "b"), True, Refusal.SUPPRESSED),
    ],
)
def test_an_editors_word(
    before: Subscriber | None, again: bool, after: Told | Refusal | None
) -> None:
    assert told(enlist(ADDRESS, before, wishes("b"), WORD, again=again)) == after


def test_a_newsletter_that_they_left_does_not_come_back_by_a_list() -> None:
    before = one(ACTIVE, "a")
    assert enlist(ADDRESS, before, wishes("b"), WORD, left=keys("b")) is Refusal.LEFT
    found = enlist(ADDRESS, before, wishes("b c"), WORD, left=keys("b"))
    assert told(found) == (ACTIVE, "a c", "")
    found = enlist(ADDRESS, before, wishes("b"), WORD, left=keys("b"), again=True)
    assert told(found) == (ACTIVE, "a b", "")


def test_what_they_chose_themselves_stays() -> None:
    mine = replace(one(ACTIVE, "a"), topics=keys("youth"), language="fr")
    asked = Wishes(newsletters=keys("a"), topics=keys("care"), name="J", language="en")
    assert enlist(ADDRESS, mine, asked, WORD) is None
    # One who wants all topics does not get fewer by a list.
    found = enlist(ADDRESS, replace(mine, topics=keys(""), name=""), asked, WORD)
    assert isinstance(found, Change)
    assert (found.subscriber.name, found.subscriber.topics) == ("J", keys(""))
    assert found.consent.detail == "name"


def test_who_left_elsewhere_is_kept_as_one_who_left() -> None:
    new = enlist_left(ADDRESS, None, WORD, THEN)
    assert told(new) == (UNSUBSCRIBED, "", "")
    assert isinstance(new, Change)
    assert (new.subscriber.since, new.consent.detail) == (THEN, "left 2017-01-01T09:00:00+00:00")
    assert told(enlist_left(ADDRESS, one(ACTIVE, "a"), WORD)) == (UNSUBSCRIBED, "", "")
    assert told(enlist_left(ADDRESS, one(PENDING, "", "a"), WORD)) == (UNSUBSCRIBED, "", "")
    assert enlist_left(ADDRESS, one(UNSUBSCRIBED), WORD) is None


def said(action: ConsentAction, how: str = "command line", at: datetime = THEN) -> Consent:
    return Consent(at=at, action=action, how=how)


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        (said(ConsentAction.CONFIRMED), True),
        (said(ConsentAction.ADDED), True),
        (said(ConsentAction.IMPORTED), True),  # as records of earlier versions say it
        (said(ConsentAction.IMPORTED, "import list.csv"), False),
        (said(ConsentAction.ASKED), False),
        (said(ConsentAction.CHANGED), False),
        (said(ConsentAction.RESTORED), False),
    ],
)
def test_who_came_back_after_leaving_elsewhere_stays(line: Consent, counts: bool) -> None:
    """That a list brought them here later is no word of theirs, nor is what anybody can type."""
    before = one(ACTIVE, "a")
    gone = (UNSUBSCRIBED, "", "")
    found = enlist_left(ADDRESS, before, WORD, THEN - WEEK, [line])
    assert told(found) == (Refusal.CAME_BACK if counts else gone)
    assert told(enlist_left(ADDRESS, before, WORD, THEN + WEEK, [line])) == gone
    assert told(enlist_left(ADDRESS, before, WORD, None, [line])) == gone


def test_lifting_a_suppression_says_that_an_address_works() -> None:
    record = [said(ConsentAction.RESTORED)]
    assert last_agreed(record) is None
    assert last_agreed(record, lifted=True) == THEN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (one(PENDING, "", "a"), (UNSUBSCRIBED, "", "a")),
        (one(ACTIVE, "a", "b"), (UNSUBSCRIBED, "", "b")),
        (one(UNSUBSCRIBED, "", "a"), None),
    ],
)
def test_what_they_asked_for_after_leaving_elsewhere_can_be_confirmed(
    before: Subscriber, after: Told | None
) -> None:
    record = [said(ConsentAction.ASKED)]
    assert told(enlist_left(ADDRESS, before, WORD, THEN - WEEK, record)) == after
    early = enlist_left(ADDRESS, before, WORD, THEN + WEEK, record)
    assert told(early) == (UNSUBSCRIBED, "", "")


def test_changing_ones_own_words() -> None:
    before = one(ACTIVE, "a")
    found = change(before, WORD, name="J", topics=keys("care youth"), language="fr")
    assert found is not None
    assert found.consent.detail == "topics: care, youth; language: fr; name"
    assert found.consent.action is ConsentAction.CHANGED
    back = change(found.subscriber, WORD, topics=keys(""), language="")
    assert back is not None
    assert back.consent.detail == "topics: all; language: none"
    assert change(before, WORD, name="Jane") is None
    for state in (PENDING, UNSUBSCRIBED, SUPPRESSED):
        assert change(one(state), WORD, name="J") is None


def test_what_an_editor_puts_right() -> None:
    found = correct(one(UNSUBSCRIBED), WORD, name="J", address="-b@example.org")
    assert found is not None
    assert (found.subscriber.address, found.subscriber.state) == ("-b@example.org", UNSUBSCRIBED)
    assert found.consent.detail == "address: was jane@example.org; name"
    back = correct(found.subscriber, WORD, address="jane@example.org", topics=keys("-care"))
    assert back is not None
    record = [found.consent, back.consent]
    assert former_addresses(record) == ("jane@example.org", "-b@example.org")
    assert left_of(record) == keys("")
    assert correct(one(ACTIVE, "a"), WORD, name="Jane", address=ADDRESS) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (one(SUPPRESSED, "a"), (ACTIVE, "a", "")),
        (one(SUPPRESSED, "a", "b"), (ACTIVE, "a", "")),
        (one(SUPPRESSED, "", "b"), (UNSUBSCRIBED, "", "")),
        (one(SUPPRESSED), (UNSUBSCRIBED, "", "")),
        (one(ACTIVE, "a"), None),
        (one(PENDING, "", "a"), None),
        (one(UNSUBSCRIBED), None),
    ],
)
def test_restoring(before: Subscriber, after: Told | None) -> None:
    found = restore(before, WORD)
    assert told(found) == after
    if found is not None:
        assert found.consent.action is ConsentAction.RESTORED


def test_what_was_left_is_read_from_the_record() -> None:
    added = enlist(ADDRESS, None, wishes("a b c"), WORD)
    assert isinstance(added, Change)
    gone = leave(added.subscriber, WORD, keys("a b"))
    assert gone is not None
    asked = sign_up(ADDRESS, gone.subscriber, wishes("a b"), WORD)
    record = [added.consent, gone.consent, asked.consent]
    assert left_of(record) == keys("a b")
    agreed = confirm(replace(asked.subscriber, asked=keys("b")), WORD, asked=NOW, within=WEEK)
    assert agreed is not None
    assert left_of([*record, agreed.consent]) == keys("a")


def test_a_confirmation_is_known_by_the_turns_before_it() -> None:
    def line(action: ConsentAction, detail: str = "") -> Consent:
        return Consent(at=NOW, action=action, how="x", detail=detail)

    asked = line(ConsentAction.ASKED, "+a")
    confirmed = line(ConsentAction.CONFIRMED, "+a")
    moved = line(ConsentAction.CHANGED, "address: was jane@example.org")
    record = [asked, line(ConsentAction.CHANGED, "name"), confirmed, asked]
    assert turns([asked]) == 0
    assert not was_confirmed([asked], 0)
    assert turns(record) == 1
    assert was_confirmed(record, 0)
    assert not was_confirmed(record, 1)
    for last in (line(ConsentAction.LEFT, "-a"), confirmed, moved):
        assert turns([*record, last]) == 2
        assert not was_confirmed([*record, last], 0)
    # Moved and enlisted by an editor, and never confirmed.
    assert not was_confirmed([asked, moved, line(ConsentAction.IMPORTED, "+a")], 0)
