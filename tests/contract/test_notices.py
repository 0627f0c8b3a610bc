"""What the port `Notices` promises, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pipeline.core.notice import TRIED_FOR, WAITS, Notice, NoticeKind, NoticeState
from pipeline.core.suppression import SuppressionReason
from tests.people import keep, reader, suppression
from tests.running import LATER, NOW, notice

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores

ENDLESS = NOW - timedelta(days=9)


def add(store: AnyStore, given: Notice, since: datetime = ENDLESS, most: int = 99) -> bool:
    return store.notices.add(given, since=since, most=most)


def take(store: AnyStore, at: datetime = NOW) -> Notice:
    taken = store.notices.take(at)
    assert taken is not None
    return taken


def waiting(store: AnyStore) -> int:
    return store.notices.counts().get(NoticeState.WAITING, 0)


def test_a_notice_comes_back_as_kept(store: AnyStore) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    given = notice("Ánn", text="two\nlines, «здраво»", created=tokyo, due=tokyo)
    assert add(store, given)
    taken = take(store)
    assert taken.id > 0
    assert taken == replace(given, id=taken.id, tries=1, due=NOW + WAITS[0])
    assert taken.created.utcoffset() == timedelta(0)


def test_where_its_process_dies_it_is_tried_again(store: AnyStore) -> None:
    add(store, notice())
    at = NOW
    for number in range(8):
        taken = take(store, at)
        assert taken.tries == number + 1
        assert taken.due == at + WAITS[min(number, len(WAITS) - 1)]
        assert store.notices.take(taken.due - timedelta(microseconds=1)) is None
        at = taken.due
    over = NOW + TRIED_FOR
    assert take(store, over).due == over + TRIED_FOR, "for its last try there is no next one"


def test_the_oldest_due_comes_first(store: AnyStore) -> None:
    add(store, notice("b"))
    add(store, notice("c"))
    add(store, notice("a", due=NOW - timedelta(seconds=1)))
    add(store, notice("later", due=LATER))
    names = [take(store).address.partition("@")[0] for _ in range(3)]
    assert names == ["a", "b", "c"]
    assert store.notices.take(NOW) is None


def test_a_refusal_for_now_waits(store: AnyStore) -> None:
    add(store, notice())
    taken = take(store)
    store.notices.settle(taken.id, NoticeState.WAITING, "greylisted", LATER)
    assert store.notices.take(LATER - timedelta(seconds=1)) is None
    again = take(store, LATER)
    assert (again.tries, again.said, again.address) == (2, "greylisted", taken.address)


def test_what_is_over_stays_over(store: AnyStore) -> None:
    for name, state in (("ann", NoticeState.SENT), ("bob", NoticeState.FAILED)):
        add(store, notice(name))
        taken = take(store)
        store.notices.settle(taken.id, state, "said", NOW)
        store.notices.settle(taken.id, NoticeState.WAITING, "not so", NOW)
        assert store.notices.take(LATER) is None
    assert store.notices.counts() == {NoticeState.SENT: 1, NoticeState.FAILED: 1}
    store.notices.settle(99, NoticeState.SENT, "nobody", NOW)


def test_no_more_than_so_many_go_to_one_mailbox(store: AnyStore) -> None:
    since = NOW - timedelta(hours=1)
    before = notice(created=since - timedelta(microseconds=1))
    assert add(store, before, ENDLESS)
    assert add(store, notice(created=since), since, 2)
    assert add(store, notice("ANN"), since, 2)
    assert not add(store, notice("Ann"), since, 2), "in whatever case"
    assert add(store, notice("bob"), since, 2), "another mailbox"
    assert add(store, notice(kind=NoticeKind.PREFERENCES), since, 2), "another kind"
    assert add(store, notice(), since, 3)
    assert waiting(store) == 6


def test_sent_ones_count_for_the_limit_too(store: AnyStore) -> None:
    add(store, notice())
    store.notices.settle(take(store).id, NoticeState.SENT, "", NOW)
    assert not add(store, notice(), ENDLESS, 1)


def test_many_at_once_keep_to_the_limit(stores: Stores) -> None:
    several = [stores.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda one: add(one, notice(), ENDLESS, 2), several * 2))
    assert sorted(kept) == [False] * 6 + [True] * 2


def test_nobody_gets_what_another_has(stores: Stores) -> None:
    several = [stores.open() for _ in range(3)]
    for number in range(12):
        add(several[0], notice(f"reader-{number}"))

    def work(store: AnyStore) -> list[int]:
        found = []
        while (taken := store.notices.take(NOW)) is not None:
            found.append(taken.id)
        return found

    with ThreadPoolExecutor(3) as pool:
        ids = [id_ for found in pool.map(work, several) for id_ in found]
    # One that passes over what another is just taking may end early; nothing is had twice.
    ids += work(several[0])
    assert len(ids) == len(set(ids)) == 12


def test_old_ones_are_forgotten_when_they_are_over(store: AnyStore) -> None:
    add(store, notice("waits", created=ENDLESS, due=LATER))
    for name, created in (("old", ENDLESS), ("young", NOW)):
        add(store, notice(name, created=created))
        store.notices.settle(take(store).id, NoticeState.SENT, "", NOW)
    assert store.notices.forget(NOW) == 1
    assert store.notices.counts() == {NoticeState.WAITING: 1, NoticeState.SENT: 1}
    assert store.notices.forget(NOW) == 0


def test_who_is_erased_gets_none_and_is_in_none(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    operators = notice("ann", kind=NoticeKind.OPERATORS, subscriber=0)
    for given in (
        notice("ann", subscriber=ann.id),
        notice("new", subscriber=ann.id, kind=NoticeKind.ADDRESS),
        notice("ANN", subscriber=0),
        notice("bob", subscriber=bob.id, due=LATER),
        replace(operators, due=LATER),
    ):
        add(store, given)
    taken = take(store)
    store.subscribers.erase(ann.id, suppression(store, ann.address, SuppressionReason.MANUAL))
    assert store.notices.take(NOW) is None
    assert waiting(store) == 2, "what tells operators stays, and what goes to others"
    store.notices.settle(taken.id, NoticeState.SENT, "too late", NOW)
    assert store.notices.counts() == {NoticeState.WAITING: 2}
    assert add(store, notice("ann"), ENDLESS, 1), "nothing is left that would count for the limit"


def test_figures_of_what_waits_and_of_what_failed_lately(store: AnyStore) -> None:
    operators = NoticeKind.OPERATORS
    assert store.notices.oldest() is None
    for name, created, kind in (
        ("a", NOW - timedelta(hours=2), operators),
        ("b", NOW, operators),
        ("c", NOW, NoticeKind.CONFIRM),
        ("d", NOW - timedelta(hours=1), NoticeKind.CONFIRM),
    ):
        add(store, notice(name, kind=kind, created=created, due=created))
    assert store.notices.oldest() == NOW - timedelta(hours=2)
    store.notices.settle(take(store).id, NoticeState.FAILED, "no", NOW)
    assert store.notices.oldest() == NOW - timedelta(hours=1)
    failed, waiting = NoticeState.FAILED, NoticeState.WAITING
    assert store.notices.counts(kind=operators) == {failed: 1, waiting: 1}
    assert store.notices.counts(since=NOW) == {waiting: 2}
    assert store.notices.counts(since=NOW - timedelta(hours=2), kind=operators)[failed] == 1
    while store.notices.take(NOW) is not None:
        pass
    assert store.notices.oldest() is not None, "one that is tried still waits"
