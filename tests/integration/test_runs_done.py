"""What each flow does when its run comes: with real files, servers and a clock of ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from pipeline.core.address import salted_hash
from pipeline.core.notice import Notice, NoticeKind, NoticeState
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import Occasion, Wishes, sign_up
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.store import database
from tests.at_work import at_work, set_clock
from tests.integration.test_repository import commit, git
from tests.integration.test_websub import running as hub
from tests.mailbox_servers import PASSWORD, USER, serving
from tests.mailing_room import subscribe
from tests.newsrooms import NEWSROOM, item, put
from tests.smtp_server import smtp_server

if TYPE_CHECKING:
    from tests.at_work import Desk

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2017, 8, 30, 12, tzinfo=ZURICH)
DUE = datetime(2017, 8, 31, 9, tzinfo=ZURICH)
MINUTE = timedelta(minutes=1)
SECTION = '[[newsletters.sections]]\ntitle = "News"\nkinds = ["news"]\n'
REPORT = """\
From: mailer-daemon@mx.example.org
To: desk@news.example.org
Subject: Undelivered mail
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

Nobody lives here any more.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--x
Content-Type: text/rfc822-headers

Message-ID: {message_id}
To: {address}
--x--
"""


def write_room(root: Path, text: str = NEWSROOM, letter: str = 'release = "automatic"\n') -> None:
    put(root, "newsroom.toml", text + letter + SECTION)
    put(root, "items/2017-08-15-good.md", item("Good", body="Told at some length."))


def last(desk: Desk, flow: Flow) -> Run:
    return desk.store.runs.latest(1, flow=flow)[0]


def test_from_the_cadence_to_the_bounce_to_the_suppression(tmp_path: Path) -> None:
    write_room(tmp_path)
    readers = ["ana@example.org", "gone@example.org"]
    subscribe(tmp_path, readers)
    with smtp_server() as server, serving("imap") as mailbox:
        url = f"imap://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{mailbox.port}"
        with at_work(tmp_path, server.url, START, ENEWS_BOUNCES_URL=url) as desk:
            desk.at(START)
            desk.at(DUE)
            taken = {one.recipient: one.message_id for one in server.messages}
            assert sorted(taken) == readers
            report = REPORT.format(address=readers[1], message_id=taken[readers[1]])
            mailbox.fill(report.replace("\n", "\r\n").encode())
            desk.at(DUE + 20 * MINUTE)
            assert last(desk, Flow.BOUNCES).reason == "1 message read, 1 suppressed"
            (gone,) = desk.store.subscribers.find([readers[1]]).values()
            assert gone.state is SubscriberState.SUPPRESSED
            put(tmp_path, "items/2017-09-15-next.md", item("Next", body="Told at some length."))
            desk.at(datetime(2017, 9, 29, 9, tzinfo=ZURICH))
            assert [one.recipient for one in server.messages[2:]] == [readers[0]]


def test_what_is_embargoed_or_expires_does_so_on_time(tmp_path: Path) -> None:
    write_room(tmp_path, NEWSROOM.replace("[feeds]", "[schedule]\nbuild_minutes = 1440\n[feeds]"))
    put(
        tmp_path,
        "items/2017-08-30-later.md",
        item("Later", "date: 2017-08-30T15:03+02:00\nkind: news"),
    )
    put(tmp_path, "items/2017-08-29-brief.md", item("Brief", "kind: news\nexpires: 2017-08-31"))
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        later = tmp_path / "output/items/2017/later/index.html"
        brief = tmp_path / "output/items/2017/brief/index.html"
        desk.at(START.replace(hour=15, minute=2))
        assert not later.exists()
        desk.at(START.replace(hour=15, minute=3))
        assert later.exists()
        assert brief.exists()
        desk.at(datetime(2017, 8, 31, tzinfo=ZURICH))
        assert not brief.exists()
        builds = [run for run in desk.store.runs.latest(100, flow=Flow.BUILD) if run.found["files"]]
        assert len(builds) <= 5


def test_the_cleanup_forgets_who_never_confirmed(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        word = Occasion(at=START.astimezone(UTC), how="form")
        wishes = Wishes(newsletters=frozenset({"letter"}))
        desk.store.subscribers.save([sign_up("new@example.org", None, wishes, word)])
        subscribe(tmp_path, ["ana@example.org"])
        desk.at(START)
        desk.at(START + timedelta(days=7))
        assert len(list(desk.store.subscribers.each())) == 2
        desk.at(START + timedelta(days=9))
        assert last(desk, Flow.CLEANUP).found["pending"] == 1
        assert [one.address for one in desk.store.subscribers.each()] == ["ana@example.org"]


def test_the_cleanup_leaves_no_address_in_the_log_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_room(tmp_path)
    monkeypatch.setattr(database, "SCRUB_WAIT", 0.0)
    path, typed = tmp_path / ".pipeline/ledger.sqlite", "typed-once@example.org"
    notice = Notice(kind=NoticeKind.CONFIRM, address=typed, created=START, due=START)
    with at_work(tmp_path, "outbox:", START) as desk:
        subscribe(tmp_path, ["gone-by-now@example.org"])
        desk.at(START)
        desk.store.notices.add(notice, since=START, most=5)
        taken = desk.store.notices.take(START)
        assert taken is not None
        desk.store.notices.settle(taken.id, NoticeState.SENT, "250 ok", START)
        (gone,) = desk.store.subscribers.each()
        entry = salted_hash(gone.address, desk.store.subscribers.salt)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM subscriber").fetchall()
            erased = Suppression(hash=entry, reason=SuppressionReason.ERASED, at=START)
            desk.store.subscribers.erase(gone.id, erased)
            assert there(tmp_path, typed)
            assert there(tmp_path, gone.address)
            desk.at(START + timedelta(days=1))
            assert not last(desk, Flow.CLEANUP).found["scrubbed"]
            assert last(desk, Flow.CLEANUP).reason.endswith("is emptied next time")
        desk.at(START + timedelta(days=2))
        assert last(desk, Flow.CLEANUP).found["scrubbed"]
        assert not there(tmp_path, typed)
        assert not there(tmp_path, gone.address)


def ledger(root: Path) -> list[Path]:
    """The database, and its log where there is one."""
    return [path for path in (root / ".pipeline").glob("ledger.sqlite*") if path.is_file()]


def there(root: Path, address: str) -> bool:
    """True where an address stands in one of them."""
    return any(address.encode() in path.read_bytes() for path in ledger(root))


def test_the_hub_hears_of_the_feeds_that_changed(tmp_path: Path) -> None:
    with hub() as server:
        feeds = f'[feeds]\nhub = "{server.url}"\n'
        write_room(tmp_path, NEWSROOM.replace("[feeds]\n", feeds))
        with at_work(tmp_path, "outbox:", START) as desk:
            desk.at(START)
            server.heard.clear()
            put(tmp_path, "items/2017-08-30-new.md", item("New"))
            desk.at(START + 20 * MINUTE)
            topics = {heard["hub.url"] for heard in server.heard}
            assert "https://news.example.org/feed.xml" in topics
            assert "https://news.example.org/kinds/resource/feed.xml" not in topics
            assert "the hub was told of" in last(desk, Flow.BUILD).reason
            server.heard.clear()
            server.statuses = [503, 204]
            put(tmp_path, "items/2017-08-30-newer.md", item("Newer"))
            desk.at(START + 30 * MINUTE)
            assert "503" in last(desk, Flow.BUILD).reason
            # The next build tells of what is left, although nothing changed.
            server.heard.clear()
            desk.at(START + 40 * MINUTE)
            assert "https://news.example.org/feed.xml" in {h["hub.url"] for h in server.heard}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_pull_brings_an_item_onto_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    editor, room = tmp_path / "editor", tmp_path / "room"
    write_room(editor)
    git(editor, "init", "-q", "-b", "main")
    commit(editor, ".gitignore", "/output/\n/.pipeline/\n/clock\n")
    git(tmp_path, "clone", "-q", str(editor), str(room))
    with at_work(room, "outbox:", START) as desk:
        desk.at(START)
        commit(editor, "content/items/2017-08-30-pushed.md", item("Pushed"))
        push = Run(flow=Flow.PULL, slot="delivery 1", origin=Origin.HOOK, due=START, created=START)
        desk.store.runs.add(push)
        desk.at(START + MINUTE)
        assert last(desk, Flow.PULL).state is RunState.DONE
        assert "1 file" in last(desk, Flow.PULL).reason
        assert (room / "output/items/2017/pushed/index.html").exists()


def test_a_copy_that_is_put_back_does_not_copy_over_itself(tmp_path: Path) -> None:
    """A copy holds the run that made it, begun and not ended."""
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.at(DUE.replace(hour=3, minute=30))
    (copy,) = (tmp_path / ".pipeline/backups").glob("ledger-*.sqlite")
    before = copy.read_bytes()
    for path in (tmp_path / ".pipeline").glob("ledger.sqlite*"):
        if path.is_file():
            path.unlink()
    shutil.copy(copy, tmp_path / ".pipeline/ledger.sqlite")
    with at_work(tmp_path, "outbox:", DUE) as desk:
        desk.at(DUE)
        run = last(desk, Flow.BACKUP)
        assert (run.state, run.tries, run.reason) == (RunState.DONE, 2, f"{copy.name} is there")
    assert copy.read_bytes() == before


def test_no_file_stays_open_after_a_mailing(tmp_path: Path) -> None:
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        assert len(server.messages) == 1
        links = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.exists()]
        assert [link for link in links if (tmp_path / ".pipeline/sent") in link.parents] == []


def test_nobody_is_told_of_an_address_in_a_run(tmp_path: Path) -> None:
    """Outcomes are read by whoever has a token."""
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        for run in desk.store.runs.latest(100):
            assert "ana@" not in f"{run.reason}{run.found}{run.asked}{run.slot}"
        assert desk.store.notices.counts().get(NoticeState.FAILED, 0) == 0


def sent(desk: Desk) -> dict[str, tuple[RunState, str]]:
    runs = desk.store.runs.latest(100, flow=Flow.SEND)
    return {run.slot: (run.state, run.reason) for run in runs}


def test_a_new_machine_with_the_old_content_mails_nothing_again(tmp_path: Path) -> None:
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server() as server:
        with at_work(tmp_path, server.url, START) as desk:
            desk.at(START)
            desk.at(DUE)
        assert len(server.messages) == 1
        for folder in (".pipeline", "output"):
            shutil.rmtree(tmp_path / folder)
        subscribe(tmp_path, ["ana@example.org"])
        with at_work(tmp_path, server.url, DUE + timedelta(days=2)) as desk:
            desk.at(DUE + timedelta(days=2))
            state, reason = sent(desk)["letter/2017-01"]
            assert state is RunState.DONE
            assert "to send it: enews mailing start letter/2017-01" in reason
        assert len(server.messages) == 1


def test_what_was_released_while_mailing_was_by_hand_is_not_sent_later(tmp_path: Path) -> None:
    by_hand = 'release = "automatic"\nmailing = "manual"\n'
    write_room(tmp_path, letter=by_hand)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        assert "mailed by hand" in sent(desk)["letter/2017-01"][1]
        put(tmp_path, "newsroom.toml", NEWSROOM + 'release = "automatic"\n' + SECTION)
        put(tmp_path, "items/2017-09-15-next.md", item("Next", body="Told at some length."))
        desk.at(DUE + 60 * MINUTE)
        assert server.messages == []
        desk.at(datetime(2017, 9, 29, 9, tzinfo=ZURICH))
        assert len(server.messages) == 1
        assert sent(desk)["letter/2017-02"][0] is RunState.DONE


def test_a_draft_that_waited_for_ten_days_is_missed_and_told(tmp_path: Path) -> None:
    """Its process was killed between the row and the run."""
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        set_clock(desk.clock, DUE)
        desk.clockwork.look(desk.store)
    with at_work(tmp_path, "outbox:", DUE + timedelta(days=10)) as desk:
        desk.at(DUE + timedelta(days=10))
        run = last(desk, Flow.DRAFT)
        assert run.state is RunState.MISSED
        assert "240 hours later; the limit is 24 hours" in run.reason
        assert "enews issue build letter" in run.reason
        assert not (tmp_path / "content/issues").exists()


def test_a_fault_that_passes_does_not_cost_the_issue(tmp_path: Path) -> None:
    write_room(tmp_path)
    subscribe(tmp_path, ["ana@example.org"])
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        in_the_way = tmp_path / "content/issues"
        in_the_way.write_text("")
        desk.at(DUE)
        assert last(desk, Flow.DRAFT).state is RunState.FAILED
        in_the_way.unlink()
        desk.at(DUE + 19 * MINUTE)
        assert server.messages == []
        desk.at(DUE + 20 * MINUTE)
        assert last(desk, Flow.DRAFT).slot == "letter 2017-08-31T09:00 again 1"
        assert len(server.messages) == 1


def test_what_follows_is_for_the_machine_that_has_the_draft(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.at(DUE)
        place = last(desk, Flow.BUILD).place
        assert place
        for flow in (Flow.RELEASE, Flow.SEND):
            assert (last(desk, flow).place, last(desk, flow).state) == (place, RunState.DONE)


def test_whoever_asks_for_an_issue_that_is_out_hears_how_to_make_another(tmp_path: Path) -> None:
    write_room(tmp_path)
    with at_work(tmp_path, "outbox:", START) as desk:
        desk.at(START)
        desk.at(DUE)
        now = DUE + MINUTE
        desk.store.runs.add(
            Run(
                flow=Flow.DRAFT, slot="asked 1", subject="letter", origin=Origin.EDITOR, due=now,
                created=now,
            )
        )  # fmt: skip
        desk.at(now)
        reason = last(desk, Flow.DRAFT).reason
        assert reason == 'letter/2017-01 is released already; to make another one: "new": true'
