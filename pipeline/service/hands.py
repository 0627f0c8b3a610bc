"""Does runs one after another, in the main thread: only there can the work be bounded."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.core.planning import too_late
from pipeline.core.run import Flow, RunState
from pipeline.errors import LockedError, StoreError
from pipeline.runner import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.run import Run
    from pipeline.journal import Journal
    from pipeline.runner import Runner
    from pipeline.service.clockwork import Clockwork
    from pipeline.store.opening import Store

WORDS_MOST = 500


class Hands:
    """For the life of one connection to the store."""

    def __init__(
        self,
        app: App,
        store: Store,
        runner: Runner,
        clockwork: Clockwork,
        *,
        journal: Journal,
        place: str,
        flows: Collection[Flow] = tuple(Flow),
        newsroom: Callable[[], Newsroom],
        done: Callable[[Run, Outcome], None] = lambda _run, _outcome: None,
    ) -> None:
        """Of all `flows`; `done` hears of each run that ended."""
        self._flows = tuple(flows)
        self._newsroom = newsroom
        self._app = app
        self._store = store
        self._runner = runner
        self._clockwork = clockwork
        self._journal = journal
        self._place = place
        self._done = done

    def work(self) -> bool:
        """Do the next run that is due; False where there is none. Raises StoreError."""
        runs = self._store.runs
        run = runs.take(self._app.now(), self._flows, self._place)
        if run is None:
            return False
        began = time.monotonic()
        try:
            outcome = self._outcome(run)
        except (KeyboardInterrupt, SystemExit, StoreError):
            # It did not come to its end, and not by its own fault: somebody does it again.
            with suppress(StoreError):
                runs.put_back(run.id)
            raise
        except LockedError as error:
            runs.say(run.id, f"waits for {error.holder}")
            runs.put_back(run.id)
            return False
        seconds = round(time.monotonic() - began, 3)
        # First: a process that ends in between does the run again, and finds these there.
        for follow in outcome.follows:
            runs.add(follow)
        runs.end(
            run.id,
            outcome.state,
            outcome.reason,
            {**outcome.found, "seconds": seconds},
            self._app.now(),
        )
        if "until" in outcome.found:
            self._clockwork.build_at = moment_of(outcome.found["until"])
        say = self._journal.info if outcome.state is RunState.DONE else self._journal.warning
        say(outcome.reason, run=run.id, flow=run.flow.value, state=outcome.state.value)
        self._done(run, outcome)
        return True

    def _outcome(self, run: Run) -> Outcome:
        if late := too_late(run, self._newsroom(), self._app.now()):
            return Outcome(state=RunState.MISSED, reason=late)
        try:
            return self._runner.do(run)
        except (StoreError, LockedError):
            raise
        except Exception as error:  # one run's fault must not end the newsroom
            self._journal.error("a run failed", error, run=run.id, flow=run.flow.value)
            words = f"an error in the program, {type(error).__name__}: {error}"
            return Outcome(state=RunState.FAILED, reason=words[:WORDS_MOST])


def moment_of(text: object) -> datetime | None:
    """The moment in a build's figures at which content changes by itself; None for none."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
