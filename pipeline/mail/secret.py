"""The newsroom's secret key: what links to subscribers are signed with."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 32
"""Characters of a key; as many random ones cannot be guessed."""

DISTINCT_LEAST = 8
"""Different characters among them: `aaaa…` is no secret."""

ADVICE = "make one by 'openssl rand -hex 32'"


def secret_keys(given: str, file: Path) -> tuple[bytes, ...]:
    """The keys, at least one: the first signs, all of them are known.

    `given` is `ENEWS_SECRET_KEY`, several keys with white space between them; where it is "", the
    key lies in `file`, which is made when it is not there: readable by its owner only, and the same
    for processes that make it at once. Raises ConfigError, which shows no key.
    """
    if given.split():
        return _checked(given, "ENEWS_SECRET_KEY")
    try:
        if not file.exists():
            _make(file)
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"the secret key in {file}: {why}") from error
    return _checked(text, str(file))


def _checked(text: str, where: str) -> tuple[bytes, ...]:
    keys = text.split()
    if not keys:
        raise ConfigError(
            f"{where} is empty: put back the key that links in mails were signed with, or remove "
            "it, after which those links lead nowhere"
        )
    for number, key in enumerate(keys, 1):
        which = f"{where}, key {number} of {len(keys)}," if len(keys) > 1 else where
        if len(key) < LEAST:
            raise ConfigError(f"{which} has {len(key)} characters: {LEAST} at least; {ADVICE}")
        if len(set(key)) < DISTINCT_LEAST:
            raise ConfigError(f"{which} can be guessed: {ADVICE}")
    return tuple(key.encode() for key in keys)


def _make(file: Path) -> None:
    """Write a new key, whole and on the disk before it has its name; who came first stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(descriptor, f"{secrets.token_urlsafe(LEAST)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, file)  # unlike rename, never in the place of another's
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
