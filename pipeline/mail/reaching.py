"""A connection to whichever of a host's addresses answers (RFC 8305, in short).

A name often stands for an IPv6 address and an IPv4 one, and from many machines the first leads
nowhere: nothing refuses, nothing answers. Tried one after the other, it takes all of the time.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Found = tuple[int, int, int, str, Any]
    Lookup = Callable[[str, int], Awaitable[Sequence[Found]]]

HEAD_START = 0.3
"""Seconds that an address has before the next one is tried as well."""


async def addresses(host: str, port: int) -> Sequence[Found]:
    """Those of a host, in the order of the system. Raises OSError."""
    loop = asyncio.get_running_loop()
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


async def reach(host: str, port: int, timeout: float, lookup: Lookup = addresses) -> socket.socket:
    """A connected socket, within `timeout` seconds.

    Raises OSError: TimeoutError, or what went wrong with the first address.
    """
    tries: list[asyncio.Task[socket.socket]] = []
    try:
        async with asyncio.timeout(timeout):
            return await _first(deque(await lookup(host, port)), tries)
    finally:
        for one in tries:
            one.cancel()
        for found in await asyncio.gather(*tries, return_exceptions=True):
            if isinstance(found, socket.socket):
                found.close()


async def _first(waiting: deque[Found], tries: list[asyncio.Task[socket.socket]]) -> socket.socket:
    """The first that answers; `tries` are those that were begun beside it."""
    trouble: OSError | None = None
    while waiting or tries:
        if waiting:
            tries.append(asyncio.create_task(_connected(waiting.popleft())))
        pause = HEAD_START if waiting else None
        done, _ = await asyncio.wait(tries, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            tries.remove(one)
            try:
                return one.result()
            except OSError as error:
                trouble = trouble or error
    raise trouble or OSError("the name stands for no address")


async def _connected(found: Found) -> socket.socket:
    family, kind, protocol, _, address = found
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, address)
        with suppress(OSError):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made
