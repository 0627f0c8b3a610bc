"""Starts the parts of the service, lets them work, and ends them in order.

To end in order means: no run begins any more, the one at hand is finished, letters on their way are
waited for and the rest stays queued, and requests under way are answered.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from pipeline.core.run import Flow
from pipeline.core.standing import NO_SERVER
from pipeline.errors import EnewsError, PartEndedError, StoreError
from pipeline.output.lock import Patience
from pipeline.postroom import Postroom
from pipeline.service.bells import Bell, Bells, Part
from pipeline.service.clockwork import Clockwork, change_seen
from pipeline.service.newsdesk import Newsdesk
from pipeline.service.place import place_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

    from pipeline.app import App
    from pipeline.core.run import Run
    from pipeline.journal import Journal
    from pipeline.runner import Outcome
    from pipeline.store.opening import Store
    from pipeline.web.metrics import Counts

LOOK = 5.0
"""Seconds between two looks at what is due, and until what went wrong is tried again.

What has a cadence is looked at on the second."""
IDLE = 1.0
"""Seconds that a part sleeps at most, so that rows of other processes are soon seen."""
GRACE = 20.0
"""Seconds that requests under way have to end; letters on their way have as long."""
LOCKED = 30.0
"""Seconds that another process at work in the newsroom is waited for in one go."""


class Service:
    """`parts` of a newsroom at work; `journal` hears what happens."""

    def __init__(self, app: App, parts: Collection[Part], journal: Journal) -> None:
        """Raises ConfigError where the newsroom or a setting is broken from the start."""
        self.app = app
        self.bells = Bells()
        self._parts = frozenset(parts)
        self._journal = journal
        folders = app.settings.folders
        self.newsdesk = Newsdesk(folders.content)
        self.place = place_in(folders.state)
        self.clockwork = Clockwork(app, self.newsdesk, self.place)
        app.patience = Patience(seconds=LOCKED, stopping=self.bells.ended)
        self._post = Postroom(app)
        self._post.check()
        self._lives: dict[str, Callable[[], bool]] = {}
        self._said: dict[str, str] = {}  # the trouble of each part, until it is over
        self._beat = time.monotonic()
        self._counts: Counts | None = None
        # A clock that somebody drives may leap at any time.
        self._nap = LOOK if app.settings.now_file is None else IDLE

    def run(self, ready: Callable[[str], None]) -> None:
        """Work until the process is told to end; `ready` hears where the web answers ("": not).

        Raises ConfigError where a part cannot begin, StoreError where the ledger is another file
        than at the start, PartEndedError where a part ended by itself: whoever started the process
        starts it anew.
        """
        with ExitStack() as stack:
            stack.enter_context(_ended_by_signals(self.bells, self._journal))
            # Made, or brought to this version, before any thread asks for it.
            with self.app.store(self._journal.info):
                pass
            address = stack.enter_context(self._web()) if Part.WEB in self._parts else ""
            if Part.WORKER in self._parts:
                self._begin_sending(stack)
            if Part.SCHEDULE in self._parts:
                stack.enter_context(self._stopped_as_told())
                stack.enter_context(self._ticker())
                stack.enter_context(self._thread("watch", self._watch))
                self._build_first()
            ready(address)
            self._work()

    def _begin_sending(self, stack: ExitStack) -> None:
        if not self._post.has_server:
            self._journal.warning(f"{NO_SERVER}: mailings and notices wait")
            return
        # Apart, so that a mailing of hours keeps nobody waiting who has just signed up.
        stack.enter_context(self._thread("mailings", self._send_mailings))
        stack.enter_context(self._thread("notices", self._send_notices))

    def _build_first(self) -> None:
        """What changed while nobody watched."""
        with self._troubled("watch"), self._store() as store:
            change_seen(store, self.place, self.app.now())

    def beat(self) -> float:
        """Seconds since the main loop looked around."""
        return time.monotonic() - self._beat

    def _store(self) -> AbstractContextManager[Store]:
        """Opened whatever an editor is writing into newsroom.toml: see `Newsdesk`."""
        return self.app.store(self._journal.info, known=True)

    def _work(self) -> None:
        """The main thread's part: runs, or nothing but waiting for the end."""
        ledger = self._ledger_file()
        while not self.bells.ended():
            self._look_around(ledger)
            if Part.SCHEDULE not in self._parts:
                self.bells.ending.wait(IDLE)
                continue
            with self._troubled("schedule"), self._store() as store:
                self._do_runs(store, ledger)

    def _look_around(self, ledger: tuple[int, int]) -> None:
        """Raises PartEndedError and StoreError: see `run`."""
        self._beat = time.monotonic()
        gone = [name for name, lives in self._lives.items() if not lives()]
        if gone and not self.bells.ended():
            raise PartEndedError(f"{', '.join(gone)} ended by itself: see the log")
        if self._ledger_file() != ledger:
            raise StoreError("the ledger is another file than at the start: starting anew")

    def _ledger_file(self) -> tuple[int, int]:
        """Which file the ledger is, where it is one."""
        if self.app.settings.database_url:
            return 0, 0
        try:
            found = (self.app.settings.folders.state / "ledger.sqlite").stat()
        except OSError:
            return 0, 0
        return found.st_dev, found.st_ino

    def _do_runs(self, store: Store, ledger: tuple[int, int]) -> None:
        from pipeline.runner import Runner
        from pipeline.service.hands import Hands

        def say(run: Run, words: str) -> None:
            store.runs.say(run.id, words)

        runner = Runner(self._post, store, place=self.place, say=say)
        counts = self._counts

        def done(run: Run, outcome: Outcome) -> None:
            if counts is not None:
                counts.run(run.flow, outcome.state)

        hands = Hands(
            self.app,
            store,
            runner,
            self.clockwork,
            journal=self._journal,
            place=self.place,
            flows=flows_of(self._post),
            newsroom=self.newsdesk,
            done=done,
        )
        while not self.bells.ended():
            self._look_around(ledger)
            if hands.work():
                self.bells.ring()
            else:
                self.bells.wait(Bell.RUNS, IDLE)

    def _send_mailings(self) -> None:
        from pipeline.service.delivery import Delivery

        counted = self._counts.reply if self._counts is not None else lambda _: None
        delivery = Delivery(Postroom(self.app), self._journal, self.bells.ended, counted)
        while not self.bells.ended():
            with self._troubled("mailings"), self._store() as store:
                delivery.look(store)
            self.bells.wait(Bell.MAILINGS, self._nap)

    def _send_notices(self) -> None:
        from pipeline.service.delivery import Notices

        notices = Notices(Postroom(self.app), self._journal, self.bells.ended)
        while not self.bells.ended():
            with self._troubled("notices"), self._store() as store:
                notices.look(store)
            self.bells.wait(Bell.NOTICES, self._nap)

    @contextmanager
    def _stopped_as_told(self) -> Iterator[None]:
        """Keep when it ended, where it did so in order: who dies, or ends by itself, does not."""
        yield
        try:
            with self._store() as store:
                store.runs.stop(self.app.now())
        except StoreError as error:
            self._journal.warning(f"enews status will not know who ended it: {error}")

    @contextmanager
    def _ticker(self) -> Iterator[None]:
        from pipeline.scheduler import Ticker

        def look() -> None:
            if self.bells.ended():
                return
            with self._troubled("clock"), self._store() as store:
                if self.clockwork.look(store):
                    self.bells.ring()
                self.clockwork.replan(ticker)

        ticker = Ticker(look, seconds=self._nap, trouble=self._journal.warning)
        ticker.start()
        try:
            yield
        finally:
            ticker.stop()

    def _watch(self) -> None:
        """A build is due when a file changed."""
        from watchfiles import watch

        folders = self.app.settings.folders
        while not self.bells.ended():
            # A folder that was away is watched anew.
            watched = [path for path in (folders.content, folders.templates) if path.is_dir()]
            if not watched:
                self.bells.ending.wait(LOOK)
                continue
            with self._troubled("watch"):
                for _ in watch(*watched, stop_event=self.bells.ending, rust_timeout=1000):
                    with self._troubled("watch"), self._store() as store:
                        if change_seen(store, self.place, self.app.now()):
                            self.bells.ring()

    @contextmanager
    def _web(self) -> Iterator[str]:
        from pipeline.web.application import make_application
        from pipeline.web.context import Context
        from pipeline.web.door import Door
        from pipeline.web.metrics import Counts
        from pipeline.web.server import WebServer

        settings = self.app.settings
        self._counts = Counts()
        with self._store() as store:
            context = Context(
                app=self.app,
                store=store,
                newsroom=self.newsdesk,
                keys=self._post.keys(),
                now=self.app.now,
                wake=self.bells.ring,
                beat=self.beat,
                counts=self._counts,
                place=self.place if Part.SCHEDULE in self._parts else "",
                ending=self.bells.ended,
            )
            door = Door(
                make_application(context),
                folder=settings.folders.output,
                base_url=self.newsdesk().base_url,
                proxies=settings.trusted_proxies,
            )
            server = WebServer(door, listen_at=settings.listen)
            server.start()
            self._lives["web"] = server.is_alive
            try:
                yield server.address
            finally:
                server.stop(GRACE)

    @contextmanager
    def _thread(self, name: str, work: Callable[[], None]) -> Iterator[None]:
        """Work in a thread until the end; what is on its way is waited for."""
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._lives[name] = thread.is_alive
        try:
            yield
        finally:
            self.bells.end()
            thread.join(GRACE)

    @contextmanager
    def _troubled(self, part: str) -> Iterator[None]:
        """Whatever goes wrong is told of, once, and the part goes on a little later."""
        try:
            yield
        except Exception as error:
            if self.bells.ended() or isinstance(error, PartEndedError):
                raise
            if self._said.get(part) != str(error):
                ours = isinstance(error, EnewsError)
                self._journal.error(f"{part}: {error}", None if ours else error)
            self._said[part] = str(error)
            self.bells.ending.wait(self._nap)
        else:
            self._said.pop(part, None)


def flows_of(post: Postroom) -> tuple[Flow, ...]:
    """What runs are done here: without a mail server, no mailing begins, and none is lost."""
    return tuple(flow for flow in Flow if flow is not Flow.SEND or post.has_server)


@contextmanager
def _ended_by_signals(bells: Bells, journal: Journal) -> Iterator[None]:
    """The first SIGTERM or Ctrl-C ends in order, the second one at once."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        if bells.ended():
            raise KeyboardInterrupt
        name = signal.Signals(number).name
        journal.info(f"ending, as {name} asks: what is on its way is finished")
        bells.end()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
