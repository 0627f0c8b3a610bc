"""A store in memory, which forgets all when the process ends: the adapters' twin, for tests.

It keeps what the ports promise, and the contract suite holds it to that beside SQLite and
PostgreSQL. Several workers are several ledgers over one store (`another`), also in threads; they
die by `MemoryLedger.die`, and by `MemoryStore.power_cut`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Self

from pipeline.store.memory_ledger import MemoryLedger
from pipeline.store.memory_running import MemoryNotices, MemoryRuns, MemoryTokens
from pipeline.store.memory_state import State
from pipeline.store.memory_subscribers import MemorySubscribers

if TYPE_CHECKING:
    from types import TracebackType


class MemoryStore:
    """All that a store keeps, over one state."""

    def __init__(self) -> None:
        self._state = State(salt=secrets.token_bytes(32))
        self.subscribers = MemorySubscribers(self._state)
        self.ledger = MemoryLedger(self._state)
        self.runs = MemoryRuns(self._state)
        self.notices = MemoryNotices(self._state)
        self.tokens = MemoryTokens(self._state)

    def another(self) -> MemoryLedger:
        """The same ledger as another process would see it."""
        return MemoryLedger(self._state)

    def other_runs(self) -> MemoryRuns:
        """The same runs as another process would see them."""
        return MemoryRuns(self._state)

    def power_cut(self) -> None:
        """All workers are dead, and the machine begins anew."""
        with self._state.lock:
            self._state.boot += 1
            self._state.alive.clear()
            self._state.run_locks.clear()

    def close(self) -> None:
        """End as a worker."""
        self.ledger.close()
        self.runs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
