"""Builds the golden newsrooms."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from pipeline.app import App
from pipeline.config import Folders, Settings
from pipeline.flows.build import build

HERE = Path(__file__).parent
CASES = sorted(
    path.parent.relative_to(HERE).as_posix()
    for pattern in ("*/content", "mails/*/content")
    for path in HERE.glob(pattern)
)
MAILS = "mails/"
"""Newsrooms that are there for their issues: nothing else of their output is kept."""

OF_AN_ISSUE = tuple(
    f"/{place}/{name}"
    for place in ("2017-06", "fr", "ar")
    for name in ("index.html", "email.html", "email.txt", "email.eml")
)
NOW = datetime.fromisoformat("2017-07-12T09:00+02:00")
DRAWN = (".png", ".jpg", ".webp")
"""Pictures are made by Pillow, whose versions differ by a few bytes: only their names are kept."""


def output_of(case: str, folder: Path) -> dict[str, bytes]:
    """Path → bytes of what the newsroom of a case becomes, built below `folder`."""
    shutil.copytree(HERE / case / "content", folder / "content")
    folders = Folders(
        root=folder,
        content=folder / "content",
        templates=folder / "templates",
        output=folder / "output",
        state=folder / ".pipeline",
    )
    app = App(Settings(folders=folders, now=NOW))
    with app.workshop("golden") as workshop:
        build(workshop, now=NOW)
    made = tree(folders.output)
    if not case.startswith(MAILS):
        return made
    return {path: data for path, data in made.items() if path.endswith(OF_AN_ISSUE)}


def tree(root: Path) -> dict[str, bytes]:
    """Path → bytes of every file below `root`; pictures without their bytes."""
    return {
        path.relative_to(root).as_posix(): b"" if path.suffix in DRAWN else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def expected(case: str) -> dict[str, bytes]:
    """What is kept."""
    return tree(HERE / case / "expected")
