"""Sends what is due, mailings and notices, and tells of what stands in their way."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.carrying import carry
from pipeline.core.mailing import MailingState
from pipeline.core.run import Flow, Origin, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.carrying import Carried
    from pipeline.core.mailing import Mailing
    from pipeline.flows.deliver import Progress
    from pipeline.journal import Journal
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store

PATIENCE = timedelta(minutes=30)
"""How long a mail server may be away before the operators hear of it."""
TURN = 120.0
"""Seconds after which a round ends, so that no mailing keeps another one waiting for hours."""
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300))
"""How long a mailing that could not go on is left alone, after each time in a row."""


class Trouble:
    """A mailing that cannot go on: since when, how often, and whether the operators heard of it."""

    def __init__(self, now: datetime) -> None:
        self.since = now
        self.times = 0
        self.until = now
        self.told = False


class Replies:
    """Counts what servers said, from how a round goes; `reply` hears a code each, 0 for none."""

    def __init__(self, reply: Callable[[int], None]) -> None:
        self._reply = reply
        self._progress: Progress | None = None
        self._seen = (0, 0, 0, 0)

    def __call__(self, progress: Progress) -> None:
        """It has come so far."""
        if progress is not self._progress:
            self._progress, self._seen = progress, (0, 0, 0, 0)
        now = (progress.sent, progress.deferred, progress.failed, progress.uncertain)
        for code, before, after in zip((250, 450, 550, 0), self._seen, now, strict=True):
            for _ in range(after - before):
                self._reply(code)
        self._seen = now


class Notices:
    """Sends what is due of notices; one for the life of the service."""

    def __init__(self, post: Postroom, journal: Journal, stopping: Callable[[], bool]) -> None:
        self._post = post
        self._journal = journal
        self._stopping = stopping
        self._said: list[str] = []  # what stood in the way at the last look

    def look(self, store: Store) -> None:
        """Send what is due now. Raises StoreError."""
        said: list[str] = []
        sent = self._post.send_notices(store, stopping=self._stopping, trouble=said.append)
        if sent:
            self._journal.info(f"{sent} {'notice' if sent == 1 else 'notices'} sent")
        for words in said:
            if words not in self._said:
                self._journal.warning(f"a notice could not be sent: {words}")
        self._said = said


class Delivery:
    """One for the life of the service; `reply` hears the code of each answer of a server."""

    def __init__(
        self,
        post: Postroom,
        journal: Journal,
        stopping: Callable[[], bool],
        reply: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._replies = Replies(reply)
        self._post = post
        self._journal = journal
        self._stopping = stopping
        self._troubles: dict[str, Trouble] = {}

    def look(self, store: Store) -> None:
        """Send what is due now, for a while: then it is the next mailing's turn. StoreError."""
        end = time.monotonic() + TURN
        stopping = lambda: self._stopping() or time.monotonic() > end  # noqa: E731  # shorter than a function
        for carried in carry(self._post, store, stopping, self._rests, self._replies):
            self._note(store, carried)

    def _rests(self, mailing: Mailing) -> bool:
        trouble = self._troubles.get(mailing.issue)
        return trouble is not None and self._post.app.now() < trouble.until

    def _note(self, store: Store, carried: Carried) -> None:
        mailing, done = carried.mailing, carried.progress
        about = self._journal.about(mailing=mailing.issue)
        if done is not None:
            self._troubles.pop(mailing.issue, None)
            if done.sent or done.deferred or done.failed or done.uncertain:
                about.info(
                    f"{mailing.state}: {done.sent} sent, {done.deferred} deferred, "
                    f"{done.failed} failed, {done.uncertain} uncertain"
                )
            if mailing.state is MailingState.PAUSED and done.stopped:
                about.warning(f"stopped: {done.stopped}")
                words = (
                    f"{mailing.issue} was stopped: {done.stopped}. When that is mended: "
                    f"enews mailing resume {mailing.issue}"
                )
                self._report(store, mailing, f"stopped {mailing.since:%Y-%m-%dT%H:%M:%S}", words)
            self._finished(store, mailing)
        elif carried.trouble:
            self._hinder(store, mailing, carried.trouble)

    def _finished(self, store: Store, mailing: Mailing) -> None:
        if mailing.state is not MailingState.FINISHED:
            return
        uncertain = store.ledger.tally(mailing.id).uncertain
        if uncertain:
            words = (
                f"{uncertain} of {mailing.issue} are uncertain: the connection ended before the "
                f"server's word. Who: enews mailing who {mailing.issue} uncertain"
            )
            self._report(store, mailing, f"uncertain {uncertain}", words)

    def _hinder(self, store: Store, mailing: Mailing, words: str) -> None:
        now = self._post.app.now()
        trouble = self._troubles.setdefault(mailing.issue, Trouble(now))
        trouble.until = now + WAITS[min(trouble.times, len(WAITS) - 1)]
        trouble.times += 1
        if trouble.times == 1:
            self._journal.warning(words, mailing=mailing.issue)
        if now - trouble.since >= PATIENCE and not trouble.told:
            trouble.told = True
            since = f"{trouble.since:%Y-%m-%dT%H:%M:%S}"
            words = f"{mailing.issue} cannot go on since {since} UTC, and is tried again: {words}"
            self._report(store, mailing, f"held since {since}", words)

    def _report(self, store: Store, mailing: Mailing, what: str, words: str) -> None:
        """A row that the operators are told of, once."""
        now = self._post.app.now()
        run = Run(
            flow=Flow.SEND,
            slot=f"{mailing.issue} {what}",
            subject=mailing.newsletter,
            origin=Origin.FOLLOWS,
            due=now,
            state=RunState.FAILED,
            reason=words,
            created=now,
            ended=now,
        )
        store.runs.add(run)
