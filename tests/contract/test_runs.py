"""What the port `Runs` promises, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pipeline.core.run import TRIES_MOST, Flow, Origin, Run, RunState
from tests.running import ALL, LATER, NOW, add, run, take

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores


def finish(
    store: AnyStore, slot: str, at: datetime, flow: Flow = Flow.BUILD, /, **changes: object
) -> Run:
    (kept,) = add(store, run(slot, flow, **changes))
    store.runs.end(kept.id, RunState.DONE, "nothing new", {}, at)
    return kept


def test_a_run_comes_back_as_kept(store: AnyStore) -> None:
    given = run(
        "letter 2017-07-31T09:00", Flow.DRAFT, subject="letter", place="a machine",
        origin=Origin.EDITOR, asked={"special": "Ánn's", "on": None, "n": [1, 2.5]}, tries=0,
        due=NOW.astimezone(timezone(timedelta(hours=9))),
    )  # fmt: skip
    kept, new = store.runs.add(given)
    assert new
    assert kept == replace(given, id=kept.id)
    assert kept.id > 0
    assert kept.due.utcoffset() == timedelta(0)
    assert store.runs.get(kept.id) == kept
    assert store.runs.get(kept.id + 1) is None


def test_a_slot_is_had_once_by_each_flow(store: AnyStore) -> None:
    first, new = store.runs.add(run("daily", asked={"by": "one"}))
    again, newer = store.runs.add(run("daily", asked={"by": "two"}, due=LATER))
    assert (new, newer) == (True, False)
    assert again == first
    assert store.runs.add(run("daily", Flow.BACKUP))[1], "another flow"
    store.runs.end(take(store).id, RunState.DONE, "", {}, NOW)
    assert not store.runs.add(run("daily"))[1], "also when it is over"


def test_many_who_add_a_slot_at_once_get_one_run(stores: Stores) -> None:
    several = [stores.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number in range(5):
            slot = run(f"slot {number}")
            found = list(pool.map(lambda one, slot=slot: one.runs.add(slot), several))
            assert sorted(new for _, new in found) == [False, False, False, True]
            assert len({kept.id for kept, _ in found}) == 1


def test_what_is_added_as_over_is_never_begun(store: AnyStore) -> None:
    states = (RunState.MISSED, RunState.FAILED, RunState.DONE)
    for state in states:
        add(store, run(state.value, state=state, reason="nobody was there", ended=NOW))
    assert store.runs.take(LATER, ALL) is None
    assert {one.state for one in store.runs.latest(9)} == set(states)


def test_the_oldest_due_is_begun_first(store: AnyStore) -> None:
    add(
        store,
        run("b", due=NOW),
        run("a", due=NOW - timedelta(minutes=1)),
        run("c", due=NOW),
        run("later", due=NOW + timedelta(seconds=1)),
    )
    assert [take(store).slot for _ in range(3)] == ["a", "b", "c"]
    assert store.runs.take(NOW, ALL) is None
    assert take(store, LATER).slot == "later"


def test_a_run_that_is_begun_says_so(store: AnyStore) -> None:
    (kept,) = add(store, run("a"))
    taken = take(store, LATER)
    assert taken == replace(kept, state=RunState.RUNNING, began=LATER, tries=1)
    assert store.runs.get(kept.id) == taken
    store.runs.say(kept.id, "12 of 300 pages")
    found = store.runs.get(kept.id)
    assert found is not None
    assert found.progress == "12 of 300 pages"


def test_only_what_is_asked_for_is_begun(store: AnyStore) -> None:
    add(store, run("a"), run("b", Flow.BACKUP))
    assert store.runs.take(NOW, [Flow.DRAFT]) is None
    assert store.runs.take(NOW, []) is None
    taken = store.runs.take(NOW, [Flow.BACKUP, Flow.DRAFT])
    assert taken is not None
    assert taken.slot == "b"


def test_what_has_a_place_is_begun_there(store: AnyStore) -> None:
    add(store, run("here", place="here"))
    assert store.runs.take(NOW, ALL) is None
    assert store.runs.take(NOW, ALL, "there") is None
    taken = store.runs.take(NOW, ALL, "here")
    assert taken is not None
    assert taken.slot == "here"
    add(store, run("anywhere"))
    assert store.runs.take(NOW, ALL, "there") is not None


def test_an_outcome_is_kept_and_stays(store: AnyStore) -> None:
    (kept,) = add(store, run("a"))
    taken = take(store)
    store.runs.end(taken.id, RunState.FAILED, "no room", {"pages": 3, "why": ["disk"]}, LATER)
    found = store.runs.get(kept.id)
    assert found == replace(
        taken,
        state=RunState.FAILED,
        reason="no room",
        found={"pages": 3, "why": ["disk"]},
        ended=LATER,
    )
    store.runs.end(taken.id, RunState.DONE, "after all", {}, LATER)
    store.runs.say(taken.id, "still here")
    store.runs.put_back(taken.id)
    assert store.runs.get(kept.id) == found
    store.runs.end(99, RunState.DONE, "", {}, LATER)
    store.runs.put_back(99)
    store.runs.say(99, "nobody")


def test_what_is_queued_can_be_ended(store: AnyStore) -> None:
    (kept,) = add(store, run("a"))
    store.runs.end(kept.id, RunState.MISSED, "too late for it", {}, LATER)
    assert store.runs.take(LATER, ALL) is None
    assert [one.state for one in store.runs.latest(1)] == [RunState.MISSED]


def test_what_is_put_back_was_never_begun(store: AnyStore) -> None:
    (kept,) = add(store, run("a"))
    for _ in range(TRIES_MOST + 1):
        store.runs.put_back(take(store).id)
        assert store.runs.get(kept.id) == kept


def test_another_can_take_what_was_put_back(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"))
    other = stores.open()
    for _ in range(3):
        store.runs.put_back(take(store).id)
        other.runs.put_back(take(other).id)
    assert store.runs.recover(NOW) == ()


def test_it_is_looked_up_in_many_ways(store: AnyStore) -> None:
    a, b, c, d = add(
        store,
        run("a", subject="letter"),
        run("b", Flow.DRAFT, subject="letter"),
        run("c"),
        run("d", Flow.DRAFT, subject="weekly"),
    )
    latest = store.runs.latest
    assert latest(2) == (d, c)
    assert latest(9, flow=Flow.DRAFT) == (d, b)
    assert latest(9, subject="letter") == (b, a)
    assert latest(9, flow=Flow.BUILD, subject="") == (c,)
    assert store.runs.open() == (a, b, c, d)
    store.runs.end(b.id, RunState.DONE, "", {}, NOW)
    taken = take(store)
    assert store.runs.open() == (taken, c, d)


def test_the_last_slot_is_the_one_that_was_due_last(store: AnyStore) -> None:
    early, late = NOW - timedelta(days=1), NOW + timedelta(days=1)
    a, b, c, *_ = add(
        store,
        run("a", subject="letter", due=NOW),
        run("b", subject="letter", due=late),
        run("c", Flow.DRAFT, due=NOW),
        run("d", subject="letter", due=early),
        run("e", subject="letter", due=late + timedelta(days=1), origin=Origin.EDITOR),
    )
    assert store.runs.last_slots() == {(Flow.BUILD, "letter"): b, (Flow.DRAFT, ""): c}
    (f,) = add(store, run("f", Flow.DRAFT, due=NOW))
    assert store.runs.last_slots()[Flow.DRAFT, ""] == f, "of two, the one that came later"
    until = store.runs.last_slots(NOW)
    assert until == {(Flow.BUILD, "letter"): a, (Flow.DRAFT, ""): f}, "not what is far ahead"


def test_what_went_wrong_is_told_once(store: AnyStore) -> None:
    missed = run("a", state=RunState.MISSED, reason="nobody was there", ended=NOW)
    a, b, _, _ = add(store, missed, run("b"), run("c"), run("d"))
    store.runs.end(b.id, RunState.FAILED, "no room", {}, NOW)
    store.runs.end(take(store).id, RunState.DONE, "", {}, NOW)
    assert [one.id for one in store.runs.untold()] == [a.id, b.id]
    store.runs.tell([a.id], LATER)
    assert [one.id for one in store.runs.untold()] == [b.id]
    store.runs.tell([b.id, 99], LATER)
    store.runs.tell([], LATER)
    assert store.runs.untold() == ()
    assert [one.told for one in store.runs.latest(4)] == [None, None, LATER, LATER]


def test_old_runs_are_forgotten_but_for_the_last_of_each(store: AnyStore) -> None:
    old = NOW - timedelta(days=9)
    gone = finish(store, "gone", old)
    stays = [
        finish(store, "young", NOW),
        finish(store, "sent", old, Flow.SEND, subject="letter/2017-07"),
        finish(store, "sent too", old, Flow.SEND, subject="letter/2017-07"),
        finish(store, "due last", old, Flow.DRAFT, due=LATER),
        finish(store, "last", old, Flow.DRAFT),
        finish(store, "other", old, Flow.DRAFT, subject="weekly"),
        *add(store, run("open", created=old)),
    ]
    (unended,) = add(store, run("missed", state=RunState.MISSED, created=old), run("newer"))[:1]
    assert store.runs.forget(NOW) == 2
    left = {one.id for one in store.runs.latest(99)}
    assert left.isdisjoint({gone.id, unended.id})
    assert left > {one.id for one in stays}
    assert store.runs.forget(NOW) == 0
    (new,) = add(store, run("gone"))
    assert new.id > max(left), "an id is never given again"


def test_nobody_gets_what_another_has(stores: Stores) -> None:
    several = [stores.open() for _ in range(3)]
    add(several[0], *(run(f"slot {number}") for number in range(24)))

    def work(store: AnyStore) -> list[int]:
        found = []
        while (taken := store.runs.take(NOW, ALL)) is not None:
            found.append(taken.id)
            store.runs.end(taken.id, RunState.DONE, "", {}, NOW)
        return found

    with ThreadPoolExecutor(3) as pool:
        taken = [id_ for found in pool.map(work, several) for id_ in found]
    assert len(taken) == len(set(taken)) == 24
    assert several[0].runs.open() == ()


def test_one_store_serves_several_threads(store: AnyStore) -> None:
    def work(number: int) -> int:
        kept, _ = store.runs.add(run(f"slot {number}"))
        taken = take(store)
        store.runs.say(taken.id, "at it")
        store.runs.recover(NOW)
        store.runs.end(taken.id, RunState.DONE, "", {}, NOW)
        return kept.id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(12)))) == 12
    assert {one.tries for one in store.runs.latest(99)} == {1}
    assert store.runs.open() == ()
