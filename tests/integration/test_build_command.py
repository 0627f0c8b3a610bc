"""`enews build` as people and scripts meet it: what it prints, how it ends, who waits for whom."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.newsrooms import (
    app_in,
    build,
    changes_in,
    cold,
    command,
    enews,
    environment,
    item,
    put,
    stamps,
    tree,
    write_newsroom,
)

if TYPE_CHECKING:
    from pathlib import Path

THREE = "items/2017/2017-03-05-three.md"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return write_newsroom(tmp_path / "room")


@pytest.fixture
def root(fresh: Path) -> Path:
    """A newsroom that was built before."""
    build(app_in(fresh))
    return fresh


def started(root: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(root, *arguments),
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


# What it says


def test_it_says_what_is_new_changed_and_removed(fresh: Path) -> None:
    first = enews(fresh, "build")
    assert (first.returncode, first.stderr) == (0, "")
    lines = first.stdout.splitlines()
    assert lines[0] == "  + 404.html"
    assert re.fullmatch(r"  \+ and \d+ more", lines[12])
    output = fresh / "output"
    count = len(tree(output))
    assert lines[13] == f"{count} new, 0 changed, 0 removed, 0 unchanged in {output}"

    again = enews(fresh, "build")
    assert again.stdout == f"Nothing changed; {count} files in {output}\n"

    put(fresh, "media/new.txt", "new")
    put(fresh, "media/notes.txt", "Other notes.\n")
    (fresh / "content" / "media" / "unused.txt").unlink(missing_ok=True)
    assert enews(fresh, "build").stdout.splitlines() == [
        "  + media/new.txt",
        "  ~ media/notes.txt",
        f"1 new, 1 changed, 0 removed, {count - 1} unchanged in {output}",
    ]
    (fresh / "content" / "media" / "new.txt").unlink()
    assert "  - media/new.txt\n" in enews(fresh, "build").stdout


def test_json_names_every_path(root: Path) -> None:
    put(root, "media/new.txt", "new")
    (root / "content" / "media" / "notes.txt").unlink()
    changes = changes_in(enews(root, "build", "--json"))
    unchanged = len(tree(root / "output")) - 1
    assert changes == {
        "new": ["media/new.txt"],
        "changed": [],
        "removed": ["media/notes.txt"],
        "unchanged": unchanged,
    }
    nothing = {"new": [], "changed": [], "removed": [], "unchanged": unchanged + 1}
    assert changes_in(enews(root, "build", "--json")) == nothing


def test_a_full_build_of_the_same_changes_nothing(root: Path) -> None:
    before = stamps(root / "output")
    assert enews(root, "build", "--full").stdout.startswith("Nothing changed")
    assert stamps(root / "output") == before


def test_problems_are_all_named_and_nothing_is_published(root: Path) -> None:
    before = stamps(root / "output")
    put(root, "items/bad.md", "no front matter")
    put(root, THREE, item("Three", "kind: newz"))
    result = enews(root, "build")
    assert (result.returncode, result.stdout) == (3, "")
    assert f'{THREE}:3: kind: found "newz": unknown kind; did you mean "news"?' in result.stderr
    assert "items/bad.md:1: " in result.stderr
    assert "2 problems in 2 files. Nothing was published." in result.stderr
    assert stamps(root / "output") == before

    result = enews(root, "build", "--json")
    assert (result.returncode, result.stderr) == (3, "")
    assert [problem["path"] for problem in json.loads(result.stdout)["problems"]] == [
        THREE,
        "items/bad.md",
    ]


def test_a_broken_template_is_named_with_its_line(root: Path) -> None:
    before = stamps(root / "output")
    own = root / "templates" / "site" / "404.html"
    own.parent.mkdir(parents=True)
    own.write_text("fine\n{{ nothing_of_the_kind }}\n")
    result = enews(root, "build")
    assert result.returncode == 1
    assert "templates/site/404.html:2: there is no 'nothing_of_the_kind' here" in result.stderr
    assert stamps(root / "output") == before
    own.unlink()
    assert enews(root, "build").stdout.startswith("Nothing changed")


def test_a_template_may_include_one_from_a_folder_of_its_own(root: Path) -> None:
    templates = root / "templates"
    for name in ("site", "parts"):
        (templates / name).mkdir(parents=True)
    (templates / "site" / "footer.html").write_text('{% include "parts/end.html" %}')
    for words in ("One end", "Another end"):
        (templates / "parts" / "end.html").write_text(words)
        time.sleep(0.03)
        build(app_in(root))
        assert words.encode() in (root / "output" / "index.html").read_bytes()


def test_an_edit_made_together_with_a_mistake_elsewhere_is_not_forgotten(root: Path) -> None:
    own = root / "templates" / "site" / "404.html"
    own.parent.mkdir(parents=True)
    own.write_text("{{ nothing_of_the_kind }}")
    put(root, THREE, item("Changed", "kind: champion"))
    time.sleep(0.03)
    assert enews(root, "build").returncode == 1
    own.unlink()
    assert "items/2017/three/index.html" in enews(root, "build").stdout


def test_an_edit_that_was_checked_first_is_not_forgotten(root: Path) -> None:
    put(root, THREE, item("Changed", "kind: champion"))
    time.sleep(0.03)
    assert enews(root, "check").returncode == 0
    assert "items/2017/three/index.html" in enews(root, "build").stdout


# Where things lie


def test_without_a_newsroom_it_says_what_to_do(tmp_path: Path) -> None:
    result = enews(tmp_path, "build")
    assert result.returncode == 2
    assert "newsroom.toml" in result.stderr
    assert "enews init" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    result = enews(tmp_path / "no" / "such" / "place", "build")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_three_folders_may_lie_elsewhere(root: Path, tmp_path: Path) -> None:
    usual = tree(root / "output")
    (root / "content").rename(tmp_path / "words")
    own = tmp_path / "looks" / "site"
    own.mkdir(parents=True)
    (own / "robots.txt").write_text("# ours\n")
    elsewhere = ["--content", str(tmp_path / "words"), "--templates", str(own.parent)]
    place = tmp_path / "web" / "site"
    changes = changes_in(enews(root, *elsewhere, "--output", str(place), "build", "--json"))
    assert changes["changed"] == []
    assert tree(place) == {**usual, "robots.txt": b"# ours\n"}
    assert tree(root / "output") == usual
    # Each output has a memory of its own.
    changes = changes_in(enews(root, *elsewhere, "--output", str(place), "build", "--json"))
    assert changes["unchanged"] == len(usual)


def test_folders_are_seen_from_the_newsroom(root: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [*command(root)[:3], "-C", "room", "--output", "public", "build"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (root / "public" / "index.html").exists()


def test_an_output_that_others_filled_is_refused(fresh: Path) -> None:
    (fresh / "output").mkdir()
    (fresh / "output" / "thesis.txt").write_text("my only copy")
    result = enews(fresh, "build")
    assert result.returncode == 1
    assert "holds files that this program did not make" in result.stderr
    assert [path.name for path in (fresh / "output").iterdir()] == ["thesis.txt"]


def test_a_state_folder_that_cannot_be_is_a_clear_error(root: Path) -> None:
    (root / ".pipeline").rename(root / "elsewhere")
    (root / ".pipeline").write_text("a file")
    result = enews(root, "build")
    assert result.returncode == 1
    assert re.search(r"Error: .*\.pipeline.* cannot be written", result.stderr)
    assert "Traceback" not in result.stderr


def test_a_damaged_cache_says_so_once_and_is_made_anew(root: Path) -> None:
    before = stamps(root / "output")
    database = root / ".pipeline" / "cache" / "build.sqlite"
    raw = bytearray(database.read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)
    database.write_bytes(raw)
    result = enews(root, "build")
    assert "Traceback" not in result.stderr
    if result.returncode:
        assert "run the command again" in result.stderr
        result = enews(root, "build")
    assert (result.returncode, result.stdout[:15]) == (0, "Nothing changed")
    assert stamps(root / "output") == before


# Ids


def test_a_published_id_that_vanished_is_named(root: Path) -> None:
    before = stamps(root / "output")
    (root / "content" / THREE).unlink()
    result = enews(root, "build")
    assert result.returncode == 3
    assert "the item with the id 2017-03-05-three was published and is gone" in result.stderr
    assert "--withdraw 2017-03-05-three" in result.stderr
    assert stamps(root / "output") == before
    assert enews(root, "build", "--withdraw", "2017-03-05-three").returncode == 0
    assert not (root / "output" / "items/2017/three").exists()
    assert enews(root, "build").returncode == 0


def test_a_renamed_file_keeps_its_id_or_is_refused(root: Path) -> None:
    before = stamps(root / "output")
    put(root, "items/2017/2017-03-05-drei.md", item("Drei", "kind: champion"))
    (root / "content" / THREE).unlink()
    assert enews(root, "build").returncode == 3
    assert stamps(root / "output") == before
    put(root, "items/2017/2017-03-05-drei.md", item("Drei", "kind: champion\nid: 2017-03-05-three"))
    assert enews(root, "build").returncode == 0
    assert b"2017-03-05-three" in (root / "output" / "feed.json").read_bytes()


def test_an_id_that_changed_is_asked_back(root: Path) -> None:
    put(root, THREE, item("Three", "kind: champion\nid: another"))
    result = enews(root, "build")
    assert result.returncode == 3
    assert "give it back: id: 2017-03-05-three" in result.stderr


def test_an_id_is_remembered_without_a_cache(root: Path) -> None:
    (root / "content" / THREE).unlink()
    assert enews(root, "build", "--full").returncode == 3
    for path in (root / ".pipeline" / "cache").glob("build.sqlite*"):
        path.unlink()
    assert enews(root, "build").returncode == 3


@pytest.mark.parametrize(
    ("name", "why"),
    [("2017-03-05-three", "still has its file"), ("nobody", "was never published")],
)
def test_what_cannot_be_withdrawn_is_wrong_use_and_publishes_nothing(
    root: Path, name: str, why: str
) -> None:
    before = stamps(root / "output")
    put(root, "items/2017/2017-07-05-more.md", item("More"))
    result = enews(root, "build", "--withdraw", name)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{name} {why}" in result.stderr
    assert stamps(root / "output") == before


def test_a_record_of_ids_that_cannot_be_read_is_a_clear_error(root: Path) -> None:
    (root / ".pipeline" / "published.json").write_text("{")
    put(root, THREE, item("Changed"))
    result = enews(root, "build")
    assert result.returncode == 1
    assert "published.json cannot be read" in result.stderr


# Time


def test_an_item_waits_for_its_time_and_goes_when_it_expires(root: Path) -> None:
    put(root, "items/2017/2017-09-01-soon.md", item("Soon", "kind: news\nexpires: 2017-10-01"))
    page = root / "output" / "items/2017/soon/index.html"
    for now, there in (
        ("2017-08-31T23:59:59+02:00", False),
        ("2017-09-01T00:00:00+02:00", True),
        ("2017-09-30T21:59:59+00:00", True),
        ("2017-10-01T00:00:00+02:00", False),
        ("2017-08-31T23:59:59+02:00", False),
    ):
        time.sleep(0.03)
        build(app_in(root, ENEWS_NOW=now))
        assert page.exists() is there, now
    assert enews(root, "build", env=environment(ENEWS_NOW="2017-09-02T00:00Z")).returncode == 0
    assert page.exists()


@pytest.mark.parametrize("now", ["yesterday", "2017-08-01", "2017-08-01T12:00"])
def test_a_time_that_is_none_is_wrong_use(root: Path, now: str) -> None:
    result = enews(root, "build", env=environment(ENEWS_NOW=now))
    assert result.returncode == 2
    assert f'ENEWS_NOW is "{now}"' in result.stderr


# Several at once


def test_a_second_build_says_who_holds_the_lock_or_waits(root: Path) -> None:
    put(root, THREE, item("Changed", "kind: champion"))
    with app_in(root).workshop("enews build"):
        mine = f"enews build (process {os.getpid()})"
        refused = enews(root, "build", "--no-wait")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"Error: {mine} is at work here" in refused.stderr
        waiting = started(root, "build")
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"Waiting for {mine} to end…\n"
        assert waiting.poll() is None
    out, said = waiting.communicate(timeout=30)
    assert (waiting.returncode, said) == (0, "")
    assert "items/2017/three/index.html" in out


def test_builds_at_once_do_what_one_does(root: Path, tmp_path: Path) -> None:
    put(root, THREE, item("Changed", "kind: champion"))
    builds = [started(root, "build", "--json") for _ in range(5)]
    results = [process.communicate(timeout=60) for process in builds]
    assert [process.returncode for process in builds] == [0] * 5
    changed = [json.loads(out)["changed"] for out, _ in results]
    assert sum(bool(paths) for paths in changed) == 1
    assert tree(root / "output") == cold(app_in(root), tmp_path / "apart")


def test_ctrl_c_leaves_the_old_site_and_no_traceback(root: Path) -> None:
    long = "*x* " * 300
    for number in range(210):
        put(root, f"items/many/2015-01-01-n{number}.md", item(f"Number {number}", body=long))
    before = tree(root / "output")
    for wait in (0.0, 0.25):
        process = started(root, "build", ENEWS_PROCESSES="2")
        # Once the lock names it, it is past its start, in which Python itself would complain.
        lock, mine = root / ".pipeline" / "lock", f"process {process.pid})"
        while mine not in lock.read_text() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGINT)
        out, said = process.communicate(timeout=30)
        if process.returncode == 0:  # it was done by then
            before = tree(root / "output")
            continue
        assert (process.returncode, out, said.strip()) == (1, "", "Stopped.")
        assert tree(root / "output") == before
    assert enews(root, "build").returncode == 0
    assert enews(root, "build").stdout.startswith("Nothing changed")
