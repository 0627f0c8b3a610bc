"""What the gate finds in an issue before it goes out: one thing, where it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How much a finding weighs, the heaviest first."""

    ERROR = "error"  # readers would be harmed: the issue cannot be released
    WARNING = "warning"  # an editor decides: change it, or waive it in the plan with a reason
    NOTE = "note"  # good to know; nothing has to be done


_WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule says about an issue.

    `rule` is the rule's stable name; `where` an item's file, the plan, a template, each with its
    line where that is known, or a part of the mail (may be ""); `found` what stands there; `advice`
    what to do; `lang` the version it is about ("" for all); `waived` the editor's reason.
    """

    rule: str
    severity: Severity
    where: str
    found: str
    advice: str
    lang: str = ""
    waived: str = ""

    @property
    def refuses(self) -> bool:
        """True where a release has to wait: an error, or a warning that nobody waived."""
        return self.severity is Severity.ERROR or (
            self.severity is Severity.WARNING and not self.waived
        )


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, the heaviest first, else in the order in which they were found."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda found: _WEIGHTS[found.severity]))
