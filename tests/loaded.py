"""`enews` in a process of its own, forked from one that has its code loaded already.

To start Python and to load what a command needs takes half a second, which several hundred calls
would pay. What is loaded by which command is the business of `architecture/test_start_up.py`.

Run as a module it reads a call a line, `{"arguments": […], "environment": {…}, "folder": "…",
"said": "…"}`, and answers each with its exit code; `out` and `err` lie in the folder `said`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import subprocess
import sys
import tempfile
import time
import traceback
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = {"again": 0.1, "unreachable_first": 0.5}
"""Seconds that a sender waits for a server, instead of ten times as many."""

REPOSITORY = Path(__file__).parents[1]
LOADED = (
    "app",
    "cli.bounce",
    "cli.build",
    "cli.check",
    "cli.issue",
    "cli.issue_check",
    "cli.issue_output",
    "cli.mailing",
    "cli.mailing_progress",
    "cli.mailing_start",
    "cli.mailing_status",
    "cli.schedule",
    "cli.status",
    "cli.subscriber",
    "cli.subscriber_words",
    "content.lock",
    "content.newsroom",
    "content.plan_versions",
    "content.reader",
    "flows.assemble",
    "flows.bounce",
    "flows.build",
    "flows.every_page",
    "flows.gate",
    "flows.mailing",
    "flows.preview",
    "flows.release",
    "flows.workshop",
    "jobs.processes",
    "mail.carriers",
    "mail.dkim_keys",
    "mail.ending",
    "mail.letters",
    "mail.outbox",
    "mail.parts",
    "mail.smtp",
    "output.cache",
    "output.folder",
    "postroom",
    "render.atom",
    "render.dialect",
    "render.email",
    "render.inlining",
    "render.rss",
    "store.ledger",
    "store.opening",
    "store.tokens",
)


def call(
    arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float = 60
) -> tuple[int, str, str]:
    """Exit code, output and errors of `enews` with these arguments. Raises TimeoutExpired."""
    with tempfile.TemporaryDirectory() as said:
        wanted = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": os.getcwd(),  # noqa: PTH109  # as text
            "said": said,
        }
        process = _process()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(wanted).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], timeout)[0]:
            _end(process)
            raise subprocess.TimeoutExpired(list(arguments), timeout)
        code = int(process.stdout.readline())
        return code, Path(said, "out").read_text("utf-8"), Path(said, "err").read_text("utf-8")


@lru_cache(maxsize=1)
def _process() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.loaded"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    _process.cache_clear()
    process.kill()
    process.communicate()


def _child(wanted: dict[str, object]) -> NoReturn:
    arguments, environment, said = wanted["arguments"], wanted["environment"], wanted["said"]
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{said}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(str(wanted["folder"]))
    sys.argv = ["enews", *arguments]
    try:
        import_module("pipeline.__main__").main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


def _serve() -> None:
    for name in LOADED:
        import_module(f"pipeline.{name}")
    import_module("pipeline.__main__")
    defaults = import_module("pipeline.mail.smtp_desk").Patience.__init__.__kwdefaults__
    assert defaults.keys() >= PATIENCE.keys()
    defaults.update(PATIENCE)
    # What a mail needs besides, and loads late.
    for name in ("babel.dates", "lxml.html", "xml.parsers.expat", "yaml"):
        import_module(name)
    import_module("pipeline.render.inlining").inlined("<p>A</p>", "p { margin: 0; }")
    gc.freeze()
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _child(wanted)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
