"""`enews bounce`: from a pipe, files and a mailbox to the suppression list."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from pipeline.app import App
from pipeline.cli import main
from pipeline.config import Folders, settings
from pipeline.core.bounce import BounceKind
from pipeline.core.delivery import DeliveryState, Settled
from pipeline.core.links import Purpose, sign
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.errors import ConfigError, EnewsError, OutputError
from pipeline.mail.message_files import messages_in
from pipeline.mail.parts import READ_MOST
from pipeline.mail.unknown import UnknownFolder
from tests.mailbox_servers import PASSWORD, USER, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from pipeline.store.opening import Store

CORPUS = Path(__file__).parents[1] / "corpus/bounces"
KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
AT = datetime(2026, 5, 29, 14, tzinfo=UTC)
NOW = "2026-06-01T12:00+02:00"


@dataclass
class Room:
    """A newsroom with one subscriber, who was sent one mailing."""

    root: Path
    wren: int = 0
    mailing: int = 0

    def run(self, *arguments: str, given: bytes = b"", **environment: str) -> Result:
        both = {"ENEWS_NOW": NOW, "ENEWS_SECRET_KEY": KEY, **environment}
        return CliRunner().invoke(
            main,
            ["-C", str(self.root), "bounce", *arguments],
            env=both,
            input=given,
            standalone_mode=False,
        )

    def json(self, *arguments: str, given: bytes = b"", **environment: str) -> dict[str, Any]:
        result = self.run("--json", *arguments, given=given, **environment)
        assert result.return_value == 0, (result.output, result.exception)
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    @contextmanager
    def store(self) -> Iterator[Store]:
        state = self.root / ".pipeline"
        folders = Folders(
            root=self.root,
            content=self.root / "content",
            templates=self.root / "templates",
            output=self.root / "output",
            state=state,
        )
        with App(settings(folders, {})).store(print) as store:
            yield store

    def message(self, name: str) -> bytes:
        """A message of the corpus, about the mail to our subscriber."""
        old = sign(b"the key that the corpus is signed with", Purpose.BOUNCE, 42, 7)
        new = sign(KEY.encode(), Purpose.BOUNCE, self.wren, self.mailing)
        return (CORPUS / f"{name}.eml").read_bytes().replace(old.encode(), new.encode())

    @property
    def state(self) -> SubscriberState:
        with self.store() as store:
            wren = store.subscribers.get(self.wren)
            assert wren is not None
            return wren.state


@pytest.fixture
def room(tmp_path: Path) -> Room:
    runner = CliRunner()
    runner.invoke(main, ["-C", str(tmp_path), "init"], standalone_mode=False)
    toml = tmp_path / "content/newsroom.toml"
    toml.write_text(f'{toml.read_text()}\n[sending]\nreturn_path = "bounces@news.example.org"\n')
    found = Room(tmp_path)
    with found.store() as store:
        subscriber = Subscriber(
            address="wren@example.net",
            newsletters=frozenset({"letter"}),
            state=SubscriberState.ACTIVE,
            since=AT,
        )
        consent = Consent(at=AT, action=ConsentAction.CONFIRMED, how="form")
        found.wren = store.subscribers.save([Change(subscriber=subscriber, consent=consent)])[0].id
        mailing = Mailing(
            issue="letter/2026-05",
            newsletter="letter",
            digest="d",
            state=MailingState.RUNNING,
            created=AT,
            begins=AT,
            since=AT,
        )
        found.mailing = store.ledger.create(mailing, [found.wren]).id
        store.ledger.enter("test")
        (claim,) = store.ledger.claim(found.mailing, 1, AT.timestamp())
        sent = Settled(claim.id, DeliveryState.SENT, AT.timestamp(), 250)
        store.ledger.mark([claim.id], [])
        store.ledger.mark([], [sent])
    return found


def test_a_message_in_a_pipe(room: Room) -> None:
    result = room.run(given=room.message("postfix-unknown-user"))
    assert result.return_value == 0
    assert result.stdout.startswith(
        "1 message read\n      1  hard       there is no such mailbox\n"
    )
    assert "Suppressed, and never mailed again: 1\n  wren@example.net  hard bounce: 550" in (
        result.stdout
    )
    assert room.state is SubscriberState.SUPPRESSED


def test_again_and_nothing_more_happens(room: Room) -> None:
    raw = room.message("postfix-unknown-user")
    found = room.json(given=raw)
    assert found["outcomes"]["hard"] == 1
    (entry,) = found["suppressed"]
    assert (entry["address"], entry["reason"]) == ("wren@example.net", "hard bounce")
    again = room.json(given=raw)
    assert (again["outcomes"]["repeated"], again["suppressed"]) == (1, [])
    with room.store() as store:
        assert store.subscribers.bounce_counts() == {BounceKind.HARD: 1}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("arf-abuse", "complaint"),
        ("postfix-over-quota", "soft"),
        ("postfix-blocked", "policy"),
        ("postfix-delayed", "notice"),
        ("vacation-english", "auto-reply"),
        ("forged-report", "unknown"),
        ("without-the-original", "unknown"),
        ("human-answer", "unknown"),
        ("vacation-of-a-postmaster", "auto-reply"),
        ("letter-of-a-postmaster", "unknown"),
        ("vacation-that-names-others", "unknown"),
        ("delayed-and-given-up", "hard"),
    ],
)
def test_what_is_what(room: Room, name: str, outcome: str) -> None:
    found = room.json(given=room.message(name))
    assert {key for key, number in found["outcomes"].items() if number} == {outcome}
    final = outcome in {"complaint", "hard"}
    expected = SubscriberState.SUPPRESSED if final else SubscriberState.ACTIVE
    assert room.state is expected


def test_the_envelope_of_the_pipe_is_believed(room: Room) -> None:
    raw = room.message("without-the-original")
    token = sign(KEY.encode(), Purpose.BOUNCE, room.wren, room.mailing)
    address = f"bounces+{token}@news.example.org"
    assert room.json("--to", address, given=raw)["outcomes"]["hard"] == 1


def test_unknown_ones_are_kept_and_not_counted_twice(room: Room) -> None:
    raw = (CORPUS / "human-answer.eml").read_bytes()
    result = room.run(given=raw)
    folder = room.root / ".pipeline/bounces/unknown"
    assert str(folder) in result.stdout
    (kept,) = folder.iterdir()
    assert kept.read_bytes() == raw
    assert kept.stat().st_mode & 0o777 == 0o600
    room.run(given=raw)
    assert list(folder.iterdir()) == [kept]
    with room.store() as store:
        assert store.subscribers.bounce_counts() == {BounceKind.UNKNOWN: 1}


@pytest.mark.parametrize("broken", ["database", "newsroom"])
def test_a_mail_server_keeps_what_could_not_be_taken(room: Room, broken: str) -> None:
    raw = room.message("postfix-unknown-user")
    if broken == "database":
        for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
            (room.root / ".pipeline" / name).unlink(missing_ok=True)
        (room.root / ".pipeline/ledger.sqlite").write_bytes(b"no database at all, " * 100)
    else:
        (room.root / "content/newsroom.toml").unlink()
    result = room.run(given=raw)
    assert result.return_value == 75
    assert "Error" in result.stderr
    file = room.root / "one.eml"
    file.write_bytes(raw)
    assert room.run(str(file)).return_value in {1, 2}


def test_a_newsroom_in_no_order_is_told_without_a_word_of_publishing(room: Room) -> None:
    (room.root / "content/newsroom.toml").write_text("[newsroom]\ntitel = 1\n")
    result = room.run(given=room.message("postfix-unknown-user"))
    assert result.return_value == 75
    assert "in 1 file." in result.stderr
    assert "published" not in result.stderr


def test_a_new_newsroom_is_told_of_the_return_path(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["-C", str(tmp_path), "init"], standalone_mode=False)
    toml = tmp_path / "content/newsroom.toml"
    lines = toml.read_text().splitlines()
    place = lines.index("# [sending]")
    assert lines[place + 1].startswith("# return_path = ")
    toml.write_text("\n".join([*lines[:place], *(line[2:] for line in lines[place:])]))
    found = Room(tmp_path).json(given=b"Subject: a\n\nb")
    assert found["outcomes"]["unknown"] == 1


def test_the_pipe_is_read_to_its_end(room: Room) -> None:
    raw = room.message("postfix-unknown-user") + b"x" * (2 * READ_MOST)
    assert room.json(given=raw)["outcomes"]["hard"] == 1


@pytest.mark.parametrize("nothing", [b"", b"\r\n\n"])
def test_a_pipe_with_nothing_in_it(room: Room, nothing: bytes) -> None:
    """No message is no message that nobody can tell."""
    result = room.run(given=nothing)
    assert (result.exit_code, result.stdout) == (0, "Nothing was read.\n")
    found = room.json(given=nothing)
    assert (found["messages"], found["outcomes"]["unknown"]) == (0, 0)
    assert found["in_all"]["unknown"] == 0
    assert not (room.root / ".pipeline/bounces/unknown").exists()


def test_files_mailboxes_and_folders(room: Room) -> None:
    names = ("postfix-over-quota", "vacation-german", "qmail-no-mailbox")
    raws = [room.message(name) for name in names]
    box = room.root / "box"
    quoted = [raw.replace(b"\nFrom ", b"\n>From ") for raw in raws]
    box.write_bytes(b"".join(b"From MAILER-DAEMON Fri May 29\n" + raw + b"\n" for raw in quoted))
    for folder in ("maildir/cur", "maildir/new", "maildir/tmp", "plain"):
        (room.root / folder).mkdir(parents=True)
    (room.root / "maildir/cur/1:2,S").write_bytes(raws[0])
    (room.root / "maildir/new/2").write_bytes(raws[1])
    (room.root / "maildir/tmp/3").write_bytes(raws[2])
    (room.root / "plain/a.eml").write_bytes(raws[2])
    (room.root / "plain/a.txt").write_bytes(raws[1])
    (room.root / "plain/empty.eml").write_bytes(b"")
    assert [len(list(messages_in(room.root / name))) for name in ("box", "maildir", "plain")] == [
        3,
        2,
        1,
    ]
    for taken, raw in zip(messages_in(box), raws, strict=True):
        assert taken.rstrip(b"\n") == raw.rstrip(b"\n")
    found = room.json(*(str(room.root / name) for name in ("maildir", "box", "plain")))
    assert found["messages"] == 6
    assert {key: n for key, n in found["outcomes"].items() if n} == {
        "soft": 1,
        "auto-reply": 2,
        "repeated": 2,
        "hard": 1,
    }
    assert box.stat().st_size
    with pytest.raises(ConfigError, match="nowhere"):
        list(messages_in(room.root / "nowhere"))


def test_a_mailbox_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    box = tmp_path / "box"
    lines = b"y" * 1000 + b"\n"
    with box.open("wb") as file:
        for number in range(3):
            file.write(b"From a\nSubject: %d\n\n" % number)
            file.writelines([lines] * 1000)
            file.write(b">From the editor\n\n")
    sizes = [len(raw) for raw in messages_in(box)]
    assert len(sizes) == 3
    assert max(sizes) < READ_MOST + 2 * len(lines)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_mailbox(room: Room, protocol: str) -> None:
    with serving(protocol) as server:
        server.fill(
            room.message("postfix-over-quota"),
            room.message("human-answer"),
            room.message("arf-abuse"),
        )
        server.unreadable = {2}
        host = f"127.0.0.1:{server.port}"
        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        url = f"{protocol}://{login}@{host}"
        result = room.run("--poll", ENEWS_BOUNCES_URL=url)
        assert result.return_value == 0
        assert "2 messages read" in result.stdout
        assert "1 message could not be read and stay in the mailbox" in result.stdout
        assert list(server.messages) == [2]
        with room.store() as store:
            sources = {bounce.source for bounce in store.subscribers.bounces(room.wren)}
        assert sources == {protocol}
        server.trouble = "QUIT" if protocol == "pop3" else "SEARCH"
        result = room.run("--poll", ENEWS_BOUNCES_URL=url)
        assert result.return_value == 1
        assert "Nothing is lost" in result.stderr


def test_wrong_use_is_told(room: Room) -> None:
    for arguments, says in (
        (("--poll", "x.eml"), "not both"),
        (("--poll", "--to", "a@b.example"), "standard input"),
    ):
        result = room.run(*arguments)
        assert says in str(result.exception)
    result = room.run("--poll")
    assert result.return_value == 2
    assert "ENEWS_BOUNCES_URL" in result.stderr
    result = room.run("--json", str(room.root / "nowhere"))
    assert "nowhere" in json.loads(result.stdout)["error"]


def test_what_was_handled_before_an_error_is_told(room: Room) -> None:
    file = room.root / "one.eml"
    file.write_bytes(room.message("vacation-german"))
    result = room.run(str(file), str(room.root / "nowhere"))
    assert result.return_value == 2
    assert "Before that, 1 message had been handled." in result.stderr


def test_a_long_run_is_told_in_a_few_lines(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cli.bounce.SHOWN_MOST", 0)
    monkeypatch.setattr("pipeline.returns.MESSAGES_MOST", 1)
    with serving("imap") as server:
        server.fill(room.message("postfix-unknown-user"), room.message("arf-abuse"))
        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        url = f"imap://{login}@127.0.0.1:{server.port}"
        result = room.run("--poll", ENEWS_BOUNCES_URL=url)
    assert "  and 1 more: enews subscriber list --suppressed" in result.stdout
    assert "1 message more in the mailbox: run it again" in result.stdout


def test_a_folder_of_unknown_ones_has_an_end(tmp_path: Path) -> None:
    folder = UnknownFolder(tmp_path / "unknown", most=3)
    for number in range(5):
        folder.keep(f"{number}", b"%d" % number)
        stamp = 10**9 + number
        place = tmp_path / f"unknown/{number}.eml"
        os.utime(place, (stamp, stamp))
    assert sorted(path.name for path in folder.path.iterdir()) == ["2.eml", "3.eml", "4.eml"]
    folder.keep("4", b"other")
    assert (folder.path / "4.eml").read_bytes() == b"4"


def test_where_unknown_ones_cannot_be_kept_that_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "unknown").write_bytes(b"")
    with pytest.raises(OutputError, match="stays where it came from") as caught:
        UnknownFolder(tmp_path / "unknown").keep("a", b"x")
    assert isinstance(caught.value, EnewsError)
