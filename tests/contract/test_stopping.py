"""What the port `Runs` promises of a service that was told to stop."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from tests.running import LATER, NOW

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores


def test_nobody_was_told_to_stop_at_first(store: AnyStore) -> None:
    assert store.runs.stopped() is None
    store.runs.stop(None)
    assert store.runs.stopped() is None


def test_the_last_stop_counts_and_others_see_it(stores: Stores) -> None:
    one, other = stores.open(), stores.open()
    one.runs.stop(NOW.astimezone(timezone(timedelta(hours=9))))
    stopped = other.runs.stopped()
    assert stopped == NOW
    assert stopped is not None
    assert stopped.utcoffset() == timedelta(0)
    other.runs.stop(LATER)
    assert one.runs.stopped() == LATER


def test_it_is_over_once_somebody_minds_the_schedule(stores: Stores) -> None:
    one, other = stores.open(), stores.open()
    one.runs.stop(NOW)
    other.runs.stop(None)
    assert one.runs.stopped() is None
    assert one.subscribers.salt == other.subscribers.salt, "what else is kept there stays"
