"""`enews run` as a real process with a clock of ours: killed at each step, and two at once."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.run import Flow, RunState
from pipeline.store.opening import open_store
from tests.at_work import set_clock
from tests.databases import postgresql_url
from tests.mailing_room import Senders, mail_server, subscribe
from tests.newsrooms import compiled, item, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.store.opening import Store
    from tests.mailing_room import Sender, ServerBeside

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2017, 3, 1, 12, tzinfo=ZURICH)
FIRST = datetime(2017, 3, 3, 9, tzinfo=ZURICH)
WEEK = timedelta(days=7)
READERS = [f"reader-{number:02}@example.org" for number in range(40)]
CONNECTIONS = 3
SECONDS = 60.0

NEWSROOM = f"""\
[newsroom]
title = "Weekly desk"
base_url = "https://news.example.org"
timezone = "Europe/Zurich"
authority = "news.example.org,2017"
[newsroom.author]
name = "The desk"
[kinds]
news = "News"
[[listings]]
path = "news"
title = "News"
kinds = ["news"]
[schedule]
backup = "never"
cleanup = "never"
[sending]
connections = {CONNECTIONS}
late_hours = 8000
[[newsletters]]
key = "letter"
title = "Letter"
sender = "Desk <desk@news.example.org>"
postal_address = "Bern"
cadence = "every friday 09:00"
release = "automatic"
[[newsletters.sections]]
title = "News"
kinds = ["news"]
"""


def write_room(root: Path, weeks: int) -> None:
    compiled(root)
    put(root, "newsroom.toml", NEWSROOM)
    for week in range(weeks):
        day = (FIRST - timedelta(days=1) + week * WEEK).date()
        body = f"What happened in week {week + 1}, told at some length."
        put(root, f"items/{day}-week-{week + 1}.md", item(f"Week {week + 1}", body=body))


def service(senders: Senders, root: Path, server: ServerBeside) -> Sender:
    return senders.start(root, "run", "--only", "schedule", "--only", "worker", url=server.url)


@contextmanager
def store_of(root: Path, database: str = "") -> Iterator[Store]:
    with open_store(database, root / ".pipeline" / "ledger.sqlite") as store:
        yield store


def wait(condition: Callable[[], bool]) -> bool:
    """False where it did not come true in a minute."""
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def finished(store: Store, issue: str) -> bool:
    mailing = store.ledger.mailing(issue)
    return mailing is not None and mailing.state is MailingState.FINISHED


STEPS: dict[str, Callable[[Path, Store, ServerBeside, str, int], bool]] = {
    "a draft is queued": lambda root, store, server, issue, before: any(
        run.flow is Flow.DRAFT for run in store.runs.open()
    ),
    "the plan is written": lambda root, store, server, issue, before: (
        root / f"content/issues/{issue}.md"
    ).exists(),
    "the issue is released": lambda root, store, server, issue, before: (
        root / f"content/issues/{issue}.lock.json"
    ).exists(),
    "the mailing is there": lambda root, store, server, issue, before: (
        store.ledger.mailing(issue) is not None
    ),
    "some have it": lambda root, store, server, issue, before: server.count() > before + 5,
    "most have it": lambda root, store, server, issue, before: server.count() > before + 30,
}


def test_killed_at_each_step_it_sends_every_issue_once(tmp_path: Path) -> None:
    write_room(tmp_path, len(STEPS))
    subscribe(tmp_path, READERS)
    set_clock(tmp_path / "clock", START)
    options = ("--pipelining", "--fault", "slow:seconds=0.01")
    with (
        mail_server(tmp_path / "log", *options) as server,
        Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path) as store,
    ):
        running = service(senders, tmp_path, server)
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.SEND)))
        for week, (step, reached) in enumerate(STEPS.items()):
            issue, before = f"letter/2017-{week + 1:02}", server.count()
            set_clock(tmp_path / "clock", FIRST + week * WEEK)
            assert wait(lambda: reached(tmp_path, store, server, issue, before)), step  # noqa: B023
            running.kill()
            assert running.wait() == -9
            running = service(senders, tmp_path, server)
            assert wait(lambda: finished(store, issue)), step  # noqa: B023
        assert running.end() == 0
        assert_once(store, server, len(STEPS))


def assert_once(store: Store, server: ServerBeside, weeks: int) -> None:
    """Everybody has every issue once; who may have it or not is named, and few."""
    issues = [mailing.issue for mailing in store.ledger.mailings()]
    assert issues == [f"letter/2017-{week + 1:02}" for week in range(weeks)]
    taken = server.accepted()
    for subscriber in store.subscribers.each():
        rows = list(store.ledger.deliveries(subscriber=subscriber.id))
        assert len(rows) == weeks
        sent = sum(row.state is DeliveryState.SENT for row in rows)
        uncertain = sum(row.state is DeliveryState.UNCERTAIN for row in rows)
        assert sent + uncertain == weeks
        assert sent <= taken[subscriber.address] <= sent + uncertain
    for mailing in store.ledger.mailings():
        assert store.ledger.tally(mailing.id).uncertain <= CONNECTIONS
    drafts = [run for run in store.runs.latest(1000, flow=Flow.DRAFT) if run.tries]
    assert {run.state for run in drafts} == {RunState.DONE}
    assert len(drafts) == weeks


def test_two_services_at_once_do_what_one_does(tmp_path: Path) -> None:
    database = postgresql_url()
    write_room(tmp_path, 2)
    subscribe(tmp_path, READERS, database=database)
    set_clock(tmp_path / "clock", START)
    with (
        mail_server(tmp_path / "log", "--pipelining") as server,
        Senders(database=database, ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path, database) as store,
    ):
        both = [service(senders, tmp_path, server) for _ in range(2)]
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.SEND)))
        for week in range(2):
            set_clock(tmp_path / "clock", FIRST + week * WEEK)
            assert wait(lambda: finished(store, f"letter/2017-{week + 1:02}"))  # noqa: B023
        assert [one.end() for one in both] == [0, 0]
        assert_once(store, server, 2)
        tries = {run.tries for run in store.runs.latest(1000)}
        assert tries <= {0, 1}


def test_told_to_end_it_finishes_what_is_on_its_way(tmp_path: Path) -> None:
    write_room(tmp_path, 1)
    subscribe(tmp_path, READERS)
    set_clock(tmp_path / "clock", START)
    slow = ("--pipelining", "--fault", "slow:seconds=0.1")
    with (
        mail_server(tmp_path / "log", *slow) as server,
        Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path) as store,
    ):
        running = service(senders, tmp_path, server)
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.SEND)))
        set_clock(tmp_path / "clock", FIRST)
        assert wait(lambda: server.count() > 3)
        assert running.end() == 0
        mailing = store.ledger.mailing("letter/2017-01")
        assert mailing is not None
        tally = store.ledger.tally(mailing.id)
        assert tally.uncertain == 0
        assert tally.sent == server.count() < len(READERS)
        assert tally.queued == len(READERS) - tally.sent
        again = service(senders, tmp_path, server)
        assert wait(lambda: finished(store, "letter/2017-01"))
        assert again.end() == 0
        assert_once(store, server, 1)


def test_saving_newsroom_toml_again_and_again_ends_nothing(tmp_path: Path) -> None:
    write_room(tmp_path, 1)
    subscribe(tmp_path, READERS[:3])
    set_clock(tmp_path / "clock", START)
    toml = tmp_path / "content/newsroom.toml"
    with (
        mail_server(tmp_path / "log", "--pipelining") as server,
        Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path) as store,
    ):
        running = service(senders, tmp_path, server)
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.SEND)))
        for _ in range(10):  # as editors do: empty first, whole a moment later
            toml.write_text("", "utf-8")
            time.sleep(0.03)
            toml.write_text(NEWSROOM, "utf-8")
        toml.write_text("[newsroom", "utf-8")
        time.sleep(1.5)  # every part looks at least once a second
        toml.write_text(NEWSROOM, "utf-8")
        put(tmp_path, "items/2017-03-01-late.md", item("Late", body="Told at some length."))
        assert wait((tmp_path / "output/items/2017/late/index.html").exists)
        set_clock(tmp_path / "clock", FIRST)
        assert wait(lambda: finished(store, "letter/2017-01"))
        assert running.end() == 0


def test_it_ends_although_another_process_holds_the_newsroom(tmp_path: Path) -> None:
    write_room(tmp_path, 1)
    set_clock(tmp_path / "clock", START)
    (tmp_path / ".pipeline").mkdir(exist_ok=True)
    with (
        mail_server(tmp_path / "log") as server,
        Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path) as store,
        (tmp_path / ".pipeline/lock").open("w") as held,
    ):
        fcntl.flock(held, fcntl.LOCK_EX)
        running = service(senders, tmp_path, server)
        assert wait(lambda: any(run.state is RunState.RUNNING for run in store.runs.open()))
        assert running.end() == 0
        # The build was not done, and is not lost.
        assert any(run.flow is Flow.BUILD for run in store.runs.open())


def test_a_long_mailing_keeps_no_notice_waiting(tmp_path: Path) -> None:
    write_room(tmp_path, 1)
    toml = tmp_path / "content/newsroom.toml"
    toml.write_text(NEWSROOM.replace("[sending]", "[sending]\nper_second = 10"), "utf-8")
    subscribe(tmp_path, READERS)
    set_clock(tmp_path / "clock", START)
    with (
        mail_server(tmp_path / "log") as server,
        Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders,
        store_of(tmp_path) as store,
    ):
        running = service(senders, tmp_path, server)
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.SEND)))
        set_clock(tmp_path / "clock", FIRST)
        assert wait(lambda: server.count() > 0)
        operator = Notice(
            kind=NoticeKind.OPERATORS, address="keeper@example.org", text="Look\n\nat this",
            created=FIRST, due=FIRST,
        )  # fmt: skip
        assert store.notices.add(operator, since=FIRST, most=9)
        assert wait(lambda: server.accepted()["keeper@example.org"] == 1)
        assert server.count() < len(READERS)
        assert running.end() == 0
