"""The newsroom for `enews`, built with its default templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.corpus import KINDS, THEMES, Item, theme_text
from bench.site import BASE_URL, FEED_LIMIT, PAGE_SIZE, Site, find_tool, front_matter

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = "pip install . (in the repository)"


def program() -> Path:
    """Return the `enews` command."""
    return find_tool("enews", INSTALL)


class EnewsSite(Site):
    """`content/` as the documentation describes it, one listing of all kinds."""

    name = "enews"
    listing_globs = ("news/index.html", "news/page/*/index.html")
    feed_globs = (
        "feed.xml",
        "atom.xml",
        "feed.json",
        "themes/*/feed.xml",
        "themes/*/atom.xml",
        "themes/*/feed.json",
        "kinds/*/feed.xml",
        "kinds/*/atom.xml",
        "kinds/*/feed.json",
    )

    def __init__(self, root: Path, total: int) -> None:
        """Plan the newsroom; `.pipeline/` holds whatever enews remembers between builds."""
        super().__init__(root, total)
        self.program = program()
        self.content = root / "content"
        self.caches = (root / ".pipeline",)

    def build_command(self, *, warm: bool) -> list[str]:
        """Return `enews build`; its manifest is part of every build, cold ones too."""
        del warm
        return [str(self.program), "-C", str(self.root), "build"]

    def serve_command(self, port: int) -> list[str]:
        """Return `enews serve`."""
        return [str(self.program), "-C", str(self.root), "serve", "--port", str(port)]

    def source(self, item: Item) -> Path:
        """Return content/items/<year>/YYYY-MM-DD-slug.md."""
        name = f"{item.day.isoformat()}-{item.slug}.md"
        return self.content / "items" / str(item.day.year) / name

    def text(self, item: Item) -> str:
        """Return front matter and body; the date is in the file's name."""
        return front_matter(item)

    def write_frame(self) -> None:
        """Write newsroom.toml and the themes."""
        themes = self.content / "themes"
        themes.mkdir(parents=True)
        (self.content / "newsroom.toml").write_text(_newsroom(), encoding="utf-8")
        for key, label in THEMES.items():
            head = f'---\ntitle: "{label}"\nsummary: "About {label.lower()}."\n---\n\n'
            (themes / f"{key}.md").write_text(head + theme_text(key), encoding="utf-8")


def _newsroom() -> str:
    """Return newsroom.toml."""
    kinds = "\n".join(f'{key} = "{label}"' for key, label in KINDS.items())
    names = ", ".join(f'"{key}"' for key in KINDS)
    return f"""[newsroom]
title = "Benchmark newsroom"
description = "A newsroom for measuring"
base_url = "{BASE_URL}"
language = "en"
timezone = "UTC"
date_format = "d MMMM yyyy"
authority = "news.example.org,2016"

[newsroom.author]
name = "The newsroom"
email = "news@example.org"

[kinds]
{kinds}

[[listings]]
path = "news"
title = "News"
kinds = [{names}]
page_size = {PAGE_SIZE}

[feeds]
limit = {FEED_LIMIT}
full_text = true
"""
