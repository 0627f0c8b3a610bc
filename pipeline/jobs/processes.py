"""Forked processes: they inherit everything, and only results travel."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import EnewsError
from pipeline.jobs.quiet_fork import interrupts_held, leave_interrupts_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkProcess

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 32
CHUNKS_MOST = 4096
TICKET = 4
"""Bytes of a chunk's number."""


def forked(
    work: Callable[[Sequence[A]], B],
    values: Sequence[A],
    processes: int,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[B]:
    """`work` on chunks of `values` in `processes` forked for it; errors are raised here."""
    size = max(CHUNK, -(-len(values) // CHUNKS_MOST))
    chunks = [values[start : start + size] for start in range(0, len(values), size)]
    context = multiprocessing.get_context("fork")
    tickets = _tickets(len(chunks))
    children: list[ForkProcess] = []
    readers: list[Connection] = []
    try:
        for _ in range(processes):
            reader, writer = context.Pipe(duplex=False)
            readers.append(reader)
            args = (work, chunks, tickets, writer, tuple(readers))
            with writer, interrupts_held():
                child = context.Process(target=_serve, args=args, daemon=True)
                child.start()
                children.append(child)
        if meanwhile is not None:
            meanwhile()
        yield from _results(readers)
    finally:
        os.close(tickets)
        for child in children:
            if child.is_alive():
                child.terminate()
            child.join()
            child.close()
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
            except (EOFError, OSError):
                raise EnewsError(
                    "a worker process ended before its work was done: is there enough memory? "
                    "ENEWS_PROCESSES=1 needs less"
                ) from None
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
    readers: Sequence[Connection],
) -> None:
    leave_interrupts_to_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Or a child whose parent was killed would wait for ever until somebody reads.
    for reader in readers:
        reader.close()
    with suppress(BrokenPipeError):
        try:
            while ticket := os.read(tickets, TICKET):
                chunk = chunks[int.from_bytes(ticket, "big")]
                writer.send_bytes(pickle.dumps((True, (work(chunk),)), 5))
            writer.send_bytes(pickle.dumps((True, None)))
        except BrokenPipeError:
            raise
        except Exception as error:  # travels to the parent, which raises it
            writer.send_bytes(_packed(error))


def _packed(error: Exception) -> bytes:
    """The error as bytes that can be unpacked; some errors cannot, and are told in words."""
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301  # just made
    except Exception:  # whatever their own code raises
        return pickle.dumps((False, EnewsError(f"{type(error).__name__}: {error}")))
    return packed
