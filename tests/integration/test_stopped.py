"""What `enews status` says of a service that was told to stop, and of one that was killed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.notice import Notice, NoticeKind, NoticeState
from pipeline.core.run import Flow
from pipeline.store.opening import open_store
from tests.at_work import at_work, set_clock
from tests.mailing_room import Senders
from tests.newsrooms import NEWSROOM, enews, environment, put
from tests.running_service import wait

if TYPE_CHECKING:
    import subprocess
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pipeline.store.opening import Store

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2017, 3, 1, 14, 2, tzinfo=ZURICH)
OPERATOR = Notice(
    kind=NoticeKind.OPERATORS, address="keeper@example.org", text="Look\n\nat this",
    created=START, due=START,
)  # fmt: skip


def store_of(root: Path) -> AbstractContextManager[Store]:
    return open_store("", root / ".pipeline/ledger.sqlite")


def status(root: Path, at: datetime, *options: str) -> subprocess.CompletedProcess[str]:
    return enews(root, "status", *options, env=environment(ENEWS_NOW=at.isoformat()))


def test_a_service_that_was_told_to_stop_is_no_dead_one(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", NEWSROOM)
    set_clock(tmp_path / "clock", START)
    with Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders, store_of(tmp_path) as store:
        first = senders.start(tmp_path, "run", "--only", "schedule", url="")
        assert wait(lambda: bool(store.runs.latest(1, flow=Flow.BUILD)))
        assert store.runs.stopped() is None
        assert first.end() == 0
        assert store.runs.stopped() == START
        second = senders.start(tmp_path, "run", "--only", "schedule", url="")
        assert wait(lambda: store.runs.stopped() is None), "it is at work again"
        second.kill()
        assert second.wait() == -9
        assert store.runs.stopped() is None, "nobody told it to"


def test_parts_that_mind_no_schedule_leave_no_word(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", NEWSROOM)
    set_clock(tmp_path / "clock", START)
    with Senders(ENEWS_NOW_FILE=str(tmp_path / "clock")) as senders, store_of(tmp_path) as store:
        store.runs.stop(START - timedelta(hours=1))
        assert store.notices.add(OPERATOR, since=START, most=9)
        worker = senders.start(tmp_path, "run", "--only", "worker", url="outbox:")
        assert wait(lambda: store.notices.counts() == {NoticeState.SENT: 1}), "it is at work"
        assert worker.end() == 0
        assert store.runs.stopped() == START - timedelta(hours=1)


def test_status_says_at_once_that_it_was_told_to_stop(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", NEWSROOM)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.store.runs.stop(START)
    shown = status(tmp_path, START + timedelta(minutes=1))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "stopped at 14:02 CET (told to)" in shown.stdout
    assert "All else is well. To begin again: enews run" in shown.stdout
    found = json.loads(status(tmp_path, START + timedelta(minutes=1), "--json").stdout)
    assert (found["ok"], found["stopped"]) == (True, "2017-03-01T13:02:00+00:00")
    late = status(tmp_path, START + timedelta(minutes=16))
    assert late.returncode == 1
    assert "nobody is at work since 2017-03-01 13:02 UTC (told to stop)" in late.stdout


def test_of_two_services_the_one_that_stays_says_so(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", NEWSROOM)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.store.runs.stop(START)
        desk.at(START + timedelta(minutes=1))
        assert desk.store.runs.stopped() is None
    shown = status(tmp_path, START + timedelta(minutes=2))
    assert "All is well." in shown.stdout
    assert "stopped" not in shown.stdout
    found = json.loads(status(tmp_path, START + timedelta(minutes=2), "--json").stdout)
    assert found["stopped"] is None
