"""What a list makes of the subscribers that are there; nobody comes back who left."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.address import salted_hash
from pipeline.core.subscriber import Change, Subscriber, SubscriberState
from pipeline.core.subscription import Wishes, enlist, leave
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.errors import ConfigError, StaleError, StoreError
from pipeline.flows import subscriber_import
from pipeline.flows.subscriber_import import Desk, Imported, import_list
from pipeline.store.memory import MemoryStore
from tests.import_desk import (
    GHOST,
    LISTMONK,
    MAILCHIMP,
    MAILCHIMP_CLEANED,
    MAILCHIMP_UNSUBSCRIBED,
    NOW,
    WORD,
    everyone,
    opened,
    reader,
    take,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.import_row import Row

ACTIVE, UNSUBSCRIBED = SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED
SUPPRESSED, PENDING = SubscriberState.SUPPRESSED, SubscriberState.PENDING
LIST = "email,name\njane@example.org,Jane\njoe@example.org,Joe\n"
THEN = NOW - timedelta(days=30)


def seeded(state: SubscriberState, newsletters: str = "letter") -> tuple[MemoryStore, Subscriber]:
    """A store with jane@example.org in a state."""
    store = MemoryStore()
    word = replace(WORD, at=THEN)
    made = enlist(
        "jane@example.org", None, Wishes(newsletters=frozenset(newsletters.split())), word
    )
    assert isinstance(made, Change)
    (jane,) = store.subscribers.save([made])
    if state is UNSUBSCRIBED:
        gone = leave(jane, word)
        assert gone is not None
        (jane,) = store.subscribers.save([gone])
    elif state is SUPPRESSED:
        store.subscribers.suppress([suppression(store, jane.address)], "test")
    return store, jane


def suppression(store: MemoryStore, address: str) -> Suppression:
    return Suppression(
        hash=salted_hash(address, store.subscribers.salt),
        address=address,
        reason=SuppressionReason.COMPLAINT,
        at=THEN,
    )


def test_a_dry_run_changes_nothing_and_tells_the_same() -> None:
    for text in (LIST, LISTMONK, MAILCHIMP_UNSUBSCRIBED, GHOST):
        twin = MemoryStore()
        dry = take(twin.subscribers, text, apply=False)
        assert everyone(twin.subscribers) == {}
        assert list(twin.subscribers.suppressions()) == []
        assert dry.outcomes == take(twin.subscribers, text).outcomes


def test_who_is_new_is_active_with_a_record_of_where_they_came_from() -> None:
    store = MemoryStore()
    assert take(store.subscribers, MAILCHIMP).outcomes == {"added": 1}
    jane = everyone(store.subscribers)["jane@example.org"]
    assert (jane.state, jane.newsletters, jane.since) == (ACTIVE, frozenset({"letter"}), NOW)
    (line,) = store.subscribers.consents(jane.id)
    assert (line.how, line.text, line.origin) == ("import list.csv", "I want news", "192.0.2.2")
    assert line.detail == "+letter; name; confirmed 2018-10-11T09:56:00+00:00"


@pytest.mark.parametrize(
    "text", [LIST, LISTMONK, MAILCHIMP, MAILCHIMP_UNSUBSCRIBED, MAILCHIMP_CLEANED, GHOST]
)
def test_doing_it_again_changes_nothing(text: str) -> None:
    store = MemoryStore()
    state = ACTIVE if text in {LIST, LISTMONK} else None
    first = take(store.subscribers, text, state=state)
    before = everyone(store.subscribers)
    again = take(store.subscribers, text, state=state)
    assert again.outcomes == {"unchanged": first.done.rows}
    assert everyone(store.subscribers) == before
    assert all(len(store.subscribers.consents(one.id)) == 1 for one in before.values())


def test_each_of_listmonks_states() -> None:
    store = MemoryStore()
    assert take(store.subscribers, LISTMONK, state=ACTIVE).outcomes == {
        "added": 1, "unsubscribed": 1, "suppressed": 1,
    }  # fmt: skip
    states = {address: one.state for address, one in everyone(store.subscribers).items()}
    assert states == {"jane@example.org": ACTIVE, "joe@example.org": UNSUBSCRIBED}
    (blocked,) = store.subscribers.suppressions()
    assert (blocked.address, blocked.reason) == ("spam@example.org", SuppressionReason.IMPORTED)
    assert blocked.detail == "listmonk"


def test_who_left_stays_away_and_is_reported() -> None:
    store, jane = seeded(UNSUBSCRIBED)
    taken = take(store.subscribers, LIST)
    assert taken.outcomes == {"stays_unsubscribed": 1, "added": 1}
    assert taken.problems == [(2, "unsubscribed here")]
    assert store.subscribers.get(jane.id) == jane


def test_who_is_suppressed_stays_so_and_is_reported() -> None:
    store, jane = seeded(SUPPRESSED)
    taken = take(store.subscribers, LIST)
    assert taken.outcomes == {"stays_suppressed": 1, "added": 1}
    assert taken.problems == [(2, "suppressed since 2017-07-02 (complaint)")]
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is SUPPRESSED


def test_so_does_who_is_suppressed_without_an_entry() -> None:
    store, jane = seeded(SUPPRESSED)
    store.subscribers.restore(salted_hash(jane.address, store.subscribers.salt), None)
    taken = take(store.subscribers, LIST)
    assert taken.outcomes == {"stays_suppressed": 1, "added": 1}
    assert taken.problems == [(2, "suppressed")]


@pytest.mark.parametrize("typed", ["jane@example.org", "JANE@example.org"])
def test_who_was_erased_is_never_imported(typed: str) -> None:
    store, jane = seeded(ACTIVE)
    entry = replace(suppression(store, jane.address), reason=SuppressionReason.ERASED, address="")
    store.subscribers.erase(jane.id, entry)
    taken = take(store.subscribers, f"email\n{typed}\n")
    assert taken.outcomes == {"stays_suppressed": 1}
    assert everyone(store.subscribers) == {}


def test_a_newsletter_that_somebody_left_is_not_added_again() -> None:
    store, jane = seeded(ACTIVE, "letter weekly")
    gone = leave(jane, WORD, frozenset({"letter"}))
    assert gone is not None
    store.subscribers.save([gone])
    taken = take(store.subscribers, LIST)
    assert taken.outcomes == {"stays_unsubscribed": 1, "added": 1}
    assert everyone(store.subscribers)["jane@example.org"].newsletters == {"weekly"}


def test_a_further_newsletter_is_added() -> None:
    store, _ = seeded(ACTIVE)
    taken = take(store.subscribers, LIST, chosen="weekly")
    assert taken.outcomes == {"changed": 1, "added": 1}
    assert everyone(store.subscribers)["jane@example.org"].newsletters == {"letter", "weekly"}


def test_who_has_not_confirmed_is_active_by_the_list() -> None:
    store = MemoryStore()
    jane = Subscriber(
        address="jane@example.org", asked=frozenset({"letter"}), state=PENDING, since=THEN
    )
    line = seeded(ACTIVE)[0].subscribers.consents(1)[0]
    store.subscribers.save([Change(subscriber=jane, consent=line)])
    assert take(store.subscribers, LIST).outcomes == {"changed": 1, "added": 1}
    assert everyone(store.subscribers)["jane@example.org"].state is ACTIVE


def test_one_mailbox_gets_one_mail() -> None:
    store, _ = seeded(ACTIVE)
    taken = take(store.subscribers, "email\nJANE@example.org\nJoe@example.org\njoe@Example.org\n")
    assert taken.outcomes == {"same_mailbox": 1, "added": 1, "repeated": 1}
    assert taken.problems == [
        (2, "differs only in case from jane@example.org, a subscriber"),
        (4, "the address, or one that differs in case only, is further up in the file"),
    ]
    assert sorted(everyone(store.subscribers)) == ["Joe@example.org", "jane@example.org"]


def test_what_speaks_against_sending_counts_wherever_it_stands() -> None:
    text = (
        "email,status\na@example.org,active\nA@example.org,unsubscribed\n"
        "b@example.org,active\nb@example.org,blocked\nc@example.org,unsubscribed\n"
        "c@example.org,active\n"
    )
    store = MemoryStore()
    dry = take(store.subscribers, text, apply=False)
    taken = take(store.subscribers, text)
    assert dry.outcomes == taken.outcomes == {
        "added": 2, "unsubscribed": 2, "suppressed": 1, "repeated": 1,
    }  # fmt: skip
    states = {address: one.state for address, one in everyone(store.subscribers).items()}
    assert states == {
        "a@example.org": UNSUBSCRIBED, "b@example.org": SUPPRESSED, "c@example.org": UNSUBSCRIBED,
    }  # fmt: skip


def test_who_left_there_leaves_here() -> None:
    store, _ = seeded(ACTIVE)
    text = MAILCHIMP_UNSUBSCRIBED.replace("joe@", "JANE@")
    assert take(store.subscribers, text).outcomes == {"unsubscribed": 1}
    jane = everyone(store.subscribers)["jane@example.org"]
    assert jane.state is UNSUBSCRIBED
    detail = store.subscribers.consents(jane.id)[-1].detail
    assert detail == (
        "-letter; was active; confirmed 2018-10-11T09:56:00+00:00; left 2019-01-02T03:04:05+00:00"
    )


EARLIER = f"{THEN - timedelta(days=1):%Y-%m-%d}"


def test_who_left_there_before_a_list_brought_them_leaves_here() -> None:
    """A list of subscribers first, the one of those who had left long before only then."""
    store = MemoryStore()
    take(store.subscribers, LIST)
    text = MAILCHIMP_UNSUBSCRIBED.replace("2019-01-02", "2016-01-02")
    assert take(store.subscribers, text).outcomes == {"unsubscribed": 1}
    assert everyone(store.subscribers)["joe@example.org"].state is UNSUBSCRIBED
    assert take(store.subscribers, LIST).outcomes == {"unchanged": 1, "stays_unsubscribed": 1}


@pytest.mark.parametrize(
    ("column", "what", "command"),
    [("unsubscribed_at", "left", "unsubscribe"), ("clean_time", "blocked", "suppress")],
)
def test_who_asked_here_since_stays_and_is_reported(column: str, what: str, command: str) -> None:
    store = MemoryStore()
    word = replace(WORD, at=THEN, how="command line")
    made = enlist("jane@example.org", None, Wishes(newsletters=frozenset({"letter"})), word)
    assert isinstance(made, Change)
    (jane,) = store.subscribers.save([made])
    taken = take(store.subscribers, f"email,{column}\nJane@example.org,{EARLIER}\n")
    assert taken.outcomes == {"came_back": 1}
    assert taken.problems == [(2, f"{what} there on 2017-07-01, and asked here on 2017-07-02")]
    assert taken.said[0].advice.endswith(f"enews subscriber {command} Jane@example.org")
    assert store.subscribers.get(jane.id) == jane
    later = take(store.subscribers, f"email,{column}\njane@example.org,2017-07-03\n")
    assert "came_back" not in later.outcomes
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is not ACTIVE


def test_who_was_blocked_there_before_a_list_brought_them_is_suppressed() -> None:
    store, jane = seeded(ACTIVE)
    text = f"email,clean_time\njane@example.org,{EARLIER}\n"
    assert take(store.subscribers, text).outcomes == {"suppressed": 1}
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is SUPPRESSED


def test_who_is_blocked_there_is_suppressed_here() -> None:
    store, jane = seeded(ACTIVE)
    text = MAILCHIMP_CLEANED.replace("gone@", "JANE@")
    assert take(store.subscribers, text).outcomes == {"suppressed": 1}
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is SUPPRESSED


def test_one_who_left_there_and_is_suppressed_here_is_no_news() -> None:
    store = MemoryStore()
    store.subscribers.suppress([suppression(store, "joe@example.org")], "test")
    taken = take(store.subscribers, MAILCHIMP_UNSUBSCRIBED)
    assert (taken.outcomes, everyone(store.subscribers)) == ({"unchanged": 1}, {})


def test_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_import, "BATCH", 3)
    rows = [f"{n}@example.org" for n in range(10)]
    text = "\n".join(["email", *rows, "nobody", rows[0], "", *["nobody"] * 7]) + "\n"
    store = MemoryStore()
    taken = take(store.subscribers, text)
    assert taken.outcomes == {"added": 10, "left_out": 8, "repeated": 1}
    assert (taken.done.rows, taken.done.troubles) == (19, 9)
    assert sorted(line for line, _ in taken.problems) == [12, 13, *range(15, 22)]
    assert len(everyone(store.subscribers)) == 10


def test_what_is_wrong_is_written_down_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_import, "BATCH", 3)
    file = opened("email\n" + "nobody\n" * 10)
    notes: list[int] = []
    desk = Desk(
        subscribers=MemoryStore().subscribers,
        reader=reader(file),
        word=WORD,
        note=lambda troubles: notes.append(len(troubles)),
    )
    done = import_list(desk, file.rows())
    assert (notes, done.troubles) == ([4, 4, 2], 10)


def test_who_is_blocked_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()

    def dying(_changes: list[Change]) -> tuple[Subscriber, ...]:
        raise StoreError("gone")

    monkeypatch.setattr(store.subscribers, "save", dying)
    with pytest.raises(StoreError):
        take(store.subscribers, "email,status\na@example.org,active\nb@example.org,blocked\n")
    assert [entry.address for entry in store.subscribers.suppressions()] == ["b@example.org"]


def test_what_was_done_before_an_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_import, "BATCH", 2)
    file = opened("email\n" + "".join(f"{n}@example.org\n" for n in range(5)))

    def breaking() -> Iterator[Row]:
        yield from file.rows()
        raise ConfigError("gone")

    desk = Desk(
        subscribers=MemoryStore().subscribers,
        reader=reader(file),
        word=WORD,
        note=lambda _: None,
        apply=True,
    )
    done = Imported()
    with pytest.raises(ConfigError):
        import_list(desk, breaking(), done)
    assert done.outcomes == {"added": 4}


@pytest.mark.parametrize("typed", ["a@example.org", "A@example.org"])
def test_two_imports_at_once_add_a_mailbox_once(
    monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    store = MemoryStore()
    saving = store.subscribers.save

    def late(changes: list[Change]) -> tuple[Subscriber, ...]:
        monkeypatch.setattr(store.subscribers, "save", saving)
        take(store.subscribers, f"email\n{typed}\n")
        return saving(changes)

    monkeypatch.setattr(store.subscribers, "save", late)
    text = "email,status\na@example.org,active\nb@example.org,blocked\n"
    found = "unchanged" if typed == "a@example.org" else "same_mailbox"
    assert take(store.subscribers, text).outcomes == {found: 1, "suppressed": 1}
    assert list(everyone(store.subscribers)) == [typed]


@pytest.mark.parametrize("first", [ACTIVE, UNSUBSCRIBED, None])
def test_the_same_list_does_not_take_back_that_somebody_came_back(
    first: SubscriberState | None,
) -> None:
    store = seeded(first)[0] if first else MemoryStore()
    text = GHOST.replace("joe@", "jane@").replace("6a,jane@", "6a,other@")
    left = {"added": 1, "unchanged" if first is UNSUBSCRIBED else "unsubscribed": 1}
    assert take(store.subscribers, text).outcomes == left
    wishes = Wishes(newsletters=frozenset({"letter"}))

    def back(day: int) -> None:
        again = replace(WORD, at=NOW + timedelta(days=day), how="command line")
        before = everyone(store.subscribers)["jane@example.org"]
        made = enlist(before.address, before, wishes, again, again=True)
        assert isinstance(made, Change)
        store.subscribers.save([made])

    back(1)
    later = replace(WORD, at=NOW + timedelta(days=2))
    if first is UNSUBSCRIBED:  # the list said so for the first time after they came back
        assert take(store.subscribers, text, word=later).outcomes["unsubscribed"] == 1
        back(3)
    taken = take(store.subscribers, text, word=later)
    assert taken.outcomes == {"unchanged": 1, "came_back": 1}
    assert "left there by an earlier list already" in taken.problems[0][1]
    assert everyone(store.subscribers)["jane@example.org"].state is ACTIVE
    # Another system's list has not said so yet.
    other = "email,status\njane@example.org,unsubscribed\n"
    assert take(store.subscribers, other, word=later).outcomes == {"unsubscribed": 1}


def test_an_import_that_was_cut_short_is_finished_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subscriber_import, "BATCH", 2)
    text = "email\n" + "".join(f"{n}@example.org\n" for n in range(7))
    store = MemoryStore()
    saving = store.subscribers.save
    batches = 0

    def dying(changes: list[Change]) -> tuple[Subscriber, ...]:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise StoreError("gone")
        return saving(changes)

    monkeypatch.setattr(store.subscribers, "save", dying)
    with pytest.raises(StoreError):
        take(store.subscribers, text)
    monkeypatch.setattr(store.subscribers, "save", saving)
    assert take(store.subscribers, text).outcomes == {"unchanged": 4, "added": 3}
    assert len(everyone(store.subscribers)) == 7


def test_who_leaves_while_a_list_is_taken_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    store, jane = seeded(ACTIVE)
    saving = store.subscribers.save

    def late(changes: list[Change]) -> tuple[Subscriber, ...]:
        monkeypatch.setattr(store.subscribers, "save", saving)
        gone = leave(jane, WORD)
        assert gone is not None
        saving([gone])
        return saving(changes)

    monkeypatch.setattr(store.subscribers, "save", late)
    taken = take(store.subscribers, LIST, chosen="weekly")
    assert taken.outcomes == {"stays_unsubscribed": 1, "added": 1}
    assert everyone(store.subscribers)["jane@example.org"].state is UNSUBSCRIBED


def test_somebody_who_changes_all_the_time_ends_an_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, _ = seeded(ACTIVE)

    def late(changes: list[Change]) -> tuple[Subscriber, ...]:
        raise StaleError("changed")

    monkeypatch.setattr(store.subscribers, "save", late)
    with pytest.raises(StaleError):
        take(store.subscribers, LIST)


def test_memory_does_not_grow_with_the_list() -> None:
    def peak(rows: int) -> int:
        text = "email,name\n" + "".join(f"reader.{n}@example.org,Ann {n}\n" for n in range(rows))
        store = MemoryStore()
        tracemalloc.start()
        try:
            assert take(store.subscribers, text, apply=False).done.rows == rows
            return tracemalloc.get_traced_memory()[1] - 2 * len(text)
        finally:
            tracemalloc.stop()

    assert peak(4000) - peak(2000) < 100 * 2000


def test_an_empty_list() -> None:
    store = MemoryStore()
    taken = take(store.subscribers, "email\n")
    assert (taken.done.rows, taken.outcomes, taken.said) == (0, {}, [])
