"""`enews issue`, from an empty folder to a released issue that nothing can move."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.core.issue import UNSUBSCRIBE
from pipeline.mail.message import parts
from tests.newsrooms import compiled

if TYPE_CHECKING:
    from pathlib import Path

NEWSROOM = """\
[newsroom]
title = "Small room"
base_url = "https://news.example.org"
language = "en"
timezone = "Europe/Zurich"
authority = "news.example.org,2016"
[kinds]
news = "News"
champion = "Champions"
[[listings]]
path = "news"
title = "News"
kinds = ["news", "champion"]
[[newsletters]]
key = "letter"
title = "The letter"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "last working day 09:00"
announce_as = "news"
[[newsletters.sections]]
title = "First"
kinds = ["news"]
limit = 1
lead = true
[[newsletters.sections]]
title = "News of {month} {year}"
kinds = ["news"]
limit = 3
[[newsletters.sections]]
title = "Champion"
kinds = ["champion"]
limit = 1
"""
JUNE, JULY = "2017-06-30T12:00+02:00", "2017-07-31T12:00+02:00"


@dataclass
class Room:
    """A newsroom in a folder, and the command run in it."""

    folder: Path
    now: str = JUNE

    def run(self, *arguments: str) -> tuple[int, str]:
        found = CliRunner().invoke(
            main,
            ["-C", str(self.folder), *arguments],
            env={"ENEWS_NOW": self.now},
            catch_exceptions=False,
            standalone_mode=False,
        )
        return found.return_value or 0, found.output

    def ask(self, *arguments: str) -> Any:  # whatever JSON says
        code, output = self.run("issue", *arguments, "--json")
        assert code == 0, output
        return json.loads(output)

    def item(self, name: str, more: str = "kind: news", body: str = "Body.") -> None:
        path = self.folder / "content/items" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: Title of {name[11:]}\n{more}\n---\n{body}\n", "utf-8")

    def issue(self, name: str) -> Path:
        return self.folder / "content/issues/letter" / name

    def output(self, name: str) -> bytes:
        return (self.folder / "output/issues/letter" / name).read_bytes()

    def release(self, name: str) -> None:
        digest = self.ask("show", name)["digest"]
        assert self.run("issue", "release", name, "--digest", digest)[0] == 0


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/newsroom.toml").write_text(NEWSROOM, "utf-8")
    compiled(tmp_path)
    found = Room(tmp_path)
    for number in range(1, 5):
        found.item(f"2017-06-0{number}-n{number}")
    return found


def test_from_build_to_release(room: Room) -> None:
    built = room.ask("build")
    assert (built["id"], built["number"], built["made"]) == ("letter/2017-01", 1, "created")
    assert built["title"] == "The letter No. 1, June 2017"
    assert built["lead"] == "2017-06-04-n4"
    assert built["sections"] == [
        {"title": "News of June 2017", "items": [f"2017-06-0{n}-n{n}" for n in (3, 2, 1)]}
    ]
    raw = room.output("2017-01/email.eml")
    assert hashlib.sha256(raw).hexdigest() == built["digest"]
    assert built["sizes"]["eml"] == len(raw)
    assert parts(raw).text.encode() == room.output("2017-01/email.txt")
    assert parts(raw).html.encode() == room.output("2017-01/email.html")
    assert UNSUBSCRIBE.encode() in raw
    assert b"subscriber.invalid" not in room.output("2017-01/index.html")
    assert b"noindex" in room.output("2017-01/index.html")
    room.release("letter/2017-01")
    assert room.issue("2017-01.eml").read_bytes() == raw
    assert b"noindex" not in room.output("2017-01/index.html")
    for feed in ("feed.xml", "issues/letter/feed.xml", "kinds/news/feed.xml"):
        assert b"issue-letter-2017-01" in (room.folder / "output" / feed).read_bytes()


def test_building_again_is_the_same_issue_with_the_editors_edits(room: Room) -> None:
    first = room.ask("build")
    assert room.ask("build")["digest"] == first["digest"]
    plan = room.issue("2017-01.md")
    text = plan.read_text("utf-8").replace("      - 2017-06-02-n2  # Title of n2\n", "")
    text = text.replace("News of June 2017", "Seen around") + "\nDear **readers**, {{ name }}\n"
    plan.write_text(text, "utf-8")
    second = room.ask("build")
    assert plan.read_text("utf-8") == text
    assert (second["made"], second["digest"] == first["digest"]) == ("kept", False)
    assert second["sections"][0]["title"] == "Seen around"
    assert {"id": "2017-06-02-n2", "reason": "taken out by the editor"}.items() <= second[
        "left_out"
    ][0].items()
    assert b"Dear *readers*, {{ name }}" in room.output("2017-01/email.txt")


def test_a_refresh_adds_what_is_new_and_brings_nothing_back(room: Room) -> None:
    room.ask("build")
    plan = room.issue("2017-01.md")
    text = plan.read_text("utf-8").replace("      - 2017-06-02-n2  # Title of n2\n", "")
    plan.write_text(text.replace("lead:", "# my lead\nlead:"), "utf-8")
    room.item("2017-06-20-new")
    room.item("2017-06-21-champ", "kind: champion")
    kept = room.ask("build")
    assert {out["id"]: out["why"] for out in kept["left_out"]} == {
        "2017-06-21-champ": "new",
        "2017-06-20-new": "new",
        "2017-06-02-n2": "dropped",
    }
    found = room.ask("build", "--refresh")
    assert (found["made"], found["added"]) == ("refreshed", ["2017-06-21-champ", "2017-06-20-new"])
    assert [section["items"] for section in found["sections"]] == [
        ["2017-06-03-n3", "2017-06-01-n1", "2017-06-20-new"],
        ["2017-06-21-champ"],
    ]
    assert "# my lead\n" in plan.read_text("utf-8")
    assert room.ask("build", "--refresh")["made"] == "kept"


def test_nothing_new_means_no_issue(room: Room) -> None:
    room.ask("build")
    room.now = JULY
    code, output = room.run("issue", "build")
    assert code == 0
    assert "Nothing new for letter: no issue." in output
    assert not room.issue("2017-02.md").exists()
    found = room.ask("build")
    assert (found["made"], found["id"], found["digest"]) == ("nothing", None, None)
    assert {out["reason"] for out in found["left_out"]} == {"carried by letter/2017-01"}


def test_the_next_issue_takes_what_no_other_carried(room: Room) -> None:
    room.ask("build")
    room.release("2017-01")
    room.now = JULY
    room.item("2017-06-30-late")
    room.item("2017-07-20-new")
    found = room.ask("build")
    assert (found["id"], found["title"]) == ("letter/2017-02", "The letter No. 2, July 2017")
    assert [item["id"] for item in found["items"]] == ["2017-07-20-new", "2017-06-30-late"]
    assert not any(out["id"].startswith("issue-") for out in found["left_out"])


def test_numbers_specials_and_a_second_one_in_the_period(room: Room) -> None:
    special = room.ask("build", "--special", "Academy in Seoul")
    assert (special["id"], special["number"]) == ("letter/2017-academy-in-seoul", None)
    assert special["title"] == "Academy in Seoul"
    assert room.ask("build", "--special", "Academy in Seoul")["made"] == "kept"
    room.item("2017-06-20-new")
    assert room.ask("build")["id"] == "letter/2017-01"
    room.item("2017-06-21-newer")
    assert room.ask("build")["id"] == "letter/2017-01"
    assert room.ask("build", "--new")["id"] == "letter/2017-02"
    assert room.ask("build")["id"] == "letter/2017-02"
    assert [listed["id"] for listed in room.ask("list")] == [
        "letter/2017-academy-in-seoul",
        "letter/2017-02",
        "letter/2017-01",
    ]


def test_only_the_reviewed_bytes_are_released(room: Room) -> None:
    digest = room.ask("build")["digest"]
    room.item("2017-06-03-n3", "kind: news\nsummary: Another")
    code, output = room.run("issue", "release", "2017-01", "--digest", digest)
    actual = room.ask("show", "2017-01")["digest"]
    assert code == 1
    assert digest in output
    assert actual in output
    assert not room.issue("2017-01.lock.json").exists()
    assert room.run("issue", "release", "2017-01", "--digest", actual[:12])[0] == 0
    assert room.run("issue", "release", "2017-01", "--digest", actual)[0] == 0
    assert "already released" in room.run("issue", "release", "2017-01", "--digest", actual)[1]
    assert room.run("issue", "release", "2017-01", "--digest", digest)[0] == 1
    for wrong in ("", "abc", actual[:11], "g" * 64, f"{actual}0"):
        assert room.run("issue", "release", "2017-01", "--digest", wrong)[0] == 2


def test_a_released_issue_never_changes(room: Room) -> None:
    room.ask("build")
    room.release("2017-01")
    names = ("index.html", "email.html", "email.txt", "email.eml")
    before = {name: room.output(f"2017-01/{name}") for name in names}
    room.item("2017-06-03-n3", "kind: news\nsummary: Another")
    (room.folder / "content/items/2017-06-01-n1.md").unlink()
    own = room.folder / "templates/email"
    own.mkdir(parents=True)
    (own / "issue.html").write_text("<html><body>{{ issue.title }}</body></html>", "utf-8")
    (own / "issue.txt").write_text("x", "utf-8")
    room.issue("2017-01.md").write_text("not even front matter", "utf-8")
    assert room.run("build", "--withdraw", "2017-06-01-n1")[0] == 0
    assert {name: room.output(f"2017-01/{name}") for name in names} == before
    listed = room.ask("list")[0]
    assert listed["released"]
    assert listed["differ"] == ["2017-06-03-n3", "2017-06-01-n1"]
    assert "differ from what was released" in room.run("issue", "list")[1]
    assert room.ask("build")["made"] == "released"


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_message_that_was_tampered_with_is_named(room: Room, harm: str) -> None:
    room.ask("build")
    room.release("2017-01")
    message = room.issue("2017-01.eml")
    raw = message.read_bytes()
    message.unlink()
    if harm == "changed":
        message.write_bytes(raw.replace(b"letter", b"Letter", 1))
    for command in (["build"], ["check"], ["issue", "list"], ["issue", "show", "2017-01"]):
        code, output = room.run(*command)
        assert code == 3
        assert "issues/letter/2017-01.eml" in output
    assert room.output("2017-01/email.eml") == raw


def test_a_release_that_was_cut_off_before_its_lock_can_be_done_again(room: Room) -> None:
    room.ask("build")
    room.issue("2017-01.eml").write_bytes(room.output("2017-01/email.eml"))
    room.release("2017-01")
    assert room.issue("2017-01.eml").read_bytes() == room.output("2017-01/email.eml")


def test_a_message_that_was_sent_is_never_written_over(room: Room) -> None:
    room.ask("build")
    room.issue("2017-01.eml").write_bytes(b"what was sent before the lock was lost")
    digest = room.ask("show", "2017-01")["digest"]
    code, output = room.run("issue", "release", "2017-01", "--digest", digest)
    assert code == 1
    assert "restore its lock from version control" in output
    assert room.issue("2017-01.eml").read_bytes() == b"what was sent before the lock was lost"
    assert not room.issue("2017-01.lock.json").exists()


def test_what_readers_could_not_open_is_not_released(room: Room) -> None:
    room.ask("build")
    room.item("2017-06-03-n3", "kind: news\ndraft: true")
    shown = room.ask("show", "2017-01")
    assert [item["note"] for item in shown["items"]] == ["", "a draft", "", ""]
    code, output = room.run("issue", "release", "2017-01", "--digest", shown["digest"])
    assert code == 1
    assert "2017-06-03-n3 (a draft)" in output


def test_an_item_that_is_not_there_is_a_problem_with_its_line(room: Room) -> None:
    room.ask("build")
    plan = room.issue("2017-01.md")
    plan.write_text(
        plan.read_text("utf-8").replace("- 2017-06-03-n3 ", "- 2017-06-03-n9 ", 1), "utf-8"
    )
    code, output = room.run("check")
    assert code == 3
    assert "issues/letter/2017-01.md" in output
    assert '"2017-06-03-n9"' in output
    assert "did you mean" in output


def test_unknown_names_say_the_nearest_known_one(room: Room) -> None:
    room.ask("build")
    for arguments, near in (
        (["build", "leter"], "letter"),
        (["show", "letter/2017-1"], "letter/2017-01"),
        (["release", "2016-01", "--digest", "0" * 64], "letter/2017-01"),
    ):
        code, output = room.run("issue", *arguments)
        assert code == 2
        assert near in output


def test_an_issue_that_was_released_keeps_its_number_without_its_plan(room: Room) -> None:
    room.ask("build")
    room.release("2017-01")
    room.issue("2017-01.md").unlink()
    room.item("2017-06-20-new")
    assert room.ask("build")["made"] == "released"
    assert room.ask("build", "--new")["id"] == "letter/2017-02"


def test_show_names_the_release_only_where_it_would_pass(room: Room) -> None:
    for command in (["build"], ["show", "2017-01"]):
        assert "To release: enews issue release" in room.run("issue", *command)[1]
    room.item("2017-06-03-n3", "kind: news\ndraft: true")
    for command in (["build"], ["show", "2017-01"]):
        output = room.run("issue", *command)[1]
        assert "Mend 1 finding first: enews issue check letter/2017-01" in output
        assert "issue release" not in output
    room.item("2017-06-03-n3")
    room.release("2017-01")
    output = room.run("issue", "show", "2017-01")[1]
    assert "To release" not in output
    assert "Mend" not in output


def test_show_tells_an_editor_everything(room: Room) -> None:
    room.item("2017-06-10-skipped", "kind: news\nissue: skip")
    digest = room.ask("build")["digest"]
    _, output = room.run("issue", "show", "2017-01")
    for told in (
        "The letter No. 1, June 2017",
        "Lead",
        "Title of n4",
        "News of June 2017",
        "Left out",
        "kept out of newsletters (issue: skip)",
        "Subject    The letter No. 1, June 2017",
        "Preheader  Title of n4 · Title of n3 · Title of n2",
        f"Digest     {digest}",
        f"enews issue release letter/2017-01 --digest {digest[:16]}",
    ):
        assert told in output
