"""A name with several addresses, over real sockets: one that drops all, one that refuses, one good.

A listener whose queue is full answers nobody.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from pipeline.mail.reaching import reach
from pipeline.mail.smtp import new_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.mail.reaching import Found

    Loop = Callable[[], asyncio.AbstractEventLoop]

PATIENT = 60.0


@pytest.fixture(params=[new_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Loop:
    found: Loop = request.param
    return found


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def good(stack: ExitStack) -> int:
    return int(stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])


def silent(stack: ExitStack) -> int:
    made = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        waits = stack.enter_context(socket.socket())
        waits.setblocking(False)
        with suppress(BlockingIOError):
            waits.connect(made.getsockname())
    return int(made.getsockname()[1])


def refusing() -> int:
    with socket.create_server(("127.0.0.1", 0)) as made:
        return int(made.getsockname()[1])


def reached(loop: Loop, *ports: int, timeout: float = PATIENT) -> int:
    """The port that was reached, of a name that stands for these."""

    async def lookup(host: str, port: int) -> list[Found]:
        assert (host, port) == ("mail.example.org", 25)
        kind, protocol = socket.SOCK_STREAM, socket.IPPROTO_TCP
        return [(socket.AF_INET, kind, protocol, "", ("127.0.0.1", one)) for one in ports]

    with asyncio.Runner(loop_factory=loop) as runner:
        found = runner.run(reach("mail.example.org", 25, timeout, lookup))
        with found:
            return int(found.getpeername()[1])


def test_an_address_that_does_not_answer_keeps_nobody_from_the_next(
    loop: Loop, stack: ExitStack
) -> None:
    port = good(stack)
    assert reached(loop, silent(stack), refusing(), port) == port


def test_the_first_that_answers_is_taken(loop: Loop, stack: ExitStack) -> None:
    first, second = good(stack), good(stack)
    assert reached(loop, first, second) == first


def test_none_that_answers(loop: Loop, stack: ExitStack) -> None:
    with pytest.raises(ConnectionRefusedError):
        reached(loop, refusing(), refusing())
    with pytest.raises(TimeoutError):
        reached(loop, silent(stack), timeout=0.05)
    with pytest.raises(OSError, match="no address"):
        reached(loop)
