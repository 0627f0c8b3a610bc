"""What is asked of the store about runs, notices and access tokens.

One contract suite runs over every adapter. Each method is one transaction, durable when it returns.
All raise StoreError where the database is gone, locked for too long, or of another version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.notice import Notice, NoticeKind, NoticeState
    from pipeline.core.run import Flow, Run, RunState
    from pipeline.core.token import AccessToken


class Runs(Protocol):
    """Every run, by flow and slot."""

    def add(self, run: Run) -> tuple[Run, bool]:
        """Keep it, or find the one of its flow and slot; and whether it is new.

        A run that is added as MISSED, FAILED or DONE is kept as that, and nobody begins it.
        """
        ...

    def take(self, at: datetime, flows: Collection[Flow], place: str = "") -> Run | None:
        """Begin the oldest queued run of these flows that is due: nobody else gets it.

        Of those that have a place only the ones of this `place`.
        """
        ...

    def say(self, run: int, progress: str) -> None:
        """Keep the last line that a run said."""
        ...

    def end(
        self, run: int, state: RunState, reason: str, found: Mapping[str, object], at: datetime
    ) -> None:
        """Its outcome. Nothing changes where it is final already, or where another took it over:
        whoever was found dead, and lives, has no say any more.
        """
        ...

    def put_back(self, run: int) -> None:
        """It was begun and did nothing yet: queue it again, as if it had not been begun."""
        ...

    def recover(self, at: datetime) -> tuple[Run, ...]:
        """Runs whose process died: queued again, or failed at the last of `TRIES_MOST` tries.

        As they are now. Safe to call at any time, by any number of processes.
        """
        ...

    def get(self, run: int) -> Run | None:
        """The one of that id."""
        ...

    def latest(
        self, count: int, *, flow: Flow | None = None, subject: str | None = None
    ) -> tuple[Run, ...]:
        """The newest ones by id, newest first."""
        ...

    def last_slots(self, until: datetime | None = None) -> Mapping[tuple[Flow, str], Run]:
        """The run with the latest `due` of each flow and subject that the clock asked for.

        Of those due by `until`: a clock that was wrong for a moment leaves some far ahead.
        """
        ...

    def open(self) -> tuple[Run, ...]:
        """Those that are queued or running, oldest first."""
        ...

    def untold(self) -> tuple[Run, ...]:
        """Failed and missed runs that the operators have not heard of, oldest first."""
        ...

    def tell(self, runs: Sequence[int], at: datetime) -> None:
        """The operators have heard of these."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete final runs that ended before; how many. The last of each flow and subject, and
        runs of SEND, stay: they say what must not be done again.
        """
        ...

    def stop(self, at: datetime | None) -> None:
        """Whoever minded the schedule was told to stop, then; None: somebody minds it."""
        ...

    def stopped(self) -> datetime | None:
        """When whoever minded the schedule was told to stop, to the microsecond.

        None while somebody minds it, after one that died, and where nobody ever did.
        """
        ...


class Notices(Protocol):
    """Mails to one person each."""

    def add(self, notice: Notice, *, since: datetime, most: int) -> bool:
        """Keep it; False where `most` of its kind were kept for its address since then.

        Addresses are compared by `core.address.folded`.
        """
        ...

    def take(self, at: datetime) -> Notice | None:
        """The oldest one that waits and is due; its `tries` is one more, its `due` is `next_try`
        (or a day ahead): where this process dies, it is tried again then.
        """
        ...

    def settle(self, notice: int, state: NoticeState, said: str, due: datetime) -> None:
        """What came of a try. With SENT or FAILED its `text` and address are forgotten."""
        ...

    def counts(
        self, *, since: datetime | None = None, kind: NoticeKind | None = None
    ) -> Mapping[NoticeState, int]:
        """How many are in each state, of that kind, of those kept since then."""
        ...

    def oldest(self) -> datetime | None:
        """When the oldest one that waits was kept, None where none does."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete those that are sent or failed and were kept before then; how many."""
        ...


class AccessTokens(Protocol):
    """Who may ask for runs."""

    def add(self, token: AccessToken) -> AccessToken:
        """Keep it, with its id. Raises StaleError where one that is not revoked has its name."""
        ...

    def find(self, hash_: str) -> AccessToken | None:
        """The one of that hash."""
        ...

    def all(self) -> tuple[AccessToken, ...]:
        """Every one, oldest first."""
        ...

    def revoke(self, token: int, at: datetime) -> bool:
        """End it; False where it is over already."""
        ...

    def use(self, token: int, at: datetime) -> None:
        """Note that it was used."""
        ...
