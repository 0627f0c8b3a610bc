"""Where mails go and vanish: Postfix's `smtp-sink`, or aiosmtpd without it; or one of our own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.site import BenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
NOBODY = "nobody"
BACKLOG = 100
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postfix/sbin"
"""Debian keeps them where only root's PATH looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A server; `counts` is a file that its counters go to, if it keeps any."""

    port: int
    counts: Path | None = None

    def count(self) -> int:
        """The messages that it took. Raises BenchError where it does not say."""
        if self.counts is None:
            raise BenchError("this sink does not count")
        found = re.findall(rb"mesg=(\d+)", self.counts.read_bytes())
        return int(found[-1]) if found else 0


def tool(name: str) -> str | None:
    """One of Postfix's two tools, if it is installed."""
    return shutil.which(name, path=PLACES)


@contextmanager
def sink(counts: Path | None = None, *, quick: bool = False) -> Iterator[Sink]:
    """A server in a process of its own; with `counts` it counts, which takes it a little longer."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    program = None if quick else tool("smtp-sink")
    if program is not None:
        command = [program, *(["-u", NOBODY] if os.getuid() == 0 else [])]
        command += [*(["-c"] if counts else []), f"{HOST}:{port}", str(BACKLOG)]
    elif quick:
        command = [sys.executable, "-m", "bench.quick_sink", str(port)]
        command += [str(counts)] if counts else []
    else:
        command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink"]
        command += ["-l", f"{HOST}:{port}", "-s", "0"]
    with (counts or Path(os.devnull)).open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        try:
            _wait(port, server)
            yield Sink(port=port, counts=counts if program or quick else None)
        finally:
            server.kill()
            server.wait()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        with socket.socket() as trial:
            if trial.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise BenchError("the mail server of the benchmark did not start")
