"""The same newsroom for Pelican: kinds are its categories, themes its tags."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bench.corpus import KINDS, THEMES, Item
from bench.site import BASE_URL, FEED_LIMIT, PAGE_SIZE, TEMPLATES, Site, find_tool

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = "pip install 'pelican[markdown]'"


def program() -> Path:
    """Return the `pelican` command."""
    return find_tool("pelican", INSTALL)


class PelicanSite(Site):
    """A Pelican project; its content cache is off in cold builds (faster) and on in warm ones."""

    name = "pelican"
    server = False
    rows = frozenset({"cold", "edit"})
    listing_globs = ("index.html", "page/*/index.html")
    feed_globs = ("feed.xml", "atom.xml", "themes/*/feed.xml", "themes/*/atom.xml")

    def __init__(self, root: Path, total: int) -> None:
        """Plan the project."""
        super().__init__(root, total)
        self.program = program()
        self.caches = (root / "cache",)

    def build_command(self, *, warm: bool) -> list[str]:
        """Return a build with the settings for warm or cold builds."""
        settings = self.root / ("warm.py" if warm else "cold.py")
        return [str(self.program), "--quiet", "--settings", str(settings)]

    def serve_command(self, port: int) -> list[str]:
        """Refuse: Pelican's server is not measured (each change is a whole build)."""
        raise NotImplementedError(port)

    def source(self, item: Item) -> Path:
        """Return content/<year>/YYYY-MM-DD-slug.md."""
        name = f"{item.day.isoformat()}-{item.slug}.md"
        return self.root / "content" / str(item.day.year) / name

    def text(self, item: Item) -> str:
        """Return Pelican's metadata lines and the body; date and slug come from the file's name."""
        head = (
            f"Title: {item.title}\n"
            f"Category: {KINDS[item.kind]}\n"
            f"Tags: {', '.join(THEMES[key] for key in item.themes)}\n"
            f"Summary: {item.summary}\n"
        )
        return f"{head}\n{item.body}"

    def write_frame(self) -> None:
        """Write the two settings files and the theme."""
        shutil.copytree(TEMPLATES / "pelican", self.root / "theme")
        (self.root / "theme" / "static").mkdir()
        (self.root / "content").mkdir()
        for name, cached in (("cold.py", False), ("warm.py", True)):
            lines = (f"{key} = {value!r}\n" for key, value in self._settings(cached=cached).items())
            (self.root / name).write_text("".join(lines), encoding="utf-8")

    def _settings(self, *, cached: bool) -> dict[str, object]:
        """Return the settings; pages that the other tools do not make are switched off."""
        off = ("CATEGORY", "AUTHOR", "ARCHIVES", "AUTHORS", "CATEGORIES", "TAGS")
        return {
            "PATH": str(self.root / "content"),
            "OUTPUT_PATH": str(self.output),
            "THEME": str(self.root / "theme"),
            "CACHE_PATH": str(self.root / "cache"),
            "CACHE_CONTENT": cached,
            "LOAD_CONTENT_CACHE": cached,
            "GZIP_CACHE": False,  # faster
            "SITENAME": "Benchmark newsroom",
            "SITEURL": BASE_URL,
            "AUTHOR": "The newsroom",
            "TIMEZONE": "UTC",
            "DEFAULT_LANG": "en",
            "DEFAULT_DATE_FORMAT": "%d %B %Y",
            "FILENAME_METADATA": r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>.*)",
            "SLUGIFY_SOURCE": "basename",
            "DEFAULT_PAGINATION": PAGE_SIZE,
            "PAGINATED_TEMPLATES": {"index": PAGE_SIZE, "tag": 20},
            "PAGINATION_PATTERNS": [
                (1, "{base_name}/", "{base_name}/index.html"),
                (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
            ],
            "DIRECT_TEMPLATES": ["index"],
            "ARTICLE_URL": "items/{date:%Y}/{slug}/",
            "ARTICLE_SAVE_AS": "items/{date:%Y}/{slug}/index.html",
            "TAG_URL": "themes/{slug}/",
            "TAG_SAVE_AS": "themes/{slug}/index.html",
            **{f"{name}_SAVE_AS": "" for name in off},
            "FEED_ALL_RSS": "feed.xml",
            "FEED_ALL_ATOM": "atom.xml",
            "TAG_FEED_RSS": "themes/{slug}/feed.xml",
            "TAG_FEED_ATOM": "themes/{slug}/atom.xml",
            "CATEGORY_FEED_ATOM": None,
            "AUTHOR_FEED_ATOM": None,
            "AUTHOR_FEED_RSS": None,
            "TRANSLATION_FEED_ATOM": None,
            "FEED_MAX_ITEMS": FEED_LIMIT,
            "RSS_FEED_SUMMARY_ONLY": False,
            "MARKDOWN": {
                "extension_configs": {
                    "markdown.extensions.extra": {},
                    "markdown.extensions.meta": {},
                },
                "output_format": "html5",
            },
        }
