"""`enews run` as a process, with its web server, its clock and its words within reach of a test."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.newsrooms import command, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """`url` is where it answers, without a slash at the end; `log` what it wrote."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def end(self) -> int:
        """As a service manager ends it; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


def wait(condition: Callable[[], object]) -> bool:
    """False where it did not come true in a minute."""
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def running_service(root: Path, *options: str, **variables: str) -> Iterator[Running]:
    """The service of the newsroom below `root`, on a free port; killed where it does not end."""
    log = root / "service.log"
    own = {"ENEWS_LISTEN": "127.0.0.1:0", "ENEWS_NOW": "", **variables}
    with log.open("wb") as words:
        process = subprocess.Popen(
            command(root, "run", *options),
            env=environment(**own),
            stdin=subprocess.DEVNULL,
            stderr=words,
        )
    try:
        assert wait(lambda: b"at work" in log.read_bytes() or process.poll() is not None)
        text = log.read_text("utf-8")
        found = re.search(r"http://[\d.]+:\d+", text)
        assert found is not None, text
        yield Running(found[0], log, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
