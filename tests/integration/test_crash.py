"""`kill -9`, at any point: the output is the old site or the new one, and the next build is right.

Each call is a process of its own, forked from one that has everything loaded, which kills itself
before its n-th write; a few more are ordinary commands killed at any time.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.newsrooms import (
    app_in,
    cold,
    command,
    enews,
    environment,
    item,
    picture,
    put,
    stamps,
    tree,
    write_newsroom,
)
from tests.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SETTLED = 0.022
POINTS = int(os.environ.get("ENEWS_POINTS", "6"))
ENDS = 6
"""Points among all the writes of a build; and the last ones, each of which matters."""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_newsroom(tmp_path / "room")


def points(steps: int) -> list[int]:
    """Which writes of so many to be killed at."""
    spread = range(1, steps, max(1, steps // POINTS))
    return sorted({*spread, *range(max(1, steps - ENDS), steps + 1)})


def edited(root: Path, number: int) -> tuple[str, ...]:
    put(root, "items/2017/2017-03-05-three.md", item(f"Edit {number}", "kind: champion"))
    return ()


def added(root: Path, number: int) -> tuple[str, ...]:
    """Files that no other page shows come and go."""
    put(root, f"media/m{number % 3}.png", picture(600, 300 + number))
    (root / f"content/media/m{(number + 1) % 3}.png").unlink(missing_ok=True)
    return ()


def moved(root: Path, number: int) -> tuple[str, ...]:
    """An item is renamed, one is withdrawn, one comes; a file becomes a folder or back again."""
    content = root / "content"
    for old in content.glob("items/2017/2017-06-*.md"):
        old.unlink()
    head = (
        f"kind: news\nid: moving\nthemes: [youth]\naliases: [/x{'/y/' if number % 2 else '.html'}"
    )
    more = ", /x.html/z/" if number % 2 else ""
    put(root, f"items/2017/2017-06-01-name-{number}.md", item("Moving", f"{head}{more}]"))
    put(root, f"items/2017/2017-06-02-new-{number}.md", item(f"New {number}", "kind: resource"))
    gone = f"2017-06-02-new-{number - 1}"
    known = (root / ".pipeline" / "published.json").read_text()
    return ("--withdraw", gone) if f'"{gone}"' in known else ()


@pytest.mark.parametrize("edit", [edited, added, moved])
def test_killed_at_any_write_of_a_small_build(
    zygote: Zygote, root: Path, edit: Callable[[Path, int], tuple[str, ...]]
) -> None:
    assert zygote.enews(root, "build") == 0
    options = edit(root, 1)
    time.sleep(SETTLED)
    assert zygote.enews(root, "build", *options) == 0
    options = edit(root, 2)
    time.sleep(SETTLED)
    assert zygote.enews(root, "build", *options) == 0
    survived = 0
    for number, point in enumerate(points(zygote.steps), 3):
        before = tree(root / "output")
        options = edit(root, number)
        time.sleep(SETTLED)
        status = zygote.enews(root, "build", *options, kill_at=point)
        assert status in (0, -signal.SIGKILL)
        survived += status == 0
        after = tree(root / "output")
        options = options if after == before or not options else withdrawal(root, options)
        finishes(zygote, root, *options)
        assert after in (before, tree(root / "output")), f"half a site, killed at {point}"
    assert survived < ENDS


def withdrawal(root: Path, options: tuple[str, ...]) -> tuple[str, ...]:
    """The same, unless the killed build had come as far as that."""
    known = (root / ".pipeline" / "published.json").read_text()
    return options if f'"{options[1]}"' in known else ()


def test_killed_at_any_write_of_a_first_build(zygote: Zygote, root: Path) -> None:
    assert zygote.enews(root, "build") == 0
    site = tree(root / "output")
    for point in points(zygote.steps):
        shutil.rmtree(root / "output")
        shutil.rmtree(root / ".pipeline")
        status = zygote.enews(root, "build", kill_at=point)
        assert status in (0, -signal.SIGKILL)
        assert not (root / "output").exists() or tree(root / "output") == site, point
        assert zygote.enews(root, "build") == 0
        assert differing(tree(root / "output"), site) == {}, point
    settles(zygote, root)


def test_killed_twice_in_a_row(zygote: Zygote, root: Path) -> None:
    assert zygote.enews(root, "build") == 0
    chance = random.Random(5)
    for number in range(6):
        sites = [tree(root / "output")]
        for _ in range(2):
            edited(root, chance.randrange(10**6))
            time.sleep(SETTLED)
            zygote.enews(root, "build", kill_at=chance.randrange(1, 200))
            sites.append(tree(root / "output"))
        finishes(zygote, root)
        last = tree(root / "output")
        assert sites[2] in (sites[1], last), number
        assert all(len(site) == len(last) for site in sites)


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> dict[str, object]:
    """The files that only one has, or that are not equal, each with both."""
    paths = one.keys() | other.keys()
    both = {path: (one.get(path), other.get(path)) for path in sorted(paths)}
    return {path: pair for path, pair in both.items() if pair[0] != pair[1]}


def finishes(zygote: Zygote, root: Path, *options: str) -> None:
    """The next build makes the new site, whole, and the one after it changes nothing."""
    assert zygote.enews(root, "build", *options) == 0
    assert differing(cold(app_in(root), root.parent / "apart"), tree(root / "output")) == {}
    settles(zygote, root)


def settles(zygote: Zygote, root: Path) -> None:
    before = stamps(root / "output")
    assert zygote.enews(root, "build") == 0
    assert stamps(root / "output") == before
    assert not list(root.glob(".output*"))


def test_killed_at_any_time_with_several_processes(root: Path) -> None:
    for number in range(220):
        put(root, f"items/many/2015-01-01-n{number}.md", item(f"Number {number}"))
    env = environment(ENEWS_PROCESSES="3")
    assert enews(root, "build", env=env).returncode == 0
    chance = random.Random(7)
    for number in range(4):
        before = tree(root / "output")
        toml = (root / "content" / "newsroom.toml").read_text()
        put(root, "newsroom.toml", toml.replace("Small room", f"Small room {number}"))
        process = subprocess.Popen(
            command(root, "build"), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        time.sleep(chance.uniform(0.3, 1.2))
        process.kill()
        _, said = process.communicate(timeout=30)
        assert b"Traceback" not in said
        after = tree(root / "output")
        result = enews(root, "build", env=env)
        assert result.returncode == 0, result.stderr
        assert after in (before, tree(root / "output")), number
    result = enews(root, "build", "--check", env=env)
    assert result.returncode == 0, result.stderr
