"""Work done here, one chunk after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A = TypeVar("A")
B = TypeVar("B")


class InlineJobs:
    """The port `Jobs` without any process."""

    def map(
        self,
        work: Callable[[Sequence[A]], B],
        values: Sequence[A],
        *,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[B]:
        """`work` on all of `values` at once."""
        del meanwhile  # nobody else is at work
        if values:
            yield work(values)

    def begin(self, work: Callable[[], bool]) -> Callable[[], bool]:
        """`work` itself: it is done when it is asked for."""
        return work
