"""Keys: what stands for all that a page is made of."""

from __future__ import annotations

import hashlib

from pipeline.ports.building import Page

__all__ = ["Page", "key_of"]


def key_of(*parts: object) -> str:
    """A key from everything that a page is made of; equal parts give equal keys on any machine."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
