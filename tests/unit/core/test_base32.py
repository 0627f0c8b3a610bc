"""Our base32 against the standard library's."""

from __future__ import annotations

from base64 import b32encode

import pytest

from pipeline.core.base32 import decoded, encoded


@pytest.mark.parametrize("length", range(42))
def test_the_same_as_the_library(length: int) -> None:
    for raw in (bytes(length), b"\xff" * length, bytes(range(200, 200 + length))):
        assert encoded(raw) == b32encode(raw).decode().rstrip("=").lower()
        assert decoded(encoded(raw)) == decoded(encoded(raw).upper()) == raw


@pytest.mark.parametrize("text", ["a", "abc", "ab1c", "ab c", "é"])
def test_what_is_no_base32(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decoded(text)
