"""One file of the output, before anybody knows whether it has to be made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A file at `path` below the output folder.

    `key` stands for all that `render` reads: where it is equal to that of the last build, the bytes
    are too, and `render` is not called.
    """

    path: str
    key: str
    render: Callable[[], bytes]


def key_of(*parts: object) -> str:
    """A key from everything that a page is made of; equal parts give equal keys on any machine."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
