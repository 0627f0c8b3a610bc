"""One tool's site: its sources in a directory of its own, its command, what it must build."""

from __future__ import annotations

import os
import shutil
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Item, items, make_item

TEMPLATES = Path(__file__).parent / "sites"
BASE_URL = "https://news.example.org"
PAGE_SIZE = 10
FEED_LIMIT = 50


class BenchError(Exception):
    """Something the person at the keyboard must mend; the message says what."""


class MissingToolError(BenchError):
    """A program to measure is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a tool built, in files."""

    articles: int
    listings: int  # the pages of the listing of everything
    themes: int  # the themes that have a page
    theme_pages: int  # their pages altogether
    feeds: int
    files: int


class Site(ABC):
    """A corpus written for one tool, and how to build it."""

    name: str
    program: Path
    version_argument = "--version"
    server = True  # has a server that rebuilds and a benchmark row for it
    rows: frozenset[str] = frozenset({"cold", "edit", "new", "nothing"})
    article_globs: tuple[str, ...] = ("items/[12]*/*/index.html",)  # not items/page/N/
    listing_globs: tuple[str, ...]
    theme_globs: tuple[str, ...] = ("themes/*/index.html",)
    theme_page_globs: tuple[str, ...] = ("themes/*/index.html", "themes/*/page/*/index.html")
    feed_globs: tuple[str, ...]

    def __init__(self, root: Path, total: int) -> None:
        """Plan a site of `total` items in the directory `root`; nothing is written yet."""
        self.root = root
        self.total = total
        self.output = root / "output"
        self.caches: tuple[Path, ...] = ()
        self.built_warm = False  # the output is there, and so is what warm builds start from

    @abstractmethod
    def build_command(self, *, warm: bool) -> list[str]:
        """Return the command of a build; `warm` if it may read and write caches."""

    @abstractmethod
    def serve_command(self, port: int) -> list[str]:
        """Return the command of the server on `port`, which rebuilds when a source changes."""

    @abstractmethod
    def source(self, item: Item) -> Path:
        """Return where the item's source lies."""

    @abstractmethod
    def text(self, item: Item) -> str:
        """Return the item's source in the tool's format."""

    @abstractmethod
    def write_frame(self) -> None:
        """Write everything but the items: configuration, themes, templates."""

    def write(self) -> None:
        """Write the whole site afresh."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        self.write_frame()
        for item in items(self.total):
            self.put(item)

    def put(self, item: Item) -> None:
        """Write one item's source, as an editor saves it."""
        path = self.source(item)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(item), encoding="utf-8")

    def clean(self) -> None:
        """Remove what earlier builds left: the output and the caches."""
        for path in (self.output, *self.caches):
            shutil.rmtree(path, ignore_errors=True)

    def url(self, item: Item) -> str:
        """Return the path of the item's page under the site's root, the same for every tool."""
        return f"items/{item.day.year}/{item.slug}/"

    def page(self, item: Item) -> Path:
        """Return the file of the item's page."""
        return self.output / self.url(item) / "index.html"

    def expect(self, item: Item, text: str) -> None:
        """Fail unless the item's page exists and says `text`."""
        page = self.page(item)
        if not page.is_file():
            raise BenchError(f"{self.name}: {page} was not built")
        if text not in page.read_text(encoding="utf-8"):
            raise BenchError(f"{self.name}: {page} is stale, it does not say {text!r}")

    def expect_listed(self, text: str) -> None:
        """Fail unless a page of the listing says `text`."""
        for pattern in self.listing_globs:
            for page in self.output.glob(pattern):
                if text in page.read_text(encoding="utf-8"):
                    return
        raise BenchError(f"{self.name}: no listing page in {self.output} says {text!r}")

    def counts(self) -> Counts:
        """Count what was built."""
        return Counts(
            articles=self._count(self.article_globs),
            listings=self._count(self.listing_globs),
            themes=self._count(self.theme_globs),
            theme_pages=self._count(self.theme_page_globs),
            feeds=self._count(self.feed_globs),
            files=sum(len(names) for _, _, names in os.walk(self.output)),
        )

    def verify(self) -> Counts:
        """Fail unless all that the comparison rests on was built: a broken build must not win."""
        counts = self.counts()
        themes = len({theme for item in items(min(self.total, 200)) for theme in item.themes})
        at_least = {
            "article pages": (counts.articles, self.total),
            "listing pages": (counts.listings, max(1, self.total // PAGE_SIZE - 1)),
            "themes": (counts.themes, themes),
            "feeds": (counts.feeds, 1 + themes),
        }
        for what, (found, needed) in at_least.items():
            if found < needed:
                raise BenchError(f"{self.name}: {found} {what} in {self.output}, needed {needed}")
        for index in (0, self.total // 2, self.total - 1):
            item = make_item(index, self.total)
            self.expect(item, item.body.split(". ")[-2])  # the last sentence of plain words
        return counts

    def _count(self, patterns: tuple[str, ...]) -> int:
        return len({path for pattern in patterns for path in self.output.glob(pattern)})


def front_matter(item: Item, **extra: str) -> str:
    """Return the item in YAML front matter and Markdown, as our own format and Hugo's have it."""
    lines = [
        "---",
        f'title: "{item.title}"',
        f"kind: {item.kind}",
        f"themes: [{', '.join(item.themes)}]",
        f'summary: "{item.summary}"',
        *(f"{key}: {value}" for key, value in extra.items()),
        "---",
    ]
    return "\n".join(lines) + f"\n\n{item.body}"


def find_tool(name: str, install: str) -> Path:
    """Return a program beside this Python or on PATH; otherwise say how to install it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name, path=os.pathsep.join((beside, os.environ.get("PATH", ""))))
    if found is None:
        raise missing(name, install)
    return Path(found)


def missing(name: str, install: str) -> MissingToolError:
    """Return the error for a tool that is not installed."""
    return MissingToolError(
        f"{name} was not found on PATH or beside {Path(sys.executable).name}. "
        f"Install it with: {install}; or leave it out: --only names the tools to run"
    )
