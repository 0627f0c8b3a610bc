"""A process that has everything loaded and forks for each call of `enews`, to be killed at will.

Run as a module it reads a call a line, `{"arguments": […], "environment": {…}, "kill_at": 7}`, and
answers each with `{"status": -9, "steps": 7}`. A step is a write: a file opened for writing, a name
made, moved or removed, a statement of SQLite's; before the step `kill_at` the process kills itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING

from tests.newsrooms import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn, Self

CONNECT: Callable[..., sqlite3.Connection] = sqlite3.connect
NEVER = 10**9
LOADED = (
    "cli.build",
    "content.frontmatter",
    "content.lock",
    "content.plan_versions",
    "flows.build",
    "flows.every_page",
    "render.atom",
    "render.opml",
    "render.rss",
)
NAMES = {
    "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
    "os.truncate", "os.utime", "shutil.copyfile",
}  # fmt: skip


class Zygote:
    """The other end: `with Zygote() as zygote: zygote.enews(root, "build", kill_at=7)`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"],
            cwd=REPOSITORY,
            env=environment(ENEWS_PROCESSES="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.steps = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)

    def enews(self, root: Path, *arguments: str, kill_at: int = NEVER, now: str = "") -> int:
        """The command's exit code, or -9; `steps` then says how many it took."""
        call = {
            "arguments": ["-C", str(root), *arguments],
            "environment": {"ENEWS_NOW": now} if now else {},
            "kill_at": kill_at,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self.steps = answer["steps"]
        return int(answer["status"])


class _Steps:
    """Counts the writes of this process, and ends it before one of them."""

    def __init__(self, last: int) -> None:
        self._last = last
        self.count = 0

    def step(self, _: object = None) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in NAMES or (event == "open" and _writes(arguments)):
            self.step()

    def connect(self, *arguments: object, **options: object) -> sqlite3.Connection:
        """In the place of `sqlite3.connect`: each statement, COMMIT too, is a step."""
        connection: sqlite3.Connection = CONNECT(*arguments, **options)
        connection.set_trace_callback(self.step)
        return connection


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _child(call: dict[str, object], result: int) -> NoReturn:
    from pipeline.cli import call_enews

    steps = _Steps(int(str(call["kill_at"])))
    variables, arguments = call["environment"], call["arguments"]
    assert isinstance(variables, dict)
    assert isinstance(arguments, list)
    os.environ.update(variables)
    sys.argv = ["enews", *arguments]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    sys.addaudithook(steps.hear)
    sqlite3.connect = steps.connect  # type: ignore[assignment]
    code = 70
    try:
        call_enews()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os.write(result, str(steps.count).encode())
        os._exit(code)


def _serve() -> None:
    for name in LOADED:
        import_module(f"pipeline.{name}")
    import_module("difflib")
    # Children look for garbage in what is theirs.
    gc.freeze()
    for line in sys.stdin:
        call = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _child(call, writing)
        os.close(writing)
        with os.fdopen(reading) as answer:
            steps = answer.read()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(
            json.dumps({"status": code, "steps": int(steps or call["kill_at"])}) + "\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
