"""Same input, same bytes: whatever the machine, the day, the folder, the order of things."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.newsrooms import (
    app_in,
    build,
    enews,
    environment,
    item,
    put,
    tree,
    write_newsroom,
)

if TYPE_CHECKING:
    from pathlib import Path

    Trees = dict[str, bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reproducible")


def newsroom(root: Path, *, backwards: bool = False) -> Path:
    """One that is large enough for several processes to be worth it."""
    write_newsroom(root, backwards=backwards)
    numbers = range(205)
    for number in reversed(numbers) if backwards else numbers:
        head = f"kind: news\nthemes: [{('care', 'youth')[number % 2]}]\nseries: talks"
        body = f"Números *{number}* [^1] und [eins](2017-01-05-one)\n\n[^1]: A note."
        put(root, f"items/many/201{number % 7}-06-01-n{number}.md", item("Many", head, body))
    return root


@pytest.fixture(scope="module")
def expected(folder: Path) -> Trees:
    root = newsroom(folder / "plain")
    env = environment(TZ="UTC", LC_ALL="C", PYTHONHASHSEED="0", ENEWS_PROCESSES="1")
    assert enews(root, "build", env=env).returncode == 0
    return tree(root / "output")


@cache
def locales() -> list[str]:
    """The locales to be found here, of those that put commas and months in other places."""
    import locale

    found = []
    before = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        found.append(name)
    locale.setlocale(locale.LC_ALL, before)
    return found


MACHINES: list[dict[str, str]] = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/Adak", "LC_ALL": "C", "PYTHONHASHSEED": "2", "ENEWS_PROCESSES": "2"},
    {"TZ": "Asia/Kathmandu", "LANG": "C.UTF-8", "PYTHONUTF8": "0", "ENEWS_PROCESSES": "3"},
    {"PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "random", "COLUMNS": "20", "USER": "nobody"},
    *({"LC_ALL": name, "LANGUAGE": name, "ENEWS_PROCESSES": "2"} for name in locales()),
]


def different(one: Trees, other: Trees) -> list[str]:
    paths = one.keys() | other.keys()
    return sorted(path for path in paths if one.get(path) != other.get(path))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: " ".join(machine.values()))
def test_on_another_machine(
    folder: Path, expected: Trees, tmp_path: Path, machine: dict[str, str]
) -> None:
    result = enews(
        folder / "plain", "--output", str(tmp_path / "o"), "build", env=environment(**machine)
    )
    assert result.returncode == 0, result.stderr
    assert different(tree(tmp_path / "o"), expected) == []


def test_in_another_folder_written_in_another_order_at_another_time(
    expected: Trees, tmp_path: Path
) -> None:
    root = newsroom(tmp_path / "ein anderer Ordner &c. ñ", backwards=True)
    for number, path in enumerate(sorted((root / "content").rglob("*"))):
        os.utime(path, (10**9 + number, 10**9 - number))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert enews(root, "build").returncode == 0
    assert different(tree(root / "output"), expected) == []


def test_through_links_and_in_a_folder_named_otherwise(
    folder: Path, expected: Trees, tmp_path: Path
) -> None:
    shutil.copytree(folder / "plain" / "content", tmp_path / "words")
    (tmp_path / "link").symlink_to("words")
    (tmp_path / "room").mkdir()
    result = enews(tmp_path / "room", "--content", str(tmp_path / "link"), "build")
    assert result.returncode == 0, result.stderr
    assert different(tree(tmp_path / "room" / "output"), expected) == []


def test_with_and_without_a_cache(folder: Path, expected: Trees, tmp_path: Path) -> None:
    shutil.copytree(folder / "plain" / "content", tmp_path / "content")
    put(tmp_path, "items/2017/2017-01-05-one.md", item("Before", "kind: news"))
    assert enews(tmp_path, "build").returncode == 0
    shutil.copy(
        folder / "plain/content/items/2017/2017-01-05-one.md", tmp_path / "content/items/2017"
    )
    assert enews(tmp_path, "build").returncode == 0
    assert different(tree(tmp_path / "output"), expected) == []
    shutil.rmtree(tmp_path / ".pipeline" / "cache")
    assert "Nothing changed" in enews(tmp_path, "build").stdout
    assert different(tree(tmp_path / "output"), expected) == []


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small newsroom, built."""
    root = write_newsroom(tmp_path)
    build(app_in(root))
    return root


def test_check_agrees_and_writes_nothing_here(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(built.rglob("*"))}
    result = enews(built, "build", "--check")
    assert (result.returncode, result.stderr) == (0, "")
    assert "byte for byte" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in sorted(built.rglob("*"))} == before


def test_check_names_each_file_that_differs_and_a_full_build_heals(built: Path) -> None:
    page = built / "output" / "items/2017/one/index.html"
    raw = bytearray(page.read_bytes())
    raw[len(raw) // 2] ^= 1
    times = page.stat().st_atime_ns, page.stat().st_mtime_ns
    page.write_bytes(raw)
    os.utime(page, ns=times)
    (built / "output" / "feed.json").unlink()
    (built / "output" / "news" / "extra.html").write_text("extra")
    differ = ["feed.json", "items/2017/one/index.html", "news/extra.html"]
    result = enews(built, "build", "--check")
    assert result.returncode == 1
    assert result.stderr.splitlines()[:3] == [f"differs: {path}" for path in differ]
    printed = json.loads(enews(built, "build", "--check", "--json").stdout)
    assert printed == {"same": False, "different": differ}
    assert enews(built, "build", "--full").returncode == 0
    assert enews(built, "build", "--check").returncode == 0


def test_check_does_not_mind_what_begins_with_a_dot(built: Path) -> None:
    (built / "output" / ".git").mkdir()
    (built / "output" / ".git" / "HEAD").write_text("ref")
    assert enews(built, "build", "--check").returncode == 0
