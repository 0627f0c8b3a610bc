"""What a newsroom has, for options that name it: newsletters, themes and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pipeline.content.reader import ContentFolder
    from pipeline.core.newsroom import Newsroom


def themes_of(content: ContentFolder) -> tuple[str, ...]:
    """The keys of all themes."""
    paths = content.scan().themes
    return tuple(path.rpartition("/")[2].removesuffix(".md") for path in paths)


def known_newsletters(newsroom: Newsroom, keys: Sequence[str]) -> frozenset[str]:
    """These, or the only one. Raises ConfigError."""
    known = [newsletter.key for newsletter in newsroom.newsletters]
    if not known:
        raise ConfigError("there is no newsletter: [[newsletters]] in newsroom.toml adds one")
    if not keys and len(known) > 1:
        raise ConfigError(f"say which newsletter: --newsletter {' or '.join(known)}")
    _check("--newsletter", keys, known, "newsletter")
    return frozenset(keys or known)


def known_topics(content: ContentFolder, keys: Sequence[str]) -> frozenset[str]:
    """These themes. Raises ConfigError."""
    if keys:
        _check("--topic", keys, themes_of(content), "theme")
    return frozenset(keys)


def known_language(newsroom: Newsroom, tag: str) -> str:
    """A language that something here comes in, "" for none said. Raises ConfigError."""
    if tag:
        _check("--language", [tag], languages_of(newsroom), "language")
    return tag


def languages_of(newsroom: Newsroom) -> tuple[str, ...]:
    """The languages that anything here comes in, the newsroom's first."""
    every = (tag for newsletter in newsroom.newsletters for tag in newsletter.languages)
    return tuple(dict.fromkeys((newsroom.language, *every)))


def _check(option: str, words: Sequence[str], known: Collection[str], what: str) -> None:
    from pipeline.content.schema import unknown

    for word in words:
        if word not in known:
            raise ConfigError(f'{option} "{word}": {unknown(what, word, known)}')
