"""Run a command and measure it: wall time, processor time, memory of its whole process tree.

Linux only: the memory is read from /proc about fifty times a second, by a
thread of this program. `largest` is the highest resident peak (VmHWM) of any
one process; `together` is the highest sum of the resident sizes at one moment.
Pages that forked workers share are counted once per worker, so `together` is
never too low.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.site import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

INTERVAL = 0.02  # seconds between two looks at the memory
HIDDEN = ("HUGO_", "HUGOxPARAMS", "ENEWS_", "PELICAN_", "PYTHON")  # settings that would leak in
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measured run: seconds, and bytes of memory."""

    wall: float
    cpu: float
    largest: int
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The lowest, middle and highest of some values."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of at least one value."""
        return cls(low=min(values), median=statistics.median(values), high=max(values))


@dataclass(slots=True)
class TreeMemory:
    """Watches the memory of a process and all its descendants until told to stop."""

    pid: int
    largest: int = 0
    together: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> TreeMemory:
        """Start watching."""
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(INTERVAL)

    def look(self) -> None:
        """Take one sample of the tree."""
        sizes = [_memory(pid) for pid in _tree(self.pid)]
        self.largest = max(self.largest, *(peak for _, peak in sizes), 0)
        self.together = max(self.together, sum(now for now, _ in sizes), self.largest)


def environment() -> dict[str, str]:
    """Return the environment every tool runs in: this one, less what would configure the tools."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(HIDDEN)}
    return {**kept, "TZ": "UTC", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


def run(command: Sequence[str], cwd: Path) -> Sample:
    """Run `command` to its end and measure it; fail with its own words if it fails."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = _start(command, cwd, said.fileno())
        with TreeMemory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace")[-2000:]
            raise BenchError(f"{' '.join(command)}: exit code {process.returncode}\n{words}")
    return Sample(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        largest=memory.largest,
        together=memory.together,
    )


@contextmanager
def running(command: Sequence[str], cwd: Path) -> Iterator[TreeMemory]:
    """Keep a server running, watched, for the length of a `with` block."""
    with tempfile.TemporaryFile() as said:
        process = _start(command, cwd, said.fileno())
        try:
            with TreeMemory(process.pid) as memory:
                yield memory
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Poll every ten milliseconds; return how long it took until `true()`."""
    began = time.perf_counter()
    while not true():
        if time.perf_counter() - began > seconds:
            raise BenchError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.01)
    return time.perf_counter() - began


def settle() -> None:
    """Let the disk finish what was written and removed before, so that it is not measured."""
    os.sync()


def _start(command: Sequence[str], cwd: Path, said: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(command),
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
    )


def _tree(pid: int) -> list[int]:
    """Return `pid` and all its living descendants."""
    found = [pid]
    for parent in found:  # grows while it is walked
        with suppress(OSError), os.scandir(f"/proc/{parent}/task") as tasks:
            for task in tasks:
                found.extend(int(child) for child in _read(f"{task.path}/children").split())
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Return the resident size of a process now and at its peak, in bytes; 0 if it is gone."""
    sizes = {b"VmHWM": 0, b"VmRSS": 0}
    for line in _read(f"/proc/{pid}/status").splitlines():
        name, _, value = line.partition(b":")
        if name in sizes:
            sizes[name] = int(value.split()[0]) * 1024
    return sizes[b"VmRSS"], sizes[b"VmHWM"]


def _read(path: str) -> bytes:
    """Return a small file of /proc, nothing if its process is gone; many times a second."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, 65536)
    except OSError:
        return b""
    finally:
        os.close(file)
