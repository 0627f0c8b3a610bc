"""Work done in forked processes: they inherit everything, and only results travel.

Below `worth` values a process costs more than it saves, so the work is done here.
"""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, TypeVar

from pipeline.jobs.inline import InlineJobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 64
WORTH = 200


class ForkedJobs:
    """The port `Jobs` with `processes` forked for each call."""

    def __init__(self, processes: int, *, worth: int = WORTH) -> None:
        self._processes = processes
        self._worth = worth

    def map(self, work: Callable[[Sequence[A]], B], values: Sequence[A]) -> Iterator[B]:
        """`work` on chunks of `values`, results in no certain order; errors are raised here."""
        if self._processes < 2 or len(values) < self._worth:
            yield from InlineJobs().map(work, values)
            return
        context = multiprocessing.get_context("fork")
        chunks = [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
        children = []
        readers: list[Connection] = []
        for number in range(self._processes):
            reader, writer = context.Pipe(duplex=False)
            share = chunks[number :: self._processes]
            child = context.Process(target=_serve, args=(work, share, writer), daemon=True)
            child.start()
            writer.close()
            children.append(child)
            readers.append(reader)
        try:
            yield from _results(readers)
        finally:
            for child in children:
                if child.is_alive():
                    child.terminate()
                child.join()


def _results(readers: list[Connection]) -> Iterator[B]:
    """What the children send; raises the first error of any of them."""
    while readers:
        for reader in wait(readers):
            if not isinstance(reader, Connection):
                continue
            try:
                fine, result = pickle.loads(reader.recv_bytes())  # noqa: S301  # from our own child
            except EOFError:
                raise RuntimeError("a worker process ended before its work was done") from None
            if not fine:
                raise result
            if result is None:
                readers.remove(reader)
            else:
                yield result[0]


def _serve(work: Callable[[Sequence[A]], B], share: list[Sequence[A]], writer: Connection) -> None:
    try:
        for chunk in share:
            writer.send_bytes(pickle.dumps((True, (work(chunk),))))
        writer.send_bytes(pickle.dumps((True, None)))
    except Exception as error:  # travels to the parent, which raises it
        writer.send_bytes(pickle.dumps((False, error)))
