"""New files for an editor: a whole newsroom, or one item; never over what is there."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from pipeline.content.schema import DEVICES, SLUG_BYTES_MOST, language, visible
from pipeline.core.text import legal, one_line
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

CONFIG = "newsroom.toml"
IGNORED = "/output/\n/.pipeline/\n# People's addresses, and keys.\n/*.csv\n/*.pem\n"
PLAIN = re.compile(r"[^\W\d_][\w ,.()/'’–-]*")
WORDS = frozenset({"true", "false", "yes", "no", "null", "on", "off"})
_PLACE = re.compile(r"@[A-Z_]+@")
_LINE = re.compile(r"^([a-z]+): (.*@[A-Z_]+@.*)$", re.MULTILINE)
_PHRASE = re.compile(r"[\w !#$%&'*+/=?^`{|}~’–-]*")


def start_newsroom(
    folder: Path, template: Path, *, title: str, lang: str, today: date
) -> list[Path]:
    """Write a newsroom that builds at once into `folder`; gives the files made.

    It is in the language `lang` where `template` has that (`fr` for `fr-CH`), else in English.
    Raises ConfigError where there is a newsroom already, and for what is no language.
    """
    from pipeline.render.dates import is_language

    try:
        language(lang)
    except ValueError as error:
        raise ConfigError(f'--language: found "{lang}"; expected {error}.') from error
    if not is_language(lang):
        known = "a language that has a name in CLDR, such as en, fr, es, ar or pt-BR"
        raise ConfigError(f'--language: found "{lang}"; expected {known}.')
    content = folder / "content"
    if content.exists():
        raise ConfigError(f"{content} exists already: nothing was changed. Name another folder.")
    safe = re.sub(r"[\x7f-\x9f]", "", one_line(legal(title)))
    safe = safe if visible(safe) else "Newsroom"
    spoken = first_language(template, lang)
    values = _words(template / "words" / f"{spoken}.po")
    values["@NEWSLETTER@"] = values["@NEWSLETTER@"].replace("{title}", safe)
    values |= {"@TITLE@": safe, "@YEAR@": str(today.year), "@LANGUAGE@": lang}
    values["@SENDER@"] = _phrase(safe)
    quoted = {place: _toml(value) for place, value in values.items()}
    made = [
        _create(content / CONFIG, _filled((template / CONFIG).read_text("utf-8"), quoted)),
    ]
    for source in sorted(path for path in (template / spoken).rglob("*") if path.is_file()):
        name = source.relative_to(template / spoken)
        if name.parts[0] == "items":
            target = content / "items" / str(today.year) / f"{today.isoformat()}-{name.name}"
        else:
            target = content / name
        made.append(_create(target, _matter(source.read_text("utf-8"), values)))
    (content / "media").mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        made.append(_create(ignore, IGNORED))
    return made


def first_language(template: Path, lang: str) -> str:
    """The language of a new newsroom's first texts: that of `lang` where there are such, or en."""
    base = lang.lower().partition("-")[0]
    return base if (template / base).is_dir() else "en"


def start_item(content: Path, *, title: str, kind: str, day: date, themes: Iterable[str]) -> Path:
    """Write the skeleton of an item; gives its path. Raises ConfigError where it exists."""
    name = slug_of(title)
    path = content / "items" / str(day.year) / f"{day.isoformat()}-{name}.md"
    known = ", ".join(sorted(themes))
    lines = [
        "---",
        f"title: {yaml_text(title)}",
        f"kind: {kind}",
        f"themes: []               # {f'any of: {known}' if known else 'files in content/themes/'}",
        'summary: ""              # one or two sentences; without it, the start of the text',
        "# image: {src: media/name.jpg, alt: What it shows, caption: …, credit: …}",
        "# authors: [Name]",
        "# link: https://…        # the original elsewhere",
        "draft: true              # false publishes it",
        "---",
        "",
        "",
    ]
    return _create(path, "\n".join(lines))


def slug_of(title: str) -> str:
    """A path segment made of a title: Latin letters lose their accents, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", title.casefold())
    plain = "".join(c for c in decomposed if not 0x300 <= ord(c) < 0x370)
    # Marks belong to the letter before them: the vowels of Hindi and Thai are such.
    letters = (
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else " "
        for c in unicodedata.normalize("NFC", plain)
    )
    words = [word for word in "".join(letters).split() if word[0].isalnum()]
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:45]
        if len(longer) > 60 or len(longer.encode()) > SLUG_BYTES_MOST:
            break
        slug = longer
    # Windows keeps names such as com1 for devices, and a checkout there would fail.
    return f"{slug}-item" if DEVICES.fullmatch(slug) else slug or "untitled"


def yaml_text(text: str) -> str:
    """`text` as a YAML scalar that reads back as itself."""
    line = " ".join(text.split())
    if PLAIN.fullmatch(line) and line.lower() not in WORDS:
        return line
    return json.dumps(line, ensure_ascii=False)


def _toml(text: str) -> str:
    """What stands between the quotes of a TOML string; `text` is without control characters."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _phrase(name: str) -> str:
    """`name` before an address, in quotes where mail wants them (RFC 5322 §3.2.5)."""
    name = one_line(re.sub("[<>@]", "", name))
    if _PHRASE.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(path: Path) -> dict[str, str]:
    """What stands in a new newsroom's configuration: `@NEWS@` and its like, with their words."""
    from pipeline.render.po import parse_po

    entries = parse_po(path.read_bytes(), f"newsroom/words/{path.name}")
    return {f"@{key.upper()}@": entry.forms[0] for key, entry in entries.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its places filled, once: a title may look like a place."""
    return _PLACE.sub(lambda place: values.get(place[0], place[0]), text)


def _matter(text: str, values: Mapping[str, str]) -> str:
    """A text whose front matter has places, filled so that it is YAML whatever they hold."""
    return _LINE.sub(lambda line: f"{line[1]}: {yaml_text(_filled(line[2], values))}", text)


def _create(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already: nothing was changed.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return path
