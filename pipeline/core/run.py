"""A run: one execution of one flow, with its outcome. What the schedule did, and what it did not.

::

    clock ─┐                            ┌─▶ done
    content ├─▶ queued ── taken ─▶ running ─▶ failed
    editor ─┘      │                 │
                   │ too late        └── its process died: queued again, or failed
                   ▼
                missed

A run is known by its flow and its slot, which no other run of that flow ever has: so two services,
a restart, or a clock that steps back, do not do it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TRIES_MOST = 3
"""How often a run is begun whose process dies in it: the third death is its own doing."""


class Flow(StrEnum):
    """What can be run."""

    PULL = "pull"  # fetch the content from its repository; a build follows
    BUILD = "build"  # bring the output up to date
    DRAFT = "draft"  # make the period's issue of a newsletter, where something is new
    RELEASE = "release"  # let a draft out by itself, where the newsroom says so and the gate passes
    SEND = "send"  # begin the mailing of a released issue; workers carry it
    BOUNCES = "bounces"  # read what came back
    CLEANUP = "cleanup"  # forget sign-ups that nobody confirmed, and old runs
    BACKUP = "backup"  # copy the ledger


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"  # due, and nobody has begun it
    RUNNING = "running"  # a process is at it
    DONE = "done"  # also where there was nothing to do: `reason` says so
    FAILED = "failed"  # `reason` says why
    MISSED = "missed"  # nobody was there at its time, and it is too late for it now


FINAL = frozenset({RunState.DONE, RunState.FAILED, RunState.MISSED})


class Origin(StrEnum):
    """Who asked for a run."""

    CLOCK = "clock"  # its time had come
    CONTENT = "content"  # a file changed
    FOLLOWS = "follows"  # another run led to it
    EDITOR = "editor"  # over HTTP, with a token
    HOOK = "hook"  # a git forge told of a push


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`id` is given by the store (0: not kept yet), from 1; all times are aware.

    `place` is the machine that has to do it ("": any), since each has an output of its own.
    `slot` says which run of its flow it is: `enewsupdate 2026-03-31T09:00` (the local time that it
    was planned for), `letter/2026-03`, or what made it; `subject` is the key of a newsletter or the
    id of an issue, "" for none. `asked` are the wishes of who asked, `found` the figures of its
    outcome, both plain JSON; `progress` is the last line that it said while running. `reason` is
    its outcome in a sentence. `told` is when the operators heard of its failure.
    """

    id: int = 0
    flow: Flow
    slot: str
    subject: str = ""
    place: str = ""
    origin: Origin
    due: datetime
    state: RunState = RunState.QUEUED
    reason: str = ""
    progress: str = ""
    asked: Mapping[str, object] = field(default_factory=dict)
    found: Mapping[str, object] = field(default_factory=dict)
    created: datetime
    began: datetime | None = None
    ended: datetime | None = None
    tries: int = 0
    told: datetime | None = None

    @property
    def is_over(self) -> bool:
        """True where nothing more will come of it."""
        return self.state in FINAL


def begun(run: Run, at: datetime) -> Run:
    """A queued run that somebody is at now."""
    return replace(run, state=RunState.RUNNING, began=at, tries=run.tries + 1, progress="")


def unbegun(run: Run) -> Run:
    """A run that was begun and did nothing yet: as if it had not been."""
    return replace(run, state=RunState.QUEUED, began=None, tries=run.tries - 1, progress="")


def ended(run: Run, state: RunState, reason: str, found: Mapping[str, object], at: datetime) -> Run:
    """A run with its outcome."""
    return replace(run, state=state, reason=reason, found=found, ended=at)


def orphaned(run: Run, at: datetime) -> Run:
    """A run whose process died: queued again, or failed where that was its last try."""
    if run.tries < TRIES_MOST:
        return replace(run, state=RunState.QUEUED, began=None)
    reason = f"its process died {run.tries} times: look at what it said last, and ask for it again"
    return ended(run, RunState.FAILED, reason, run.found, at)
