"""`enews status`: what people and monitors are told."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.run import Flow, Origin, Run
from tests.at_work import at_work
from tests.mailing_room import subscribe
from tests.newsrooms import NEWSROOM, enews, environment, item, put
from tests.smtp_server import Fault, smtp_server

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2017, 8, 30, 12, tzinfo=ZURICH)
DUE = datetime(2017, 8, 31, 9, tzinfo=ZURICH)
SECTION = 'release = "automatic"\n[[newsletters.sections]]\ntitle = "News"\nkinds = ["news"]\n'


def write_room(root: Path) -> None:
    put(root, "newsroom.toml", NEWSROOM + SECTION)
    put(root, "items/2017-08-15-good.md", item("Good", body="Told at some length."))


def status(root: Path, at: datetime, *options: str) -> subprocess.CompletedProcess[str]:
    return enews(root, "status", *options, env=environment(ENEWS_NOW=at.isoformat()))


def test_before_anything_ran(tmp_path: Path) -> None:
    write_room(tmp_path)
    shown = status(tmp_path, START)
    assert shown.returncode == 0, shown.stderr
    assert "draft letter  Thu 31 Aug 2017 09:00 CEST  last working day 09:00" in shown.stdout
    assert "Nothing ever ran here by itself: enews run" in shown.stdout


def test_all_is_well_until_nobody_is_at_work(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
    shown = status(tmp_path, START + timedelta(minutes=14))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "build  Wed 30 Aug 2017 12:00 CEST  done: " in shown.stdout
    assert "All is well." in shown.stdout
    found = json.loads(status(tmp_path, START + timedelta(minutes=14), "--json").stdout)
    assert found["ok"] is True
    assert [run["flow"] for run in found["last"]] == ["build"]
    assert [plan["flow"] for plan in found["next"]] == ["backup", "cleanup", "draft"]
    assert set(found["versions"]) == {"enews", "database", "python"}
    away = status(tmp_path, START + timedelta(minutes=16))
    assert away.returncode == 1
    assert "nobody is at work since 2017-08-30 10:00 UTC: enews run" in away.stdout


def test_a_failure_is_named_until_it_is_mended(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        put(tmp_path, "items/2017-08-20-bad.md", item("Bad", "kind: nwes"))
        desk.at(START)
        shown = status(tmp_path, START, "--json")
        assert shown.returncode == 1
        found = json.loads(shown.stdout)
        assert found["ok"] is False
        assert "build failed: items/2017-08-20-bad.md:3: kind" in found["wrong"][0]
        put(tmp_path, "items/2017-08-20-bad.md", item("Bad"))
        desk.at(START + timedelta(minutes=10))
        assert status(tmp_path, desk.now()).returncode == 0


def test_a_mailing_that_a_server_stopped_is_named(tmp_path: Path) -> None:
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server(Fault("sender")) as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        shown = status(tmp_path, DUE)
        assert shown.returncode == 1
        assert "letter/2017-01 is paused: the server refused at MAIL FROM: 550" in shown.stdout
        assert "letter/2017-01  paused" in shown.stdout
        server.faults = ()
        resumed = enews(
            tmp_path, "mailing", "resume", "letter/2017-01",
            env=environment(ENEWS_SMTP_URL=server.url, ENEWS_NOW=DUE.isoformat()),
        )  # fmt: skip
        assert resumed.returncode == 0, resumed.stderr
        assert status(tmp_path, DUE).returncode == 0


def test_what_waits_and_nobody_does_is_named(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "smtp://127.0.0.1:9", START) as desk:
        desk.at(START)
        due = Run(flow=Flow.PULL, slot="x", origin=Origin.HOOK, due=START, created=START)
        operators = Notice(
            kind=NoticeKind.OPERATORS, address="k@example.org", text="t", created=START, due=START
        )
        desk.store.runs.add(due)
        desk.store.notices.add(operators, since=START, most=9)
    found = json.loads(status(tmp_path, START + timedelta(hours=2), "--json").stdout)["wrong"]
    assert "pull is due since 2017-08-30 10:00 UTC, and nobody does it" in found
    assert "1 notices wait: no mail server is set (ENEWS_SMTP_URL)" in found
    shown = enews(
        tmp_path, "status",
        env=environment(
            ENEWS_NOW=(START + timedelta(hours=2)).isoformat(), ENEWS_SMTP_URL="smtp://127.0.0.1:9"
        ),
    )  # fmt: skip
    assert "1 notices wait, the oldest since 2017-08-30 10:00 UTC" in shown.stdout


def test_a_rehearsal_is_named_once_there_is_a_server(tmp_path: Path) -> None:
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.at(DUE)
    assert "went into a folder" not in status(tmp_path, DUE).stdout
    env = environment(ENEWS_NOW=DUE.isoformat(), ENEWS_SMTP_URL="smtp://127.0.0.1:9")
    shown = enews(tmp_path, "status", env=env)
    assert shown.returncode == 1
    assert "letter/2017-01 went into a folder, and to no reader" in shown.stdout
