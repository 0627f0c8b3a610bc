"""`enews subscriber`, on a real database, as an editor uses it."""

from __future__ import annotations

import csv
import gc
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.app import App
from pipeline.cli import main, subscriber_import
from pipeline.cli.subscriber_output import PAGE, aligned
from pipeline.config import Folders, settings
from pipeline.content.subscriber_file import SubscriberFile, open_subscribers
from pipeline.core.bounce import Bounce, BounceKind
from pipeline.core.delivery import DeliveryState, Settled, message_id
from pipeline.core.mailing import Mailing, MailingState
from pipeline.errors import AddressError, ConfigError, SubscriberError
from pipeline.flows import subscriber_import as subscriber_flow
from tests.import_desk import GHOST, LISTMONK, MAILCHIMP
from tests.newsrooms import NEWSROOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.import_row import Row

NOW = "2017-07-12T09:00+02:00"
SECOND = """
[[newsletters]]
key = "weekly"
title = "Weekly care"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "every monday 09:00"
"""


class Room:
    """A newsroom, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def enews(self, *arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(
            main,
            ["-C", str(self.root), "subscriber", *arguments],
            env={"ENEWS_NOW": NOW, "ENEWS_DATABASE_URL": ""},
            input=answer,
            catch_exceptions=False,
            standalone_mode=False,
        )

    def said(self, *arguments: str) -> Any:
        """What it prints as JSON."""
        return json.loads(self.enews(*arguments).stdout)

    @property
    def folders(self) -> Folders:
        """As the command finds them."""
        root = self.root
        return Folders(
            root=root, content=root / "content", templates=root / "templates",
            output=root / "output", state=root / ".pipeline",
        )  # fmt: skip

    def list(self, text: str, name: str = "list.csv") -> str:
        path = self.root / name
        path.write_text(text, "utf-8")
        return str(path)

    @property
    def states(self) -> dict[str, str]:
        return {one["address"]: one["state"] for one in self.said("list", "--json")}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "content/themes").mkdir(parents=True)
    (tmp_path / "content/newsroom.toml").write_text(NEWSROOM, "utf-8")
    (tmp_path / "content/themes/care.md").write_text("---\ntitle: Care\n---\n", "utf-8")
    return Room(tmp_path)


def test_a_person_from_beginning_to_end(room: Room) -> None:
    added = room.enews(
        "add", "jane@example.org", "--name", "Jane", "--language", "en",
        "--topic", "care", "--consent", "Send me news",
    )  # fmt: skip
    assert added.output == "Added jane@example.org, who gets letter.\n"
    assert room.enews("add", "jane@example.org").output.startswith("Already there")
    assert room.said("add", "jane@example.org", "--json")["changed"] is False
    held = room.said("export", "JANE@example.org")
    (jane,) = held["subscribers"]
    assert (jane["name"], jane["language"], jane["topics"]) == ("Jane", "en", ["care"])
    assert [(line["action"], line["how"], line["text"]) for line in jane["record"]] == [
        ("added", "command line", "Send me news")
    ]
    assert (jane["deliveries"], jane["bounces"], held["suppression"]) == ([], [], None)
    suppressed = room.enews("suppress", "jane@example.org", "--reason", "by phone")
    assert suppressed.output == "Suppressed jane@example.org.\n"
    assert "manual  by phone" in room.enews("list", "--suppressed").stdout
    with pytest.raises(SubscriberError, match="restore"):
        room.enews("add", "jane@example.org")
    assert "suppressed already" in room.enews("suppress", "jane@example.org").output
    assert "is active and gets letter" in room.enews("restore", "jane@example.org").output
    assert room.said("restore", "jane@example.org", "--json") == {
        "changed": False, "subscribers": [],
    }  # fmt: skip
    assert "is not suppressed" in room.enews("restore", "jane@example.org").output
    assert "Erased" in room.enews("erase", "jane@example.org", "--yes").output
    assert room.enews("erase", "jane@example.org", "--yes").output.startswith("Nothing is held")
    assert room.said("list", "--json") == []
    left = room.said("export", "jane@example.org")
    assert left["subscribers"] == []
    assert room.said("erase", "jane@example.org", "--json") == {
        "erased": False, "cleared": [], "left": [],
    }  # fmt: skip
    assert (left["suppression"]["reason"], left["suppression"]["address"]) == ("erased", None)


def test_what_was_sent_is_told_too(room: Room) -> None:
    room.enews("add", "jane@example.org")
    with App(settings(room.folders, {"ENEWS_NOW": NOW})).store(print) as store:
        (jane,) = store.subscribers.each()
        at = jane.since
        mailing = Mailing(
            issue="letter/2017-07", newsletter="letter", digest="d", state=MailingState.RUNNING,
            created=at, begins=at, since=at,
        )  # fmt: skip
        mailing = store.ledger.create(mailing, [jane.id])
        store.ledger.enter("test")
        (claim,) = store.ledger.claim(mailing.id, 1, at.timestamp())
        sent = Settled(claim.id, DeliveryState.SENT, at.timestamp(), code=250, said="queued")
        store.ledger.mark([claim.id], [])
        store.ledger.mark([], [sent])
        bounce = Bounce(
            key="k", subscriber=jane.id, mailing=mailing.id, at=at, kind=BounceKind.SOFT,
            code=452, status="4.2.2", said="mailbox full", source="file",
        )  # fmt: skip
        store.subscribers.add_bounce(bounce)
    (held,) = room.said("export", "jane@example.org")["subscribers"]
    (delivery,) = held["deliveries"]
    assert delivery == {
        "issue": "letter/2017-07", "state": "sent", "at": "2017-07-12T07:00:00+00:00",
        "message_id": message_id("letter/2017-07", jane.id, "news.example.org"),
        "attempts": 1, "code": 250, "status": "", "said": "queued",
    }  # fmt: skip
    (told,) = held["bounces"]
    assert (told["kind"], told["code"], told["said"]) == ("soft", 452, "mailbox full")


def test_erasing_wants_to_be_sure(room: Room) -> None:
    room.enews("add", "jane@example.org")
    with pytest.raises(ConfigError, match="--yes"):
        room.enews("erase", "jane@example.org")
    assert room.states == {"jane@example.org": "active"}


def test_what_was_mistyped_is_said(room: Room) -> None:
    with pytest.raises(AddressError, match="no @"):
        room.enews("add", "jane")
    for option, word, near in (
        ("--topic", "caer", "care"),
        ("--newsletter", "lettre", "letter"),
        ("--language", "eng", "en"),
    ):
        with pytest.raises(ConfigError, match=f'{option} "{word}".*{near}'):
            room.enews("add", "jane@example.org", option, word)
    with pytest.raises(ConfigError, match="--newsletter"):
        room.enews("list", "--newsletter", "lettre")
    assert not (room.root / ".pipeline").exists() or room.states == {}


def test_of_two_newsletters_one_is_named(room: Room) -> None:
    with (room.root / "content/newsroom.toml").open("a", encoding="utf-8") as file:
        file.write(SECOND)
    with pytest.raises(ConfigError, match="letter or weekly"):
        room.enews("add", "jane@example.org")
    with pytest.raises(ConfigError, match="letter or weekly"):
        room.enews("import", room.list("email\njane@example.org\n"))
    text = "email,newsletters\njane@example.org,Weekly care\n"
    assert room.said("import", room.list(text), "--apply", "--json")["added"] == 1
    (jane,) = room.said("list", "--json", "--newsletter", "weekly")
    assert jane["newsletters"] == ["weekly"]
    assert room.said("list", "--json", "--newsletter", "letter") == []


@pytest.mark.parametrize(
    ("text", "source"), [(LISTMONK, "listmonk"), (MAILCHIMP, "Mailchimp"), (GHOST, "Ghost")]
)
def test_a_list_is_shown_before_it_is_taken(room: Room, text: str, source: str) -> None:
    path = room.list(text)
    state = ["--state", "active"] if source == "listmonk" else []
    shown = room.enews("import", path, *state)
    assert shown.stdout.startswith(f"list.csv: an export of {source}\n")
    assert "1  would be added" in shown.stdout
    assert shown.stdout.endswith("Nothing was changed yet. The same with --apply does it.\n")
    assert room.states == {}
    done = room.enews("import", path, "--apply", "--consent", "I want news", *state)
    assert "1  added" in done.stdout
    assert room.states["jane@example.org"] == "active"
    again = room.enews("import", path, "--apply", *state)
    assert again.stdout.endswith("Nothing to change.\n")
    record = room.said("export", "jane@example.org")["subscribers"][0]["record"]
    assert [(line["action"], line["how"], line["text"]) for line in record] == [
        ("imported", "import list.csv", "I want news")
    ]


def test_columns_that_are_not_used_are_named_on_lines_of_eighty(room: Room) -> None:
    shown = room.enews("import", room.list(MAILCHIMP)).stdout
    lines = shown.partition("\n\n")[0].splitlines()
    assert lines[-2:] == [
        "  not used:    Address, MEMBER_RATING, OPTIN_IP, LATITUDE, CC, LAST_CHANGED,",
        "               LEID, EUID, NOTES, TAGS",
    ]


def test_a_language_that_the_newsroom_has_not_is_told(room: Room) -> None:
    path = room.list("email,language\njane@example.org,de\njoe@example.org,en\n")
    assert "The report says more of 1 row" in room.enews("import", path, "--apply").stdout
    found = {one["address"]: one["language"] for one in room.said("list", "--json")}
    assert found == {"jane@example.org": "", "joe@example.org": "en"}


def test_the_report_says_what_is_wrong_row_by_row(room: Room) -> None:
    path = room.list("Mail;Who\n=cmd|x;Jane\njoe@example.org;Joe\nJOE@example.org;J\n")
    said = room.said("import", path, "--json", "--map", "name=Who")
    assert (said["rows"], said["added"], said["left_out"], said["repeated"]) == (3, 1, 1, 1)
    assert said["report"] == str(room.root / ".pipeline/imports/list-report.csv")
    with open(said["report"], encoding="utf-8", newline="") as file:  # noqa: PTH123
        rows = list(csv.reader(file))
    assert [row[:3] for row in rows] == [
        ["line", "column", "value"], ["2", "Mail", "'=cmd|x"], ["4", "Mail", "JOE@example.org"],
    ]  # fmt: skip
    assert rows[1][3:] == ["has no @", "expected an address such as name@example.org"]
    assert said["report_lines"] == 2
    elsewhere = room.root / "mine.csv"
    assert room.said("import", path, "--json", "--report", str(elsewhere))["report_lines"] == 2
    assert elsewhere.is_file()


def test_a_report_of_an_earlier_time_does_not_stay(room: Room) -> None:
    room.enews("import", room.list("email\nnobody\n"))
    report = room.root / ".pipeline/imports/list-report.csv"
    assert report.is_file()
    assert report.stat().st_mode & 0o077 == 0
    room.enews("import", room.list("email\na@example.org\n"))
    assert not report.exists()


def test_a_report_that_all_could_read_is_its_owners(room: Room) -> None:
    mine = room.root / "mine.csv"
    mine.write_text("old")
    mine.chmod(0o644)
    room.enews("import", room.list("email\nnobody\n"), "--report", str(mine))
    assert mine.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_report_that_cannot_be_written_hides_nothing(
    room: Room, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = room.list("email\nnobody\na@example.org\n")
    with pytest.raises(ConfigError, match="--report /dev/full: No space left"):
        main.main(
            ["-C", str(room.root), "subscriber", "import", path, "--apply", "--report",
             "/dev/full", *options],
            standalone_mode=False,
        )  # fmt: skip
    said = capsys.readouterr().out
    assert '"added": 1' in said if options else "1  added" in said
    assert room.states == {"a@example.org": "active"}


@pytest.mark.parametrize("ending", [ConfigError("it is gone"), KeyboardInterrupt()])
def test_an_import_that_ends_in_its_midst_says_how_far_it_came(
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ending: BaseException,
) -> None:
    monkeypatch.setattr(subscriber_flow, "BATCH", 2)
    path = room.list("email\n" + "".join(f"{n}@example.org\n" for n in range(5)))
    reading = SubscriberFile.rows

    def breaking(file: SubscriberFile) -> Iterator[Row]:
        yield from reading(file)
        raise ending

    monkeypatch.setattr(SubscriberFile, "rows", breaking)
    arguments = ["-C", str(room.root), "subscriber", "import", path]
    for applied in (False, True):
        with pytest.raises((ConfigError, click.Abort)):
            main.main([*arguments, *["--apply"] * applied], standalone_mode=False)
        said = capsys.readouterr().err
        assert ("4 rows are in: 4 added.\nThe same command finishes it." in said) is applied


def test_listmonks_word_alone_is_not_enough(room: Room) -> None:
    path = room.list(LISTMONK)
    done = room.enews("import", path, "--apply")
    assert "1  left out" in done.stdout
    assert "--state active" in done.stderr
    assert room.states == {"joe@example.org": "unsubscribed"}
    assert "--state" not in room.enews("import", path, "--apply", "--state", "active").stderr
    assert room.states == {"joe@example.org": "unsubscribed", "jane@example.org": "active"}


def test_what_is_not_used_is_said(room: Room) -> None:
    path = room.list("")
    Path(path).write_bytes(
        "email,Größe,Pr\u202enom\na@example.org,1,2\n".encode("cp1252", "ignore")
    )
    said = room.enews("import", path).stdout
    assert "  not used:    Gr<U+DCF6><U+DCDF>e, Prnom\n" in said
    assert room.said("import", path, "--json")["not_used"] == ["Gr<U+DCF6><U+DCDF>e", "Prnom"]


def test_who_is_erased_is_in_no_file_of_the_database(room: Room) -> None:
    for name in ("first", "gone", "last"):
        room.enews("add", f"{name}@example.org", "--name", "Petronella")
    other = App(settings(room.folders, {}))
    with other.store(print) as store:  # while somebody has it open the log stays
        list(store.subscribers.each())
        room.enews("erase", "gone@example.org", "--yes")
        held = [
            path.name
            for path in (room.root / ".pipeline").rglob("*")
            if path.is_file() and b"gone@example" in path.read_bytes()
        ]
    assert held == []


def test_what_cannot_be_imported(room: Room) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv: No such file"):
        room.enews("import", "none.csv")
    with pytest.raises(ConfigError, match=r"list\.csv: .*say which one does with --map"):
        room.enews("import", room.list("a,b\n1,2\n"))
    with pytest.raises(ConfigError, match=r"list\.csv: it is empty"):
        room.enews("import", room.list(""))
    for text in (MAILCHIMP, "email\na@example.org\n"):
        path = room.list(text, "nonsubscribed_email_audience_export_1f.csv")
        with pytest.raises(ConfigError, match="never subscribed"):
            room.enews("import", path)
    with pytest.raises(ConfigError, match="the list itself"):
        room.enews("import", room.list("email\n"), "--report", room.list("email\n"))
    with pytest.raises(ConfigError, match="--report"):
        room.enews("import", room.list("email\nnobody\n"), "--report", str(room.root))
    with pytest.raises(click.BadParameter, match="address=Email"):
        room.enews("import", room.list("email\n"), "--map", "Email")


def test_a_list_of_those_who_are_never_mailed(room: Room) -> None:
    path = room.list("email\na@example.org\nb@example.org\n")
    room.enews("add", "a@example.org")
    said = room.said("import", path, "--state", "suppressed", "--apply", "--json")
    assert said["suppressed"] == 2
    assert room.states == {"a@example.org": "suppressed"}
    listed = room.said("list", "--suppressed", "--json")
    assert {entry["address"] for entry in listed} == {"a@example.org", "b@example.org"}


def test_everyone_as_csv_is_a_list_to_import(room: Room, tmp_path: Path) -> None:
    room.enews("import", room.list(LISTMONK), "--apply", "--state", "active")
    room.enews("add", "eve@example.org", "--name", "=HYPERLINK(1)", "--topic", "care")
    exported = room.enews("export").stdout
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert [row["address"] for row in rows] == [
        "jane@example.org", "joe@example.org", "eve@example.org",
    ]  # fmt: skip
    assert [row["state"] for row in rows] == ["active", "unsubscribed", "active"]
    assert (rows[2]["name"], rows[2]["topics"]) == ("'=HYPERLINK(1)", "care")
    other = Room(tmp_path / "other")
    (other.root / "content").mkdir(parents=True)
    (other.root / "content/newsroom.toml").write_text(NEWSROOM, "utf-8")
    other.enews("import", other.list(exported), "--apply")
    assert other.states == room.states
    (eve,) = other.said("list", "--json", "--matching", "eve@")
    assert eve["name"] == "=HYPERLINK(1)"


def test_listing(room: Room) -> None:
    room.enews("import", room.list(LISTMONK), "--apply", "--state", "active")
    listed = room.enews("list")
    assert [line.split()[:3] for line in listed.stdout.splitlines()] == [
        ["jane@example.org", "active", "2017-07-12"],
        ["joe@example.org", "unsubscribed", "2017-07-12"],
    ]
    assert listed.stderr == "2 subscribers.\n1 active, 1 unsubscribed\n"
    assert room.enews("list", "--matching", "DOE").stdout.startswith("jane@")
    assert room.enews("list", "--state", "unsubscribed").stdout.startswith("joe@")
    assert room.enews("list", "--state", "pending").stdout == ""


def test_a_list_stands_in_columns(room: Room) -> None:
    long = f"{'x' * 48}@example.org"
    room.enews("add", long, "--name", "Jane Doe", "--topic", "care")
    room.enews("add", "joe@example.org", "--language", "en")
    room.enews("add", "eve@example.org")
    room.enews("unsubscribe", "eve@example.org")
    first, second, third = room.enews("list").stdout.splitlines()
    assert first.split() == [
        long, "active", "2017-07-12", "-", "letter", "care", "Jane", "Doe",
    ]  # fmt: skip
    assert second.split() == [
        "joe@example.org", "active", "2017-07-12", "en", "letter", "-", "-",
    ]  # fmt: skip
    assert third.split() == ["eve@example.org", "unsubscribed", "2017-07-12", "-", "-", "-", "-"]
    for word in ("active", "2017", "letter"):
        assert first.index(word) == second.index(word)
    assert third.index("2017") == first.index("2017")
    room.enews("suppress", long, "--reason", "by phone")
    room.enews("suppress", "joe@example.org")
    listed = room.enews("list", "--suppressed").stdout.splitlines()
    assert listed[0].index("2017") == listed[1].index("2017")


def test_an_address_of_great_length_moves_its_own_line_only() -> None:
    rows = [("a", "active", "x"), ("b" * 80, "", "y"), *[("c" * 70, "z", "")] * PAGE]
    lines = [click.unstyle(line) for line in aligned(rows)]
    assert lines[0] == f"{'a':<64}  active  x"
    assert lines[1] == f"{'b' * 80}  -       y"
    assert lines[-1] == f"{'c' * 70}  z       -"


def test_who_phones_is_unsubscribed(room: Room) -> None:
    room.enews("add", "jane@example.org")
    said = room.enews("unsubscribe", "jane@example.org")
    assert said.output == "Unsubscribed: jane@example.org is unsubscribed and gets nothing.\n"
    again = room.enews("unsubscribe", "jane@example.org", "--newsletter", "letter")
    assert again.output == "Nothing to end: jane@example.org is unsubscribed and gets nothing.\n"
    assert room.said("unsubscribe", "jane@example.org", "--json")["changed"] is False
    with pytest.raises(SubscriberError, match="--again"):
        room.enews("add", "jane@example.org")
    with pytest.raises(SubscriberError, match="nobody has joe@"):
        room.enews("unsubscribe", "joe@example.org")
    with pytest.raises(ConfigError, match="--newsletter"):
        room.enews("unsubscribe", "jane@example.org", "--newsletter", "lettre")


def test_what_is_kept_is_put_right(room: Room) -> None:
    room.enews("add", "jane@example.org", "--name", "Jnae", "--topic", "care")
    said = room.said(
        "change", "jane@example.org", "--name", "Jane", "--language", "en", "--topic", "",
        "--address", "doe@example.org", "--json",
    )  # fmt: skip
    assert (said["changed"], said["address"], said["name"]) == (True, "doe@example.org", "Jane")
    assert (said["language"], said["topics"]) == ("en", [])
    same = room.enews("change", "doe@example.org", "--name", "Jane")
    assert same.output == "doe@example.org is so already.\n"
    bare = room.enews(
        "change", "doe@example.org", "--name", "", "--language", "", "--topic", "care"
    )
    assert bare.output == "Changed doe@example.org.\n"
    (one,) = room.said("list", "--json")
    assert (one["name"], one["language"], one["topics"]) == ("", "", ["care"])
    moved = room.enews("change", "doe@example.org", "--address", "jane@example.org")
    assert "suppress doe@example.org" in moved.stderr
    with pytest.raises(ConfigError, match="--name"):
        room.enews("change", "jane@example.org")
    with pytest.raises(ConfigError, match="--topic"):
        room.enews("change", "jane@example.org", "--topic", "caer")


def test_erasing_finds_what_lies_outside_of_the_database(room: Room) -> None:
    """Letters, reports of imports, and messages that nobody understood."""
    room.enews("add", "jane@example.org")
    room.enews("change", "jane@example.org", "--address", "doe@example.org")
    state = room.folders.state
    box, unknown, reports = state / "outbox/letter/2017-07", state / "bounces/unknown", "imports"
    box.mkdir(parents=True)
    letters = {
        "1-jane@example.org.eml": "To: Jane <jane@example.org>",
        "2-DOE@example.org.eml": "To: DOE@example.org",
        "3-mary.jane@example.org.eml": "To: mary.jane@example.org",
        "4-__@example.org.eml": "To: 例え@example.org",
        "jane@example.org.eml": "To: jane@example.org",
    }
    for name, to in letters.items():
        (box / name).write_bytes(f"{to}\r\n\r\nHello\r\n".encode())
    unknown.mkdir(parents=True)
    (unknown / "a.eml").write_bytes(b"Away\r\n\r\nJane@Example.org is on leave")
    (unknown / "b.eml").write_bytes(b"Away\r\n\r\nmary-jane@example.org is on leave")
    room.enews("import", room.list("email\nJANE@example.org\njane@example.org\njoe@\n"))
    room.enews("import", room.list("email\ndoe@example.org\nDOE@example.org\n", "two.csv"))
    (state / reports / "mine.csv").write_text("a,b\n", "utf-8")
    said = room.said("erase", "doe@example.org", "--yes", "--json")
    assert said == {
        "erased": True,
        "cleared": [
            str(box / "1-jane@example.org.eml"), str(box / "2-DOE@example.org.eml"),
            str(state / reports / "list-report.csv"), str(state / reports / "two-report.csv"),
        ],
        "left": [str(state / reports / "mine.csv"), str(unknown / "a.eml")],
    }  # fmt: skip
    assert {path.name for path in box.iterdir()} == set(list(letters)[2:])
    report = state / reports / "list-report.csv"
    assert [row[2] for row in csv.reader(report.read_text("utf-8").splitlines())] == [
        "value", "joe@",
    ]  # fmt: skip
    assert report.stat().st_mode & 0o077 == 0
    assert not (state / reports / "two-report.csv").exists()
    again = room.enews("erase", "例え@example.org", "--yes")
    assert again.stdout.startswith("Nothing is held of 例え@example.org in the database.\n")
    assert "Removed from 1 file" in again.stdout
    told = room.enews("erase", "jane@example.org", "--yes").stdout
    assert str(unknown / "a.eml") in told


def test_the_bar_is_for_terminals(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    path = room.list("email\na@example.org\n")
    assert room.enews("import", path).stderr == ""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with open_subscribers(Path(path)) as file, subscriber_import._bar(file) as tick:
        assert len(list(file.rows())) == 1
        tick()
    assert "Reading" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_garbage_is_looked_for_while_many_people_pass(room: Room) -> None:
    app = App(settings(room.folders, {}))
    gc.disable()
    try:
        with app.store(print):
            assert gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_outside_of_a_newsroom(tmp_path: Path) -> None:
    for arguments in (["list"], ["add", "a@example.org"], ["export", "a@example.org"]):
        with pytest.raises(ConfigError, match="enews init"):
            Room(tmp_path).enews(*arguments)
    assert list(tmp_path.iterdir()) == []
