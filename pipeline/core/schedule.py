"""What runs when, and what becomes of a run that is late."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.cadence import parse_cadence
from pipeline.core.run import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.cadence import Cadence

PLANNED = (Flow.DRAFT, Flow.BACKUP, Flow.CLEANUP)
"""What has a cadence; the rest runs when something changed, or every few minutes."""


class Late(StrEnum):
    """What becomes of a run whose time passed while nobody was there."""

    CATCH_UP = "catch up"  # it runs as soon as somebody is there, once
    SKIP = "skip"  # it is missed, and the operators are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`[schedule]` of `newsroom.toml`.

    The output is built when content changes and every `build_minutes`; the bounce mailbox is read
    every `bounces_minutes`; `backup` and `cleanup` have cadences, None for never, and
    `backups_kept` copies of the ledger stay. `late` says by flow what becomes of a late run (the
    usual: it is caught up), and after `late_hours` it is missed in any case.
    """

    build_minutes: int = 10
    bounces_minutes: int = 15
    backup: Cadence | None = field(default_factory=lambda: parse_cadence("daily 03:30"))
    backups_kept: int = 14
    cleanup: Cadence | None = field(default_factory=lambda: parse_cadence("daily 04:15"))
    late: Mapping[Flow, Late] = field(default_factory=dict)
    late_hours: float = 24.0

    def late_policy(self, flow: Flow) -> Late:
        """What becomes of a late run of a flow."""
        return self.late.get(flow, Late.CATCH_UP)
