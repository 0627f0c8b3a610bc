"""What becomes of a run whose process dies, is taken for dead, or ends as it should."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.run import TRIES_MOST, Flow, RunState
from tests.running import ALL, LATER, add, run, take

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores


def test_a_dead_ones_run_is_queued_again(stores: Stores, store: AnyStore) -> None:
    kept, _ = add(store, run("a"), run("b"))
    dead = stores.open()
    taken = take(dead)
    dead.runs.say(taken.id, "page 3")
    stores.kill(dead)
    (found,) = store.runs.recover(LATER)
    assert found == replace(kept, tries=1, progress="page 3")
    assert store.runs.recover(LATER) == ()
    again = take(store)
    assert (again.id, again.tries, again.progress) == (kept.id, 2, "")
    store.runs.end(again.id, RunState.DONE, "", {}, LATER)


def test_the_third_death_is_its_own_doing(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"))
    for number in range(TRIES_MOST):
        dead = stores.open()
        assert take(dead).tries == number + 1
        stores.kill(dead)
        (found,) = store.runs.recover(LATER)
    assert (found.state, found.ended, found.tries) == (RunState.FAILED, LATER, TRIES_MOST)
    assert "died 3 times" in found.reason
    assert store.runs.take(LATER, ALL) is None
    assert store.runs.untold() == (found,)


def test_the_living_are_left_alone(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"), run("b", Flow.BACKUP))
    other = stores.open()
    mine, theirs = take(store), take(other)
    for one in (store, other, stores.open()):
        assert one.runs.recover(LATER) == ()
    other.runs.end(theirs.id, RunState.DONE, "", {}, LATER)
    store.runs.end(mine.id, RunState.DONE, "", {}, LATER)
    assert {one.state for one in store.runs.latest(9)} == {RunState.DONE}


def test_who_ends_as_it_should_leaves_what_it_was_at(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"))
    leaving = stores.open()
    take(leaving)
    stores.leave(leaving)
    assert [one.state for one in store.runs.recover(LATER)] == [RunState.QUEUED]


def test_who_was_found_dead_and_lives_has_no_say(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"))
    zombie = stores.open()
    taken = take(zombie)
    stores.seize(zombie)
    store.runs.recover(LATER)
    again = take(store)
    zombie.runs.end(taken.id, RunState.FAILED, "no room", {}, LATER)
    assert store.runs.get(taken.id) == again
    zombie.runs.put_back(taken.id)
    assert store.runs.get(taken.id) == again
    assert zombie.runs.recover(LATER) == (), "its successor is alive"
    store.runs.end(again.id, RunState.DONE, "", {}, LATER)
    assert [one.state for one in store.runs.latest(1)] == [RunState.DONE]


def test_nobody_ends_what_another_is_at(stores: Stores, store: AnyStore) -> None:
    add(store, run("a"))
    taken = take(store)
    other = stores.open()
    other.runs.end(taken.id, RunState.FAILED, "", {}, LATER)
    other.runs.put_back(taken.id)
    assert store.runs.get(taken.id) == taken


def test_two_who_recover_at_once_find_each_once(stores: Stores, store: AnyStore) -> None:
    add(store, *(run(f"slot {number}") for number in range(6)))
    dead = stores.open()
    for _ in range(6):
        take(dead)
    stores.kill(dead)
    several = [stores.open() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda one: one.runs.recover(LATER), several))
    ids = [one.id for some in found for one in some]
    assert len(ids) == len(set(ids)) == 6
    assert {one.tries for one in store.runs.open()} == {1}
