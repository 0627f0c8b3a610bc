"""What 'enews doctor' finds: one thing that was looked at, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands, best first."""

    OK = "ok"  # as it should be
    UNKNOWN = "unknown"  # it could not be looked at: no network, no answer
    WARNING = "warning"  # it works, and will give trouble
    WRONG = "wrong"  # mail is lost, or nothing works


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`area` groups what belongs together, `what` was looked at; `said` is how it stands.

    `advice` is a sentence with the very record or command, "" where there is nothing to do.
    """

    area: str
    what: str
    verdict: Verdict
    said: str
    advice: str = ""


def worst(checks: list[Check]) -> Verdict:
    """The worst of them; OK for none."""
    order = list(Verdict)
    return max((check.verdict for check in checks), key=order.index, default=Verdict.OK)
