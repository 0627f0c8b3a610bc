"""What the clean-up forgets of somebody who stays: what they asked for and never confirmed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import text

from pipeline.core.run import Flow
from pipeline.core.subscriber import Change, Consent, ConsentAction, SubscriberState
from pipeline.core.subscription import Occasion, Wishes, enlist, leave, sign_up
from pipeline.store.opening import open_store
from pipeline.store.subscriber_rows import save
from tests.at_work import at_work
from tests.databases import postgresql_url
from tests.newsrooms import NEWSROOM, put
from tests.people import NOW, reader
from tests.running_service import wait

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pipeline.store.opening import Store

START = datetime(2017, 8, 30, 12, tzinfo=ZoneInfo("Europe/Zurich"))


def test_the_cleanup_drops_what_a_subscriber_never_confirmed(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", NEWSROOM)
    word = Occasion(at=START.astimezone(UTC), how="form")
    letter, other = Wishes(newsletters=frozenset({"letter"})), Wishes(newsletters=frozenset({"x"}))
    with at_work(tmp_path, "outbox:", START) as desk:
        people = desk.store.subscribers
        added = [enlist(f"{name}@example.org", None, letter, word) for name in ("ana", "bea")]
        ana, bea = people.save([change for change in added if isinstance(change, Change)])
        gone = leave(bea, word)
        assert gone is not None
        (bea,) = people.save([gone])
        ana, bea = people.save([sign_up(x.address, x, other, word) for x in (ana, bea)])
        desk.at(START)
        desk.at(START + timedelta(days=7))
        assert all(one.asked == {"x"} for one in people.each()), "it could still be confirmed"
        desk.at(START + timedelta(days=9))
        (run,) = desk.store.runs.latest(1, flow=Flow.CLEANUP)
        assert (run.found["pending"], run.found["asked"]) == (0, 2)
        assert run.reason.startswith("2 sign-ups never confirmed and forgotten, ")
        assert [(one.state, one.newsletters, one.asked) for one in people.each()] == [
            (SubscriberState.ACTIVE, frozenset({"letter"}), frozenset()),
            (SubscriberState.UNSUBSCRIBED, frozenset(), frozenset()),
        ]


def test_who_asks_anew_while_the_cleanup_waits_for_them_keeps_it() -> None:
    database = postgresql_url()
    with open_store(database, Path()) as store, open_store(database, Path()) as other:
        old, asked = NOW - timedelta(days=9), frozenset({"events"})
        consent = Consent(at=old, action=ConsentAction.ASKED, how="form")
        (ann,) = store.subscribers.save(
            [Change(subscriber=reader("ann", asked=asked), consent=consent)]
        )
        anew = Change(subscriber=ann, consent=replace(consent, at=NOW), before=ann)
        with ThreadPoolExecutor(1) as thread:
            with store.database.writes() as connection:
                save(connection, store.subscribers.salt, [anew])
                holder = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                dropped = thread.submit(other.subscribers.forget_asked, NOW)
                assert wait(lambda: locked(store, holder, dropped))
            assert dropped.result() == 0
        assert store.subscribers.get(ann.id) == ann


def locked(store: Store, holder: int, work: Future[int]) -> bool:
    """True once another waits for what this one holds; also where the work is done already."""
    query = text("SELECT count(*) FROM pg_locks WHERE :holder = ANY(pg_blocking_pids(pid))")
    with store.database.reads() as connection:
        return work.done() or bool(connection.execute(query, {"holder": holder}).scalar())
