"""Work done in several processes, where that pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pipeline.jobs.aside import begun
from pipeline.jobs.inline import InlineJobs
from pipeline.jobs.processes import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A = TypeVar("A")
B = TypeVar("B")

WORTH = 200
"""Values below which a process costs more than it saves."""


class ForkedJobs:
    """The port `Jobs` with `processes` forked for each call with at least `worth` values."""

    def __init__(self, processes: int, *, worth: int = WORTH) -> None:
        self._processes = processes
        self._worth = worth
        self._begun: list[Callable[[], bool]] = []

    def map(
        self,
        work: Callable[[Sequence[A]], B],
        values: Sequence[A],
        *,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[B]:
        """`work` on chunks of `values`, results in no certain order; errors are raised here."""
        if self._processes < 2 or len(values) < self._worth:
            yield from InlineJobs().map(work, values)
            return
        yield from forked(work, values, self._processes, meanwhile)

    def begin(self, work: Callable[[], bool]) -> Callable[[], bool]:
        """Begin `work` in a process of its own; call the result for its own."""
        if self._processes < 2:
            return work
        result = begun(work)
        self._begun.append(result)
        return result

    def close(self) -> None:
        """Wait for what was begun and not asked for: it shares the lock of who forked it."""
        for result in self._begun:
            result()
        self._begun.clear()
