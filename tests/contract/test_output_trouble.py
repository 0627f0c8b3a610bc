"""The port `Output` where disks, systems and other people are against it."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.output import trees
from pipeline.ports.building import Changes
from tests.newsrooms import stamps
from tests.output_room import HOME, SITE, Room

NEXT = {"index.html": HOME, "a.txt": "A", "b/d/e.txt": "e", "x/y.txt": "y"}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def heals(room: Room) -> None:
    """Several builds after the trouble: each right, nothing from before comes back."""
    for site in (NEXT, {**NEXT, "a.txt": "later"}, {**NEXT, "a.txt": "later still"}, SITE):
        room.publish(site)
        assert room.holds(site)
        assert room.twins()
        assert room.publish(site) == Changes(unchanged=len(site))


# The output is not a folder of ours.


def test_a_folder_that_others_filled_is_refused(room: Room) -> None:
    room.live.mkdir()
    (room.live / "thesis.txt").write_text("my only copy")
    (room.live / "index.html").write_text("<title>My own page</title>")
    with pytest.raises(OutputError, match="holds files that this program did not make"):
        room.publish(SITE)
    assert (room.live / "thesis.txt").read_text() == "my only copy"


def test_an_empty_folder_is_welcome(room: Room) -> None:
    room.live.mkdir()
    room.publish(SITE)
    assert room.holds(SITE)
    heals(room)


def test_a_file_is_refused(room: Room) -> None:
    room.live.write_text("a file")
    with pytest.raises(OutputError, match="is not a folder"):
        room.publish(SITE)
    assert room.live.read_text() == "a file"


@pytest.mark.parametrize("target", ["elsewhere", "no/such/place"])
def test_a_link_is_refused(room: Room, target: str) -> None:
    room.live.with_name("elsewhere").mkdir()
    room.live.symlink_to(target)
    with pytest.raises(OutputError, match="is a link"):
        room.publish(SITE)
    assert room.live.is_symlink()


def test_a_place_below_a_file_is_a_clear_error(tmp_path: Path) -> None:
    room = Room(tmp_path)
    (tmp_path / "file").touch()
    room.live = tmp_path / "file" / "output"
    with pytest.raises(OutputError, match=r"file.* cannot be written"):
        room.publish(SITE)


def test_templates_that_do_not_sign_are_known_by_what_was_written(room: Room) -> None:
    site = {"index.html": "<title>No generator here</title>", "a.txt": "a"}
    room.publish(site)
    room.publish({**site, "a.txt": "A"})
    assert room.holds({**site, "a.txt": "A"})


def test_templates_that_do_not_sign_are_known_by_the_feed(room: Room) -> None:
    site = {"index.html": "<title>Plain</title>", "atom.xml": "<generator>enewsupdate</generator>"}
    room.publish(site)
    room.lose_memory()
    room.publish({**site, "a.txt": "A"})
    assert room.holds({**site, "a.txt": "A"})


# The system has no exchange, or no links.


def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_exchange_at_once", lambda _one, _other: False)


def test_without_the_system_call_two_renames_do_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_exchange(monkeypatch)
    room.publish(SITE)
    before = stamps(room.live)
    room.publish({**SITE, "a.txt": "A"})
    assert stamps(room.live)["b/c.txt"] == before["b/c.txt"]
    heals(room)
    assert sorted(path.name for path in room.live.parent.iterdir()) == ["output", "state"]


@pytest.mark.parametrize("renames", [1, 2], ids=["first", "second"])
def test_killed_between_the_renames_the_next_build_finishes(
    room: Room, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    room.publish(SITE)
    aside = room.live.with_name(".output.aside")
    room.publish({**SITE, "a.txt": "A"})
    # As a kill after that many renames leaves them.
    room.live.rename(aside)
    if renames == 2:
        room.spare.rename(room.live)
    without_exchange(monkeypatch)
    heals(room)
    assert not aside.exists()


def test_a_rename_that_fails_is_taken_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.publish(SITE)
    before = stamps(room.live)
    without_exchange(monkeypatch)
    rename = Path.rename

    def only_within(self: Path, target: Path) -> Path:
        if self == room.spare:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_within)
    with pytest.raises(OutputError, match=r"cannot be replaced.*mount point"):
        room.publish(NEXT)
    assert stamps(room.live) == before
    monkeypatch.undo()
    heals(room)


def test_a_mount_point_is_a_clear_error(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.publish(SITE)
    before = stamps(room.live)

    def busy(_one: bytes, _other: bytes) -> bool:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(trees, "_exchange_at_once", busy)
    with pytest.raises(OutputError, match="mount point"):
        room.publish(NEXT)
    assert stamps(room.live) == before
    monkeypatch.undo()
    heals(room)


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK])
def test_without_hard_links_there_are_copies(
    room: Room, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    room.publish(SITE)
    times = {path: time for path, (_, time) in stamps(room.live).items()}
    for text in ("1", "2", "3"):
        site = {**SITE, "a.txt": text}
        assert room.publish(site) == Changes(changed=("a.txt",), unchanged=3)
        assert room.holds(site)
        now = {path: time for path, (_, time) in stamps(room.live).items()}
        assert {**now, "a.txt": 0} == {**times, "a.txt": 0}
        assert room.publish(site) == Changes(unchanged=4)


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_full_disk_is_a_clear_error_and_no_half_site(
    room: Room, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    room.publish(SITE)
    calls = 0
    original = os.link

    def link(source: str, target: str) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), source)
        original(source, target)

    monkeypatch.setattr(os, "link", link)
    refused = ""
    try:
        room.publish(NEXT)
    except OutputError as error:
        refused = str(error)
    assert room.holds(SITE if refused else NEXT)
    assert "No space left" in refused or not refused
    monkeypatch.undo()
    heals(room)


def test_a_file_that_cannot_be_written_is_named(room: Room) -> None:
    room.publish({"index.html": HOME})
    with pytest.raises(OutputError, match=r"n{300}.* cannot be written: File name too long"):
        room.publish({"index.html": HOME, "n" * 300: "x"})
    assert room.holds({"index.html": HOME})
    heals(room)


# The state folder is lost, stale or damaged.


def spare_deleted(room: Room) -> None:
    shutil.rmtree(room.spare)


def spare_partly_deleted(room: Room) -> None:
    shutil.rmtree(room.spare / "b")


def spare_edited(room: Room) -> None:
    (room.spare / "b/d/e.txt").unlink()
    (room.spare / "b/d/e.txt").write_text("something else")


def spare_is_a_file(room: Room) -> None:
    shutil.rmtree(room.spare)
    room.spare.write_text("a file")


def database_deleted(room: Room) -> None:
    room.database.unlink()


def database_truncated(room: Room) -> None:
    raw = room.database.read_bytes()
    room.database.write_bytes(raw[: len(raw) // 2])


def database_emptied(room: Room) -> None:
    room.database.write_bytes(b"")


def database_is_something_else(room: Room) -> None:
    room.database.write_text("not a database, but a text that is long enough" * 100)


def memory_lost(room: Room) -> None:
    room.lose_memory()


def manifest_of_long_ago(room: Room) -> None:
    """A state folder restored from a backup that is older than the output."""
    backup = room.database.with_name("backup")
    shutil.copy(room.database, backup)
    room.publish({**SITE, "later.txt": "of a later build"})
    backup.replace(room.database)


TROUBLE = [
    spare_deleted,
    spare_partly_deleted,
    spare_edited,
    spare_is_a_file,
    database_deleted,
    database_truncated,
    database_emptied,
    database_is_something_else,
    memory_lost,
    manifest_of_long_ago,
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda trouble: trouble.__name__)
def test_a_damaged_state_costs_time_and_no_more(room: Room, trouble) -> None:  # type: ignore[no-untyped-def]
    room.publish({**SITE, "before.txt": "gone since"})
    room.publish(SITE)
    before = stamps(room.live)
    trouble(room)
    try:
        room.publish(NEXT)
    except (OutputError, sqlite3.DatabaseError):
        # Damage inside of the database: `App` deletes it and says so; the output is what it was.
        assert room.holds(SITE)
        room.lose_memory()
        room.publish(NEXT)
    assert room.holds(NEXT)
    assert stamps(room.live)["b/d/e.txt"] == before["b/d/e.txt"]
    heals(room)


def test_without_memory_gone_files_are_still_removed_and_named(room: Room) -> None:
    room.publish(SITE)
    room.lose_memory()
    assert room.publish(NEXT).removed == ("b/c.txt",)
    heals(room)


def test_other_code_renders_all_again_and_keeps_equal_files(room: Room) -> None:
    room.publish(SITE)
    before = stamps(room.live)
    room.rendered.clear()
    assert room.publish({**SITE, "a.txt": "A"}, code="new") == Changes(
        changed=("a.txt",), unchanged=3
    )
    assert sorted(room.rendered) == sorted(SITE)
    assert stamps(room.live)["b/c.txt"] == before["b/c.txt"]
    assert room.twins()


def test_a_state_folder_that_cannot_be_written_is_a_clear_error(room: Room) -> None:
    room.publish(SITE)
    shutil.rmtree(room.database.parent)
    room.database.parent.write_text("a file in its place")
    with pytest.raises((OutputError, FileExistsError)):
        room.publish(NEXT)
    assert room.holds(SITE)
