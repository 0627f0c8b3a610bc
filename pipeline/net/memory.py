"""What other sites said the last time: a file below `.pipeline/`; losing it costs time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.answer import Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AGES = {
    Outcome.FINE: timedelta(days=3),
    Outcome.MOVED: timedelta(days=3),
    Outcome.DEAD: timedelta(hours=1),
    Outcome.UNSURE: timedelta(minutes=10),
    Outcome.REFUSED: timedelta(0),
}
"""How long each answer counts: what is wrong is asked again once somebody may have corrected it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMemory:
    """The file, and the moment (aware) that ages are counted to."""

    path: Path
    now: datetime

    def known(self) -> Mapping[str, Answer]:
        """The answers that still count."""
        return {
            url: answer for url, (answer, at) in self._read().items() if self._counts(answer, at)
        }

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Add answers of now, and drop those that count no longer."""
        kept = {url: pair for url, pair in self._read().items() if self._counts(*pair)}
        kept.update((url, (answer, self.now)) for url, answer in answers.items())
        data = {
            url: {"outcome": answer.outcome, "said": answer.said, "at": at.isoformat()}
            for url, (answer, at) in sorted(kept.items())
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".part")
        fresh.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(self.path)

    def _counts(self, answer: Answer, at: datetime) -> bool:
        return timedelta(0) <= self.now - at < AGES[answer.outcome]

    def _read(self) -> dict[str, tuple[Answer, datetime]]:
        """What the file says; nothing where it is not there or not ours."""
        try:
            data = json.loads(self.path.read_bytes())
            return {
                str(url): (
                    Answer(outcome=Outcome(told["outcome"]), said=str(told["said"])),
                    datetime.fromisoformat(told["at"]),
                )
                for url, told in data.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
