"""How SQLite goes about what is asked often: by an index, whatever the size of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event

from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.store.claiming import SQLITE
from pipeline.store.marking import (
    _FINAL_SQLITE,
    _SENDING_SQLITE,
    _SETTLED_SQLITE,
    _STEP_SQLITE,
    _STEPS_SQLITE,
)
from pipeline.store.opening import open_store
from tests.people import AT, LATER, begin, crowd, suppression

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_that_is_asked_often_reads_a_whole_table(tmp_path: Path) -> None:
    asked: dict[str, object] = {}

    def note(
        _c: object, _cursor: object, text: str, values: object, _x: object, many: bool
    ) -> None:
        if text.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.setdefault(text, values[0] if many and isinstance(values, list) else values)

    with open_store("", tmp_path / "ledger.sqlite") as store:
        everyone = crowd(store, 30)
        run = begin(store, everyone)
        store.ledger.enter("worker")
        event.listen(store.database.engine, "before_cursor_execute", note)
        store.ledger.tally(run.id)
        store.ledger.next_due(run.id)
        store.ledger.sent_since(AT)
        store.ledger.requeue(run.id, [DeliveryState.FAILED], LATER)
        store.ledger.give_back()
        store.ledger.move(run.id, [MailingState.RUNNING], MailingState.FINISHED, "", LATER)
        list(store.ledger.deliveries(subscriber=3))
        list(store.ledger.deliveries(mailing=run.id, states=[DeliveryState.SENT]))
        store.subscribers.find([everyone[0].address])
        store.subscribers.find_folded([everyone[0].address])
        store.subscribers.suppress([suppression(store, "a@example.org")], "test")
        store.subscribers.erase(3, suppression(store, "b@example.org"))
        event.remove(store.database.engine, "before_cursor_execute", note)
        asked |= {
            _SENDING_SQLITE: (1, 1),
            _FINAL_SQLITE: ("sent", 1, 0, "", "", 1, 1, 1, 1),
            _SETTLED_SQLITE: ("deferred", 1, 1, 0, "", "", 1, 1, 1, 1),
            _STEP_SQLITE: (1,),
            _STEPS_SQLITE: (1,),
            SQLITE.known: (1,),
            SQLITE.running: (run.id,),
            SQLITE.due: ("news", run.id, AT, 9),
            SQLITE.hold: (1, SQLITE.rows([1, 2])),
            SQLITE.withhold: (AT, "left", SQLITE.rows([3])),
            SQLITE.step: (run.id,),
            SQLITE.steps: (run.id,),
        }
        with store.database.reads() as connection:
            plans = {
                text: [
                    str(row[3])
                    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)  # type: ignore[arg-type]
                ]
                for text, values in asked.items()
            }
    assert len(plans) > 15
    small = ("SCAN mailing", "SCAN worker", "SCAN anon", "SCAN json_each")
    slow = {
        text: step
        for text, plan in plans.items()
        for step in plan
        if step.startswith("SCAN") and not step.startswith(small)
    }
    assert slow == {}
