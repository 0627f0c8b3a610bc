"""A small newsroom written into a folder, ways to build it, and to look at what came out."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pipeline.app import App
from pipeline.config import Folders, settings
from pipeline.flows.assemble import Wish, build_issue
from pipeline.flows.build import build as build_flow
from tests import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.ports.building import Changes

NOW = "2017-08-01T12:00+02:00"
REPOSITORY = Path(__file__).parents[1]

NEWSROOM = """\
[newsroom]
title = "Small room"
description = "News of a small room"
base_url = "https://news.example.org"
language = "en"
timezone = "Europe/Zurich"
authority = "news.example.org,2016"
[newsroom.author]
name = "The desk"
[kinds]
news = "News"
champion = "Champions"
resource = "Resources"
[[listings]]
path = "news"
title = "News"
kinds = ["news", "champion"]
page_size = 2
[[listings]]
path = "resources"
title = "Resources"
kinds = ["resource"]
page_size = 2
[series]
talks = "Talks"
[feeds]
limit = 4
[[newsletters]]
key = "letter"
title = "The letter"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "last working day 09:00"
"""

ITEMS = {
    "2016/2016-11-05-old.md": ("kind: resource\nthemes: [care]", "An old one."),
    "2017/2017-01-05-one.md": ("kind: news\nthemes: [care]\nseries: talks", "The first."),
    "2017/2017-02-05-two.md": (
        "kind: news\nthemes: [care, youth]\naliases: [/old/two/, /two.html]",
        "See [one](2017-01-05-one.md) and ![a box](../../media/box.png).",
    ),
    "2017/2017-03-05-three.md": (
        "kind: champion\nthemes: [youth]\nimage: {src: media/box.png, alt: A box}",
        "Grüße aus Zürich.",
    ),
    "2017/2017-04-05-four.md": ("kind: news\ntranslations: [quatre]", "In English."),
    "2017/2017-04-05-quatre.md": ("kind: news\nid: quatre\nlang: fr", "En français."),
    "2017/2017-05-05-five.md": ("kind: resource\nseries: talks\nsummary: Short.", "Of [two](#)."),
    "2017/2017-12-05-later.md": ("kind: news\nthemes: [care]", "After its time has come."),
}


def item(title: str, head: str = "kind: news", body: str = "A body.") -> str:
    """An item's file; `head` is the rest of its front matter."""
    return f"---\ntitle: {title}\n{head}\n---\n{body}\n"


def picture(width: int, height: int, colour: str = "navy") -> bytes:
    """A PNG."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def write_newsroom(root: Path, *, backwards: bool = False) -> Path:
    """Write the newsroom below `root`, which is given back; `backwards` in another order."""
    files: dict[str, str | bytes] = {"newsroom.toml": NEWSROOM}
    for path, (head, body) in ITEMS.items():
        files[f"items/{path}"] = item(path.rpartition("-")[2].removesuffix(".md"), head, body)
    files["themes/care.md"] = (
        "---\ntitle: Care\nsummary: All of it.\n---\nOn [one](/items/2017/one/).\n"
    )
    files["themes/youth.md"] = item("Youth", "summary: ''", "The young.")
    files["media/box.png"] = picture(640, 400)
    files["media/notes.txt"] = "Notes.\n"
    for path in reversed(files) if backwards else files:
        put(root, path, files[path])
    compiled(root)
    return root


def compiled(root: Path) -> None:
    """Give a newsroom templates that are compiled already: most of what its first build takes.

    One that was built has them.
    """
    folder = root / ".pipeline" / "cache" / "templates"
    if not folder.exists():
        shutil.copytree(_compiled(), folder)


@lru_cache(maxsize=1)
def _compiled() -> Path:
    """The folder of the templates that a build compiles, of mails too; made once a process."""
    above = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, above)
    sections = '[[newsletters.sections]]\ntitle = "A"\nkinds = ["news"]\n'
    put(above, "newsroom.toml", NEWSROOM + sections)
    put(above, "items/2017-07-05-one.md", item("One"))
    app = app_in(above)
    build(app)
    with app.workshop("a test") as workshop:
        build_issue(workshop, Wish(newsletter="letter"), now=app.now())
    build(app)
    return above / ".pipeline" / "cache" / "templates"


def put(root: Path, path: str, data: str | bytes) -> None:
    """Write a file below `root/content`."""
    file = root / "content" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode())


def app_in(root: Path, output: Path | None = None, **variables: str) -> App:
    """The newsroom below `root`, at `NOW` unless `ENEWS_NOW` says otherwise."""
    folders = Folders(
        root=root,
        content=root / "content",
        templates=root / "templates",
        output=output or root / "output",
        state=root / ".pipeline",
    )
    return App(settings(folders, {"ENEWS_NOW": NOW, "ENEWS_PROCESSES": "1", **variables}))


def build(app: App, *, withdrawn: Sequence[str] = ()) -> Changes:
    """One build in this process."""
    with app.workshop("a test") as workshop:
        return build_flow(workshop, now=app.now(), withdrawn=withdrawn)


def cold(app: App, apart: Path) -> dict[str, bytes]:
    """What a build of the same newsroom makes in the folder `apart`, and leaves nothing there.

    Nothing but compiled templates, which take most of the time and say what they were made from.
    """
    build(app.beside(apart))
    made = tree(apart / "output")
    shutil.rmtree(apart / "output")
    for path in (*apart.glob("state/*/*"), *apart.glob("state/*.json")):
        if path.is_dir() and path.name != "templates":
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
    return made


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root` with its bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    """Every file below `root` with its inode and its time in nanoseconds."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def environment(**variables: str) -> dict[str, str]:
    """An environment for a command, without what the tests' own may set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "ENEWS_NOW": NOW, **variables}


def command(root: Path, *arguments: str) -> list[str]:
    """The words that call `enews` in a newsroom."""
    return [sys.executable, "-m", "pipeline", "-C", str(root), *arguments]


def enews(
    root: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call `enews` in a newsroom as a process of its own; a new one where Python is told more."""
    words, given = command(root, *arguments), environment() if env is None else env
    if any(not name.startswith("ENEWS_") for name in given.keys() ^ environment()):
        return subprocess.run(
            words, env=given, capture_output=True, text=True, timeout=60, check=False
        )
    code, out, errors = loaded.call(words[3:], given)
    return subprocess.CompletedProcess(words, code, out, errors)


def changes_in(result: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """What `enews build --json` printed."""
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    assert isinstance(printed, dict)
    return printed
