"""A rule of the gate: its stable name, how much it weighs, why it is there, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.render.gate.facts import Mail

MOST_SHOWN = 240
"""Characters of what was found that a finding quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`name` is what a plan waives it by, so it never changes; `why` and `advice` are sentences."""

    name: str
    severity: Severity
    why: str
    advice: str

    def at(self, where: str, found: str, advice: str = "") -> Finding:
        """A finding by this rule; `advice` where there is more to say than usual."""
        return Finding(
            rule=self.name,
            severity=self.severity,
            where=where,
            found=shown(found),
            advice=advice or self.advice,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules of one subject, and the function that asks them of a mail."""

    title: str
    rules: tuple[Rule, ...]
    ask: Callable[[Mail], Iterable[Finding]]


def error(name: str, why: str, advice: str) -> Rule:
    """A rule whose findings refuse a release and cannot be waived."""
    return Rule(name=name, severity=Severity.ERROR, why=why, advice=advice)


def warning(name: str, why: str, advice: str) -> Rule:
    """A rule whose findings refuse a release until an editor gives a reason."""
    return Rule(name=name, severity=Severity.WARNING, why=why, advice=advice)


def note(name: str, why: str, advice: str) -> Rule:
    """A rule whose findings are good to know."""
    return Rule(name=name, severity=Severity.NOTE, why=why, advice=advice)


def shown(text: str) -> str:
    """A text on one line, short enough to be read, without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MOST_SHOWN else line[: MOST_SHOWN - 1].rstrip() + "…"
