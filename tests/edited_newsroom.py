"""A newsroom that editors change at random and that stays right: what each edit needs, it does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.newsrooms import picture, put

if TYPE_CHECKING:
    import random
    from pathlib import Path

KINDS = ("news", "champion", "resource")
WORDS = ("alpha", "beta", "gamma", "delta", "épsilon", "zeta & <eta>")
LANGUAGES = ("en", "fr", "ar")
CLOCK = (
    "2017-03-01T00:00+01:00",
    "2017-06-15T12:00+02:00",
    "2017-08-01T12:00+02:00",
    "2018-02-01T00:00+01:00",
)
TOML = """\
[newsroom]
title = "{title}"
description = "{description}"
base_url = "{base_url}"
language = "{language}"
timezone = "{timezone}"
date_format = "{date_format}"
authority = "news.example.org,2016"
[newsroom.author]
name = "The desk"
[kinds]
news = "{label}"
champion = "Champions"
resource = "Resources"
[[listings]]
path = "news"
title = "News"
kinds = ["news", "champion"]
page_size = {page_size}
[[listings]]
path = "{listing}"
title = "Resources"
kinds = ["resource"]
page_size = 1
[series]
talks = "{series}"
care = "Named like a theme"
[feeds]
limit = {limit}
full_text = {full_text}
[[newsletters]]
key = "letter"
title = "The letter"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "last working day 09:00"
"""
SETTINGS: dict[str, tuple[str, ...]] = {
    "title": ("Room", "Another room"),
    "description": ("Of a room", ""),
    "base_url": ("https://news.example.org", "https://example.org/deep/er"),
    "language": ("en", "fr"),
    "timezone": ("Europe/Zurich", "America/Adak"),
    "date_format": ("d MMMM yyyy", "yyyy-MM-dd"),
    "label": ("News", "Novelties"),
    "page_size": ("1", "2", "3"),
    "listing": ("resources", "tools/all"),
    "series": ("Talks", "Conversations"),
    "limit": ("2", "5"),
    "full_text": ("true", "false"),
}
OVERRIDES = {
    "site/footer.html": ("<footer>One</footer>", "<footer>{{ newsroom.title }}</footer>"),
    "site/assets/site.css": ("body { color: navy }", "body { color: teal }"),
    "site/assets/extra.css": ("p { margin: 0 }",),
    "site/robots.txt": ("User-agent: *\n# {{ sitemap }}\n",),
}


@dataclass
class Draft:
    """An item as its editor sees it; `name` is its stem, `keys` its front matter, `body` parts."""

    name: str
    folder: str
    keys: dict[str, object] = field(default_factory=dict)
    body: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.keys.get("id", self.name))

    @property
    def source(self) -> str:
        return f"items/{self.folder}/{self.name}.md"


class EditedNewsroom:
    """The files below `root`, and edits of them. Each choice is drawn from `chance`."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self.chance = chance
        self.now = CLOCK[2]
        self.withdrawn: set[str] = set()
        self._made = 0
        self._items: dict[str, Draft] = {}
        self._themes: dict[str, dict[str, object]] = {}
        self._media: set[str] = set()
        self._plans: dict[str, list[str]] = {}
        self._settings = {key: values[0] for key, values in SETTINGS.items()}
        self._written: dict[str, str | bytes] = {}
        for _ in range(2):
            self.add_media()
            self.add_theme()
        for _ in range(7):
            self.add_item()
        self.write()

    # Items

    def add_item(self) -> None:
        self._made += 1
        month, day = self.chance.randrange(1, 13), self.chance.randrange(1, 4)
        year = self.chance.choice((2016, 2017, 2017))
        item = Draft(f"{year}-{month:02}-{day:02}-n{self._made}", self.chance.choice(("a", "b")))
        item.keys = {"title": self._word(), "kind": self.chance.choice(KINDS)}
        item.body = [("text", self._word())]
        self._items[item.name] = item
        if self._themes:
            item.keys["themes"] = [self.chance.choice(sorted(self._themes))]
        if self._pictures() and self.chance.random() < 0.5:
            item.keys["image"] = {"src": self.chance.choice(self._pictures()), "alt": "Seen"}
        if self.chance.random() < 0.4:
            item.keys["aliases"] = [f"/old/{self._made}/", f"/{self._made}.html"]
        item.body.append(self._part())
        for _ in range(self.chance.randrange(4)):
            self._decorate(item)

    def edit_item(self) -> None:
        if item := self._some():
            self._decorate(item)

    def rename_item(self) -> None:
        """Another file, the same id; links by the file's name go with it.

        With the slug given, another date in the name may be all that changes.
        """
        if item := self._some():
            old = item.name
            self._made += 1
            del self._items[old]
            item.keys.setdefault("id", old)
            day = old[:10]
            if self.chance.random() < 0.7:
                item.keys.setdefault("slug", old[11:])
                day = (
                    f"{old[:4]}-{self.chance.randrange(1, 13):02}-{self.chance.randrange(1, 28):02}"
                )
            else:
                item.folder = self.chance.choice(("a", "b"))
            item.name = f"{day}-r{self._made}"
            self._items[item.name] = item
            self._in_bodies(("file", old), ("file", item.name))

    def delete_item(self) -> None:
        """With all that leads to it; its id is withdrawn."""
        if len(self._items) > 2 and (item := self._some()):
            del self._items[item.name]
            self.withdrawn.add(item.id)
            self._in_bodies(("file", item.name), None)
            self._in_bodies(("id", item.id), None)
            for other in self._items.values():
                if other.keys.get("translations") == [item.id]:
                    del other.keys["translations"]
            for carried in self._plans.values():
                carried[:] = [name for name in carried if name != item.id]

    def _decorate(self, item: Draft) -> None:  # noqa: C901, PLR0912  # a list of choices
        """Change one thing."""
        chance, keys = self.chance, item.keys
        match chance.choice(DECORATIONS):
            case "title" | "summary" as key:
                keys[key] = self._word()
            case "kind":
                keys["kind"] = chance.choice(KINDS)
            case "themes" if self._themes:
                count = chance.randrange(len(self._themes) + 1)
                keys["themes"] = chance.sample(sorted(self._themes), count)
            case "series":
                keys["series"] = chance.choice(("talks", "care", ""))
            case "date":
                keys["date"] = f"2017-{chance.randrange(1, 13):02}-02T1{chance.randrange(9)}:00Z"
            case "updated":
                keys["updated"] = f"2017-{chance.randrange(1, 13):02}-20"
            case "expires":
                keys["expires"] = chance.choice(("2017-05-01", "2018-01-01", ""))
            case "draft":
                keys["draft"] = chance.choice(("true", "false"))
            case "lang":
                keys["lang"] = chance.choice(LANGUAGES)
            case "aliases":
                self._made += 1
                keys["aliases"] = chance.choice(([], [f"/old/{self._made}/"]))
            case "slug":
                self._made += 1
                keys["slug"] = f"slug-{self._made}"
            case "image" if self._pictures():
                words = {"alt": self._word(), "caption": self._word()}
                keys["image"] = {"src": chance.choice(self._pictures()), **words}
            case "translations":
                others = [other.id for other in self._items.values() if other is not item]
                keys["translations"] = chance.choice(
                    ([], [chance.choice(others)] if others else [])
                )
            case "authors":
                keys["authors"] = [self._word()]
            case "link":
                keys["link"] = chance.choice(("https://example.org/x", ""))
            case "body":
                item.body = [("text", self._word())]
            case _:
                item.body.append(self._part())

    def _part(self) -> tuple[str, str]:
        chance = self.chance
        choices = [("text", self._word()), ("heading", self._word())]
        for _ in range(2 if self._items else 0):
            other = chance.choice(list(self._items.values()))
            choices += [("file", other.name), ("id", other.id)]
        choices += [("media", path) for path in sorted(self._media)[:2]]
        choices += [("theme", key) for key in sorted(self._themes)[:1]]
        return chance.choice(choices)

    def _in_bodies(self, old: tuple[str, str], new: tuple[str, str] | None) -> None:
        for item in self._items.values():
            parts = [new if part == old else part for part in item.body]
            item.body = [part for part in parts if part is not None]
        for theme in self._themes.values():
            if theme["part"] == old:
                theme["part"] = new or ("text", "gone")

    # Themes, media, plans, settings, templates, the clock

    def add_theme(self) -> None:
        key = self.chance.choice(("care", "youth", "work", "law"))
        theme: dict[str, object] = {"title": self._word(), "summary": "", "part": self._part()}
        self._themes.setdefault(key, theme)

    def edit_theme(self) -> None:
        if self._themes:
            theme = self._themes[self.chance.choice(sorted(self._themes))]
            match self.chance.choice(("title", "summary", "part", "image")):
                case "part":
                    theme["part"] = self._part()
                case "image" if self._pictures():
                    src = self.chance.choice(self._pictures())
                    theme["image"] = {"src": src, "alt": self._word()}
                case "image":
                    theme.pop("image", None)
                case key:
                    theme[key] = self._word()

    def delete_theme(self) -> None:
        if self._themes:
            key = self.chance.choice(sorted(self._themes))
            del self._themes[key]
            self._in_bodies(("theme", key), None)
            for item in self._items.values():
                themes = item.keys.get("themes")
                if isinstance(themes, list):
                    item.keys["themes"] = [theme for theme in themes if theme != key]

    def add_media(self) -> None:
        self._made += 1
        ending = self.chance.choice(("png", "png", "txt"))
        self._media.add(f"media/m{self._made}.{ending}")

    def change_media(self) -> None:
        """Other bytes under a name that stays."""
        if self._media:
            path = self.chance.choice(sorted(self._media))
            self._made += 1
            self._written.pop(path, None)

    def delete_media(self) -> None:
        if self._media:
            path = self.chance.choice(sorted(self._media))
            self._media.remove(path)
            self._in_bodies(("media", path), None)
            for keys in (*(item.keys for item in self._items.values()), *self._themes.values()):
                image = keys.get("image")
                if isinstance(image, dict) and image["src"] == path:
                    del keys["image"]

    def edit_plan(self) -> None:
        name = self.chance.choice(("letter/2017-01", "letter/2017-02"))
        ids = sorted(item.id for item in self._items.values())
        self._plans[name] = self.chance.sample(ids, min(len(ids), self.chance.randrange(3)))

    def delete_plan(self) -> None:
        if self._plans:
            del self._plans[self.chance.choice(sorted(self._plans))]

    def edit_settings(self) -> None:
        key = self.chance.choice(sorted(SETTINGS))
        self._settings[key] = self.chance.choice(SETTINGS[key])

    def edit_template(self) -> None:
        name = self.chance.choice(sorted(OVERRIDES))
        file = self.root / "templates" / name
        if file.exists() and self.chance.random() < 0.4:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.chance.choice(OVERRIDES[name]))

    def move_clock(self) -> None:
        self.now = self.chance.choice(CLOCK)

    def edit_several(self) -> None:
        for _ in range(self.chance.randrange(2, 5)):
            getattr(self, self.chance.choice(LOCAL))()

    # Files

    def write(self) -> None:
        """Write what has changed, and nothing else."""
        files: dict[str, str | bytes] = {"newsroom.toml": TOML.format(**self._settings)}
        files |= {item.source: self._item(item) for item in self._items.values()}
        files |= {f"themes/{key}.md": self._theme(theme) for key, theme in self._themes.items()}
        files |= {f"issues/{name}.md": _plan(name, ids) for name, ids in self._plans.items()}
        for path in self._media:
            files[path] = self._written.get(path) or self._new_media(path)
        for path in self._written.keys() - files.keys():
            (self.root / "content" / path).unlink()
        for path, data in files.items():
            if self._written.get(path) != data:
                put(self.root, path, data)
        for path in {path for path in self._media if path not in self._written}:
            put(self.root, path, files[path])
        self._written = files

    def _new_media(self, path: str) -> bytes:
        if path.endswith(".txt"):
            return f"{self._made}".encode()
        return picture(self.chance.choice((40, 700)), 30 + self._made, "teal")

    def _item(self, item: Draft) -> str:
        return _text(item.keys, "\n\n".join(self._markdown(part, "../../") for part in item.body))

    def _theme(self, theme: dict[str, object]) -> str:
        keys = {key: value for key, value in theme.items() if key != "part"}
        part = theme["part"]
        assert isinstance(part, tuple)
        return _text(keys, self._markdown(part, "../"))

    def _markdown(self, part: tuple[str, str], up: str) -> str:
        sort, value = part
        match sort:
            case "heading":
                return f"## {value}"
            case "file":
                return f"[a link]({up}{self._items[value].source}#x)"
            case "id":
                return f"[a link]({value})"
            case "media" if value.endswith(".png"):
                return f"![seen]({up}{value})"
            case "media":
                return f"[a file]({up}{value})"
            case "theme":
                return f"[a theme]({up}themes/{value}.md)"
        return value

    def _some(self) -> Draft | None:
        return self.chance.choice(list(self._items.values())) if self._items else None

    def _pictures(self) -> list[str]:
        return sorted(path for path in self._media if path.endswith(".png"))

    def _word(self) -> str:
        return self.chance.choice(WORDS)


def _text(keys: dict[str, object], body: str) -> str:
    # JSON is YAML.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(("---", *lines, "---", body, ""))


def _plan(name: str, ids: list[str]) -> str:
    keys: dict[str, object] = {
        "newsletter": "letter",
        "number": int(name[-2:]),
        "date": "2017-06-30",
        "title": f"Letter {name}",
        "sections": [{"title": "All", "items": ids}],
    }
    return _text(keys, "A message.")


DECORATIONS = (
    "title", "summary", "kind", "themes", "themes", "series", "date", "updated", "expires",
    "draft", "slug", "title", "lang", "aliases", "slug", "image", "translations", "authors", "link",
    "body", "part", "part",
)  # fmt: skip
LOCAL = (
    "add_item", "edit_item", "edit_item", "edit_item", "edit_item", "rename_item", "delete_item",
    "edit_theme", "change_media", "change_media", "delete_media", "edit_plan",
)  # fmt: skip
"""Edits that change some pages and leave others alone."""

EDITS = (
    *LOCAL, "add_theme", "delete_theme", "add_media", "delete_plan", "edit_settings",
    "edit_template", "move_clock",
)  # fmt: skip
