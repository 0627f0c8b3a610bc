"""What the port `Output` promises, on real folders."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.jobs.forked import ForkedJobs
from pipeline.jobs.inline import InlineJobs
from pipeline.ports.building import Changes
from tests.newsrooms import stamps
from tests.output_room import HOME, SITE, Room

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS_LAST = {**SITE, "a.txt": "A", "f.txt": "f"}


@pytest.fixture(
    params=[
        pytest.param(InlineJobs(), id="inline"),
        pytest.param(ForkedJobs(2, worth=1), id="two processes"),
    ]
)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Room:
    return Room(tmp_path, request.param)


def test_a_first_build_is_all_new(room: Room) -> None:
    assert room.publish(SITE) == Changes(new=("a.txt", "b/c.txt", "b/d/e.txt", "index.html"))
    assert room.holds(SITE)
    assert not room.spare.exists()


def test_it_says_what_is_new_changed_removed_and_unchanged(room: Room) -> None:
    room.publish(SITE)
    site = {"index.html": HOME, "a.txt": "A", "b/d/e.txt": "e", "f.txt": "f"}
    assert room.publish(site) == Changes(
        new=("f.txt",), changed=("a.txt",), removed=("b/c.txt",), unchanged=2
    )
    assert room.holds(site)
    assert room.twins()


def test_nothing_to_do_touches_nothing(room: Room) -> None:
    room.publish(SITE)
    before, folder = stamps(room.live), room.live.stat().st_ino
    assert room.publish(SITE) == Changes(unchanged=4)
    assert (stamps(room.live), room.live.stat().st_ino) == (before, folder)
    assert room.intact()


def test_a_new_key_with_the_same_bytes_touches_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.publish(SITE)
    before, folder = stamps(room.live), room.live.stat().st_ino
    room.rendered.clear()
    assert room.publish(SITE, code="other code") == Changes(unchanged=4)
    assert len(room.rendered) == 4
    assert (stamps(room.live), room.live.stat().st_ino) == (before, folder)
    assert room.twins()


def test_files_that_stay_keep_inode_and_time_over_many_builds(room: Room) -> None:
    room.publish(SITE)
    first = stamps(room.live)
    for number in range(5):
        room.publish({**SITE, "a.txt": f"number {number}", f"{number}.txt": "new each time"})
        now = stamps(room.live)
        assert {path: now[path] for path in SITE if path != "a.txt"} == {
            path: first[path] for path in SITE if path != "a.txt"
        }
        assert room.twins()


def test_only_pages_with_a_new_key_are_rendered(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.publish(SITE)
    room.rendered.clear()
    room.publish({**SITE, "a.txt": "A"})
    assert room.rendered == ["a.txt"]


def test_gone_files_go_with_the_folders_they_leave_empty(room: Room) -> None:
    room.publish(SITE)
    assert room.publish({"index.html": HOME}).removed == ("a.txt", "b/c.txt", "b/d/e.txt")
    assert sorted(room.live.iterdir()) == [room.live / "index.html"]
    assert sorted(room.spare.iterdir()) == [room.spare / "index.html"]


def test_a_file_becomes_a_folder_and_a_file_again(room: Room) -> None:
    as_file = {"index.html": HOME, "x": "file"}
    as_folder = {"index.html": HOME, "x/y/z.txt": "below"}
    room.publish(as_file)
    assert room.publish(as_folder) == Changes(new=("x/y/z.txt",), removed=("x",), unchanged=1)
    assert room.holds(as_folder)
    assert room.publish(as_file) == Changes(new=("x",), removed=("x/y/z.txt",), unchanged=1)
    assert room.holds(as_file)
    assert room.twins()
    room.publish(as_folder)
    assert room.holds(as_folder)


def test_the_folder_keeps_its_mode(room: Room) -> None:
    room.publish(SITE)
    room.live.chmod(0o750)
    room.publish({**SITE, "a.txt": "A"})
    assert room.live.stat().st_mode & 0o777 == 0o750


def test_an_error_while_rendering_leaves_the_live_tree_alone(room: Room) -> None:
    room.publish(SITE)
    before, folder = stamps(room.live), room.live.stat().st_ino
    broken = {"index.html": HOME, "a.txt": "A", "new.txt": "new", "z.txt": "error"}
    with pytest.raises(ZeroDivisionError):
        room.publish(broken)
    assert (stamps(room.live), room.live.stat().st_ino) == (before, folder)
    mended = {**broken, "z.txt": "z"}
    assert room.publish(mended).removed == ("b/c.txt", "b/d/e.txt")
    assert room.holds(mended)
    assert room.twins()


def test_an_error_in_a_first_build_leaves_nothing(room: Room) -> None:
    with pytest.raises(ZeroDivisionError):
        room.publish({**SITE, "z.txt": "error"})
    assert not room.live.exists()
    room.publish(SITE)
    assert room.holds(SITE)


def touched(live: Path) -> None:
    os.utime(live / "a.txt", (1, 1))


def rewritten_in_place(live: Path) -> None:
    (live / "a.txt").write_text("other, longer")


def same_size_in_place(live: Path) -> None:
    (live / "a.txt").write_text("z")


def truncated(live: Path) -> None:
    (live / "a.txt").write_text("")


def replaced_by_an_equal_copy(live: Path) -> None:
    (live / "copy").write_text("a")
    (live / "copy").replace(live / "a.txt")


def one_deleted(live: Path) -> None:
    (live / "a.txt").unlink()


def home_deleted(live: Path) -> None:
    (live / "index.html").unlink()


def home_truncated(live: Path) -> None:
    (live / "index.html").write_text("")


def folder_deleted(live: Path) -> None:
    shutil.rmtree(live / "b")


def all_deleted(live: Path) -> None:
    shutil.rmtree(live)


def emptied(live: Path) -> None:
    shutil.rmtree(live)
    live.mkdir()


def copied_elsewhere_and_back(live: Path) -> None:
    shutil.copytree(live, live.with_name("aside"))
    shutil.rmtree(live)
    live.with_name("aside").rename(live)


def strangers_added(live: Path) -> None:
    (live / "stranger.txt").write_text("s")
    (live / "b" / "stranger.txt").write_text("s")
    (live / "strange" / "folder").mkdir(parents=True)
    (live / "strange" / "folder" / "x.txt").write_text("s")


def stranger_at_a_place_that_comes(live: Path) -> None:
    (live / "f.txt").write_text("not f")


def link_added(live: Path) -> None:
    (live / "link").symlink_to(live.parent)
    (live / "nowhere").symlink_to("/no/such/place")


def file_became_folder(live: Path) -> None:
    (live / "a.txt").unlink()
    (live / "a.txt").mkdir()
    (live / "a.txt" / "x").write_text("s")


def file_became_empty_folder(live: Path) -> None:
    (live / "a.txt").unlink()
    (live / "a.txt").mkdir()


def folder_became_file(live: Path) -> None:
    shutil.rmtree(live / "b")
    (live / "b").write_text("s")


def folder_became_link(live: Path) -> None:
    (live / "b").rename(live.with_name("elsewhere"))
    (live / "b").symlink_to("../elsewhere")


def file_became_link(live: Path) -> None:
    (live / "a.txt").rename(live.with_name("elsewhere.txt"))
    (live / "a.txt").symlink_to("../elsewhere.txt")


def modes_changed(live: Path) -> None:
    (live / "a.txt").chmod(0o600)
    (live / "b").chmod(0o755)


DAMAGE = [
    touched,
    rewritten_in_place,
    same_size_in_place,
    truncated,
    replaced_by_an_equal_copy,
    one_deleted,
    home_deleted,
    home_truncated,
    folder_deleted,
    all_deleted,
    emptied,
    copied_elsewhere_and_back,
    strangers_added,
    stranger_at_a_place_that_comes,
    link_added,
    file_became_folder,
    file_became_empty_folder,
    folder_became_file,
    folder_became_link,
    file_became_link,
    modes_changed,
]


@pytest.mark.parametrize("after", [SITE, FOLDERS_LAST], ids=["same site", "new site"])
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_what_others_did_to_the_output_is_healed(tmp_path: Path, damage, after) -> None:  # type: ignore[no-untyped-def]
    room = Room(tmp_path)
    room.publish({**SITE, "before.txt": "gone since"})
    room.publish(SITE)
    damage(room.live)
    room.publish(after)
    assert room.holds(after)
    # Nothing of it comes back out of the other tree, and all is quiet again.
    for site in ({**after, "a.txt": "later"}, {**after, "a.txt": "still later"}, after):
        room.publish(site)
        assert room.holds(site)
        assert room.twins()
        assert room.publish(site) == Changes(unchanged=len(site))
        assert room.intact()


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_what_others_did_is_seen_before_a_build_says_that_all_is_well(  # type: ignore[no-untyped-def]
    tmp_path: Path, damage
) -> None:
    room = Room(tmp_path)
    room.publish(SITE)
    assert room.intact()
    damage(room.live)
    if damage not in (modes_changed, folder_became_link):
        assert not room.intact() or room.holds(SITE)


def test_what_was_deleted_by_hand_and_is_not_wanted_stays_gone(room: Room) -> None:
    room.publish(SITE)
    (room.live / "a.txt").unlink()
    rest = {path: text for path, text in SITE.items() if path != "a.txt"}
    room.publish(rest)
    assert room.holds(rest)
    for text in ("1", "2"):
        room.publish({**rest, "b/c.txt": text})
        assert room.holds({**rest, "b/c.txt": text})
    assert room.twins()


def test_what_begins_with_a_dot_at_the_top_is_left_where_it_is(room: Room) -> None:
    room.publish(SITE)
    (room.live / ".git" / "objects").mkdir(parents=True)
    (room.live / ".git" / "objects" / "x").write_text("kept")
    (room.live / ".nojekyll").touch()
    for text in ("1", "2", "3"):
        room.publish({**SITE, "a.txt": text})
        assert (room.live / ".git" / "objects" / "x").read_text() == "kept"
        assert (room.live / ".nojekyll").exists()
        assert not (room.spare / ".git").exists()
    assert room.intact()


def test_a_folder_with_nothing_but_dots_is_as_good_as_empty(room: Room) -> None:
    (room.live / ".git").mkdir(parents=True)
    room.publish(SITE)
    assert (room.live / ".git").is_dir()
    assert (room.live / "b/d/e.txt").read_text() == "e"


def test_dots_left_in_the_spare_tree_by_a_kill_come_back(room: Room) -> None:
    room.publish(SITE)
    room.publish({**SITE, "a.txt": "B"})
    (room.spare / ".git").mkdir()
    room.publish({**SITE, "a.txt": "A"})
    assert (room.live / ".git").is_dir()
    assert not (room.spare / ".git").exists()
