"""What another site said when it was asked whether an address is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a question."""

    FINE = "fine"  # it is there
    MOVED = "moved"  # it is there, for good at another address
    DEAD = "dead"  # the site, or its name, says that there is nothing
    UNSURE = "unsure"  # no answer in time, or one meant for machines
    REFUSED = "refused"  # a private address: not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`said` is for people: a status, why nothing came, or the new address."""

    outcome: Outcome
    said: str = ""
