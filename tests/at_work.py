"""A newsroom at work with a clock that a test drives: the parts of the service, without threads.

with at_work(root, server.url, start) as desk:
    desk.until(start + timedelta(days=30), timedelta(hours=1))
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.journal import Journal
from pipeline.mail.smtp_desk import Patience
from pipeline.postroom import Postroom
from pipeline.runner import Runner
from pipeline.service.clockwork import Clockwork
from pipeline.service.delivery import Delivery, Notices
from pipeline.service.hands import Hands
from pipeline.service.newsdesk import Newsdesk
from pipeline.service.place import place_in
from pipeline.service.running import flows_of
from tests.loaded import PATIENCE
from tests.newsrooms import app_in, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.app import App
    from pipeline.core.run import Run
    from pipeline.runner import Outcome
    from pipeline.store.opening import Store

ROUNDS_MOST = 20
DEFAULTS = Patience.__init__.__kwdefaults__ or {}
assert DEFAULTS.keys() >= PATIENCE.keys()


class Desk:
    """One process of the service, as long as its store is open."""

    def __init__(self, app: App, clock: Path, store: Store) -> None:
        self.app = app
        self.store = store
        self.clock = clock
        self.ended: list[tuple[Run, Outcome]] = []
        place = place_in(app.settings.folders.state)
        self.newsdesk = Newsdesk(app.settings.folders.content)
        self.clockwork = Clockwork(app, self.newsdesk, place)
        self.post = Postroom(app)
        runner = Runner(
            self.post,
            store,
            place=place,
            say=lambda run, words: store.runs.say(run.id, words),
            allows=lambda number: True,
        )
        self.hands = Hands(
            app, store, runner, self.clockwork, journal=Journal(), place=place,
            flows=flows_of(self.post), newsroom=self.newsdesk,
            done=lambda run, outcome: self.ended.append((run, outcome)),
        )  # fmt: skip
        self.delivery = Delivery(self.post, Journal(), bool)
        self.notices = Notices(self.post, Journal(), bool)

    def now(self) -> datetime:
        return self.app.now()

    def at(self, now: datetime) -> None:
        """It is that time: everything that is due by then is done."""
        set_clock(self.clock, now)
        for _ in range(ROUNDS_MOST):
            new = self.clockwork.look(self.store)
            worked = False
            while self.hands.work():
                worked = True
            if self.post.has_server:
                self.delivery.look(self.store)
                self.notices.look(self.store)
            if not (new or worked):
                return
        raise AssertionError("the newsroom does not come to rest")

    def until(
        self, end: datetime, step: timedelta, each: Callable[[datetime], None] = lambda _: None
    ) -> None:
        """From step to step until then; `each` is called at each one, before it."""
        now = self.now()
        while now < end:
            now = min(now + step, end)
            set_clock(self.clock, now)
            each(now)
            self.at(now)


def set_clock(path: Path, now: datetime) -> None:
    """Whole or not at all: others read it at any time."""
    draft = path.with_suffix(".new")
    draft.write_text(now.astimezone(UTC).isoformat(), encoding="ascii")
    draft.replace(path)


@contextmanager
def at_work(root: Path, smtp_url: str, now: datetime, **variables: str) -> Iterator[Desk]:
    """The newsroom below `root` at work from `now` on."""
    compiled(root)
    clock = root / "clock"
    set_clock(clock, now)
    app = app_in(root, None, ENEWS_NOW_FILE=str(clock), ENEWS_SMTP_URL=smtp_url, **variables)
    patient = dict(DEFAULTS)
    DEFAULTS.update(PATIENCE)
    try:
        with app.store(lambda _: None) as store:
            yield Desk(app, clock, store)
    finally:
        DEFAULTS.update(patient)
