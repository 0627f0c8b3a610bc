"""Work done in forked processes: they inherit everything, and only results travel.

Below `worth` values a process costs more than it saves, so the work is done here.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, TypeVar

from pipeline.jobs.inline import InlineJobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 64
CHUNKS_MOST = 4096
WORTH = 200
TICKET = 4
"""Bytes of a chunk's number."""


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
        size = max(CHUNK, -(-len(values) // CHUNKS_MOST))
        chunks = [values[start : start + size] for start in range(0, len(values), size)]
        context = multiprocessing.get_context("fork")
        tickets = _tickets(len(chunks))
        children = []
        readers: list[Connection] = []
        for _ in range(self._processes):
            reader, writer = context.Pipe(duplex=False)
            child = context.Process(
                target=_serve, args=(work, chunks, tickets, writer), daemon=True
            )
            child.start()
            writer.close()
            children.append(child)
            readers.append(reader)
        os.close(tickets)
        try:
            yield from _results(readers)
        finally:
            for child in children:
                if child.is_alive():
                    child.terminate()
                child.join()
            for reader in readers:
                reader.close()


def _tickets(count: int) -> int:
    """A pipe that holds the numbers of the chunks; whoever is free reads the next one.

    At most `CHUNKS_MOST` of them, which any pipe holds without a reader.
    """
    reading, writing = os.pipe()
    for number in range(count):
        os.write(writing, number.to_bytes(TICKET, "big"))
    os.close(writing)
    return reading


def _results(readers: list[Connection]) -> Iterator[B]:
    """What the children send; raises the first error of any of them."""
    open_ = list(readers)
    while open_:
        for reader in wait(open_):
            if not isinstance(reader, Connection):
                continue
            try:
                fine, result = pickle.loads(reader.recv_bytes())  # noqa: S301  # from our own child
            except EOFError:
                raise RuntimeError("a worker process ended before its work was done") from None
            if not fine:
                raise result
            if result is None:
                open_.remove(reader)
            else:
                yield result[0]


def _serve(
    work: Callable[[Sequence[A]], B],
    chunks: list[Sequence[A]],
    tickets: int,
    writer: Connection,
) -> None:
    try:
        while ticket := os.read(tickets, TICKET):
            chunk = chunks[int.from_bytes(ticket, "big")]
            writer.send_bytes(pickle.dumps((True, (work(chunk),)), 5))
        writer.send_bytes(pickle.dumps((True, None)))
    except Exception as error:  # travels to the parent, which raises it
        writer.send_bytes(pickle.dumps((False, error)))
