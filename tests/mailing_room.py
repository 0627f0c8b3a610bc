"""A newsroom with a released issue and subscribers, a mail server beside it, and senders to kill.

with mail_server(room / "log") as server, Senders() as senders:
    sender = senders.start(room, "mailing", "resume", ISSUE, url=server.url)
    sender.kill()
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.store.opening import open_store
from tests.newsrooms import REPOSITORY, enews, environment, write_newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import NoReturn, Self

ISSUE = "letter/2017-01"
SENDING = """
[sending]
connections = {connections}
retry_minutes = [0.1]
"""
LOADED = (
    "babel.dates",
    "babel.messages.pofile",
    "difflib",
    "markdown.extensions.sane_lists",
    "markdown.extensions.toc",
    "pipeline.carrying",
    "pipeline.cli.mailing",
    "pipeline.cli.mailing_progress",
    "pipeline.cli.run",
    "pipeline.content.lock",
    "pipeline.content.newsroom",
    "pipeline.content.plan_versions",
    "pipeline.flows.assemble",
    "pipeline.flows.bounce",
    "pipeline.flows.build",
    "pipeline.flows.every_page",
    "pipeline.flows.mailing",
    "pipeline.flows.notices",
    "pipeline.flows.release",
    "pipeline.mail.carriers",
    "pipeline.mail.dkim_keys",
    "pipeline.mail.letters",
    "pipeline.mail.smtp",
    "pipeline.notice_room",
    "pipeline.postroom",
    "pipeline.render.atom",
    "pipeline.render.dialect",
    "pipeline.render.inlining",
    "pipeline.render.jsonfeed",
    "pipeline.render.opml",
    "pipeline.render.po",
    "pipeline.render.rss",
    "pipeline.runner",
    "pipeline.scheduler",
    "pipeline.service.delivery",
    "pipeline.service.hands",
    "pipeline.service.running",
    "pipeline.store.ledger",
    "pipeline.store.opening",
    "pipeline.store.tokens",
    "watchfiles",
)
"""What a command or the service would load while it works."""

BEGAN = datetime(2017, 1, 1, tzinfo=UTC)


def write_mailing_room(root: Path, *, connections: int = 4) -> Path:
    """A newsroom whose issue `ISSUE` is released; `root` is given back."""
    write_newsroom(root)
    toml = root / "content" / "newsroom.toml"
    text = toml.read_text("utf-8").replace("[[newsletters]]", "{sending}\n[[newsletters]]", 1)
    toml.write_text(text.replace("{sending}", SENDING.format(connections=connections)), "utf-8")
    section = '[[newsletters.sections]]\ntitle = "News"\nkinds = ["news", "champion"]\n'
    with toml.open("a", encoding="utf-8") as file:
        file.write(section)
    released(root)
    return root


def released(root: Path) -> None:
    """Build and release the issue."""
    built = enews(root, "issue", "build", "--on", "2017-04-28", "--json")
    assert built.returncode == 0, built.stderr
    found = json.loads(built.stdout)
    assert found["id"] == ISSUE
    done = enews(root, "issue", "release", ISSUE, "--digest", found["digest"])
    assert done.returncode == 0, done.stderr


def subscribe(
    root: Path,
    addresses: Sequence[str],
    *,
    database: str = "",
    newsletters: Sequence[str] = ("letter",),
) -> None:
    """Active subscribers of the letter, or of other newsletters."""
    consent = Consent(at=BEGAN, action=ConsentAction.IMPORTED, how="test")
    with open_store(database, root / ".pipeline" / "ledger.sqlite") as store:
        store.subscribers.save(
            [
                Change(
                    subscriber=Subscriber(
                        address=address,
                        newsletters=frozenset(newsletters),
                        state=SubscriberState.ACTIVE,
                        since=BEGAN,
                    ),
                    consent=consent,
                )
                for address in addresses
            ]
        )


@dataclass(frozen=True, slots=True)
class ServerBeside:
    """A mail server in a process of its own, which nobody kills; `log` has a line a message."""

    url: str
    log: Path

    def accepted(self) -> Counter[str]:
        """Which recipients it took mail for, and how often."""
        if not self.log.exists():
            return Counter()
        lines = self.log.read_text("utf-8").splitlines()
        return Counter(json.loads(line)["recipient"] for line in lines)

    def count(self) -> int:
        """How many it took, quickly."""
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0


@contextmanager
def mail_server(log: Path, *options: str) -> Iterator[ServerBeside]:
    """`tests.smtp_server` with options such as `--fault slow`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smtp_server", "--port", "0", "--log", str(log), *options],
        cwd=REPOSITORY,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield ServerBeside(f"smtp://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@dataclass(slots=True)
class Sender:
    """A running `enews`, forked from a process that has everything loaded."""

    pid: int
    _senders: Senders

    def kill(self) -> None:
        """`kill -9`, where it still runs."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> int:
        """As a service manager ends it; its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Its exit code, -9 where it was killed."""
        return self._senders.ended(self.pid)


class Senders:
    """Starts `enews` in forked processes, several at once."""

    def __init__(self, *, database: str = "", **variables: str) -> None:
        own = {"ENEWS_PROCESSES": "1", "ENEWS_DATABASE_URL": database, "ENEWS_NOW": ""}
        self._environment = environment(**own, **variables)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What was started and has not ended goes on."""

    def start(self, root: Path, *arguments: str, url: str) -> Sender:
        """Begin a command."""
        call: dict[str, object] = {
            "start": ["-C", str(root), *arguments],
            "environment": {**self._environment, "ENEWS_SMTP_URL": url},
        }
        return Sender(int(self._ask(call)), self)

    def run(self, root: Path, *arguments: str, url: str) -> int:
        """A command's exit code."""
        return self.start(root, *arguments, url=url).wait()

    def ended(self, pid: int) -> int:
        """The exit code of a command, when it has ended."""
        return int(self._ask({"wait": pid}))

    def _ask(self, call: dict[str, object]) -> str:
        process = _process()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(call) + "\n")
        process.stdin.flush()
        return process.stdout.readline()


@lru_cache(maxsize=1)
def _process() -> subprocess.Popen[str]:
    """Where senders are forked from: one for all the tests of a process, which ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mailing_room"],
        cwd=REPOSITORY,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def until(server: ServerBeside, count: int, sender: Sender, *, seconds: float = 30) -> bool:
    """Wait until the server took so many; False where the sender ended before."""
    end = time.monotonic() + seconds
    while server.count() < count and time.monotonic() < end:
        if not _alive(sender.pid):
            return False
        time.sleep(0.001)
    return True


def _alive(pid: int) -> bool:
    """False for a process that ended, also before anybody waited for it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _child(call: dict[str, object]) -> NoReturn:
    from pipeline.cli import call_enews

    arguments, variables = call["start"], call["environment"]
    assert isinstance(arguments, list)
    assert isinstance(variables, dict)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["enews", *arguments]
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    code = 70
    try:
        call_enews()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # it would end unseen
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _serve() -> None:
    for name in LOADED:
        import_module(name)
    # Children look for garbage in what is theirs.
    gc.freeze()
    for line in sys.stdin:
        call = json.loads(line)
        if "wait" in call:
            _, status = os.waitpid(int(call["wait"]), 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                _child(call)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
