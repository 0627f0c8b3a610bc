"""What the store in memory keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

from pipeline.core.delivery import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.core.bounce import Bounce
    from pipeline.core.mailing import Mailing
    from pipeline.core.notice import Notice
    from pipeline.core.run import Run
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.suppression import Suppression
    from pipeline.core.token import AccessToken


@dataclass(slots=True, kw_only=True)
class Row:
    """A delivery; `worker` is 0 where nobody claimed it, times are seconds since the epoch."""

    id: int
    mailing: int
    subscriber: int
    state: DeliveryState = DeliveryState.QUEUED
    worker: int = 0
    due: float = 0.0
    attempts: int = 0
    first: float = 0.0
    at: float | None = None
    code: int = 0
    status: str = ""
    said: str = ""


@dataclass(slots=True, kw_only=True)
class State:
    """Everything, under one lock; `workers` has the boot in which each began.

    `run_locks` has the view (`MemoryRuns`) that is at a run; `notices` come with the hash of their
    address.
    """

    salt: bytes
    lock: RLock = field(default_factory=RLock)
    subscribers: dict[int, Subscriber] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, set[int]] = field(default_factory=dict)
    hash_of: dict[int, str] = field(default_factory=dict)
    consents: dict[int, list[Consent]] = field(default_factory=dict)
    suppressions: dict[str, Suppression] = field(default_factory=dict)
    bounces: dict[str, Bounce] = field(default_factory=dict)
    mailings: dict[int, Mailing] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    workers: dict[int, int] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)
    boot: int = 1
    last_subscriber: int = 0
    last_worker: int = 0
    last_mailing: int = 0
    last_row: int = 0
    runs: dict[int, Run] = field(default_factory=dict)
    run_locks: dict[int, int] = field(default_factory=dict)
    notices: dict[int, tuple[str, Notice]] = field(default_factory=dict)
    tokens: dict[int, AccessToken] = field(default_factory=dict)
    last_run: int = 0
    last_notice: int = 0
    last_token: int = 0
    last_view: int = 0
    stopped: datetime | None = None

    def next_mailing(self) -> int:
        """An id that no mailing ever had."""
        self.last_mailing += 1
        return self.last_mailing

    def next_rows(self, count: int) -> int:
        """The first of so many ids that no row ever had."""
        self.last_row += count
        return self.last_row - count + 1
