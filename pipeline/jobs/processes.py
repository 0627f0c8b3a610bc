"""Forked processes: they inherit everything, and only results travel.

By the bare system calls: `multiprocessing` takes longer to load than a small build takes.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pipeline.errors import EnewsError
from pipeline.jobs.quiet_fork import interrupts_held, leave_interrupts_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 32
CHUNKS_MOST = 4096
TICKET = 4
"""Bytes of a chunk's number."""
LENGTH = 8
"""Bytes that say how long the message behind them is."""


def forked(
    work: Callable[[Sequence[A]], B],
    values: Sequence[A],
    processes: int,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[B]:
    """`work` on chunks of `values` in `processes` forked for it; errors are raised here."""
    size = max(CHUNK, -(-len(values) // CHUNKS_MOST))
    chunks = [values[start : start + size] for start in range(0, len(values), size)]
    tickets = _tickets(len(chunks))
    children: list[int] = []
    readers: list[FileIO] = []
    try:
        for _ in range(processes):
            reading, writing = os.pipe()
            readers.append(open(reading, "rb", buffering=0))  # noqa: PTH123, SIM115  # no path
            try:
                with interrupts_held():
                    child = os.fork()
                    if child == 0:
                        _serve(work, chunks, tickets, writing, readers)
                    children.append(child)
            finally:
                os.close(writing)
        if meanwhile is not None:
            meanwhile()
        yield from _results(readers)
    finally:
        os.close(tickets)
        for reader in readers:
            reader.close()
        for child in children:
            # One that has sent everything is ending anyway.
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


def _tickets(count: int) -> int:
    """A pipe that holds the numbers of the chunks; whoever is free reads the next one.

    At most `CHUNKS_MOST` of them, which any pipe holds without a reader.
    """
    reading, writing = os.pipe()
    for number in range(count):
        os.write(writing, number.to_bytes(TICKET, "big"))
    os.close(writing)
    return reading


def _results(readers: list[FileIO]) -> Iterator[B]:
    """What the children send; raises the first error of any of them."""
    open_ = {reader.fileno(): reader for reader in readers}
    poll = select.poll()
    for number in open_:
        poll.register(number, select.POLLIN)
    while open_:
        for number, _ in poll.poll():
            fine, result = _received(open_[number])
            if not fine:
                raise result
            if result is None:
                poll.unregister(number)
                del open_[number]
            else:
                yield result[0]


def _received(reader: FileIO) -> tuple[bool, Any]:
    """A message: whether the work went well, and its result in a tuple, its error, or None."""
    try:
        length = int.from_bytes(_exactly(reader, LENGTH), "big")
        message: tuple[bool, Any] = pickle.loads(_exactly(reader, length))  # noqa: S301  # our own
    except (EOFError, OSError):
        raise EnewsError(
            "a worker process ended before its work was done: is there enough memory? "
            "ENEWS_PROCESSES=1 needs less"
        ) from None
    return message


def _exactly(reader: FileIO, length: int) -> bytearray:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        count = reader.readinto(left)
        if not count:
            raise EOFError
        left = left[count:]
    return data


def _send(writing: int, message: bytes) -> None:
    left = memoryview(len(message).to_bytes(LENGTH, "big") + message)
    while left:
        left = left[os.write(writing, left) :]


def _serve(
    work: Callable[[Sequence[A]], B],
    chunks: list[Sequence[A]],
    tickets: int,
    writing: int,
    readers: Sequence[FileIO],
) -> NoReturn:
    """Work in a child and end, whatever happens: nothing of the parent's may run here."""
    try:
        leave_interrupts_to_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Or a child whose parent was killed would wait for ever until somebody reads.
        for reader in readers:
            reader.close()
        with suppress(BrokenPipeError):
            _work_through(work, chunks, tickets, writing)
    finally:
        os._exit(0)


def _work_through(
    work: Callable[[Sequence[A]], B], chunks: list[Sequence[A]], tickets: int, writing: int
) -> None:
    try:
        while ticket := os.read(tickets, TICKET):
            chunk = chunks[int.from_bytes(ticket, "big")]
            _send(writing, pickle.dumps((True, (work(chunk),)), 5))
        _send(writing, pickle.dumps((True, None)))
    except BrokenPipeError:
        raise
    except Exception as error:  # travels to the parent, which raises it
        _send(writing, _packed(error))


def _packed(error: Exception) -> bytes:
    """The error as bytes that can be unpacked; some errors cannot, and are told in words."""
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301  # just made
    except Exception:  # whatever their own code raises
        return pickle.dumps((False, EnewsError(f"{type(error).__name__}: {error}")))
    return packed
