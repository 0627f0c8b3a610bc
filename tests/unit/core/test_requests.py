"""Codings, tags and ranges, as RFC 9110 has them."""

from __future__ import annotations

import pytest

from pipeline.core.requests import BROTLI, GZIP, IDENTITY, Part, byte_range, codings, is_known


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, (IDENTITY,)),
        (b"", (IDENTITY,)),
        (b"gzip", (GZIP, IDENTITY)),
        (b"x-gzip", (GZIP, IDENTITY)),
        (b"gzip, deflate, br, zstd", (BROTLI, GZIP, IDENTITY)),
        (b"GZIP;q=1.0, br;q=0.5", (GZIP, BROTLI, IDENTITY)),
        (b"br;q=0, gzip", (GZIP, IDENTITY)),
        (b"*", (BROTLI, GZIP, IDENTITY)),
        (b"*;q=0, gzip;q=0.1", (GZIP, IDENTITY)),
        (b"gzip;q=0, *", (BROTLI, IDENTITY)),
        (b"identity, gzip;q=0.5", (IDENTITY,)),
        (b"identity;q=0.5, gzip;q=0.5", (GZIP, IDENTITY)),
        (b"identity;q=0", (IDENTITY,)),
        (b"gzip;q=nonsense", (GZIP, IDENTITY)),
        (b"deflate", (IDENTITY,)),
        (b"\xff\xfe,;;,", (IDENTITY,)),
    ],
)
def test_codings(accept: bytes | None, expected: tuple[int, ...]) -> None:
    assert codings(accept) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", W/"a" , "c"', True),
        (b"*", True),
        (b'"b"', False),
        (b'"a-gz"', False),
        (b"a", False),
        (b"", False),
    ],
)
def test_tags(known: bytes, *, expected: bool) -> None:
    assert is_known(known, b'"a"') is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (b"bytes=0-0", (0, 1)),
        (b"bytes=2-4", (2, 5)),
        (b"bytes=2-", (2, 10)),
        (b"bytes=2-99", (2, 10)),
        (b"bytes=-3", (7, 10)),
        (b"bytes=-99", (0, 10)),
        (b"Bytes = 1-2", (1, 3)),
        (b"bytes=10-", (0, 0)),
        (b"bytes=-0", (0, 0)),
        (b"bytes=4-2", None),
        (b"bytes=-", None),
        (b"bytes=0-1,3-4", None),
        (b"lines=0-1", None),
        (b"bytes=a-b", None),
        (b"bytes=" + b"9" * 30 + b"-", None),
    ],
)
def test_ranges(value: bytes | None, expected: tuple[int, int] | None) -> None:
    found = byte_range(value, 10)
    assert found == (expected and Part(first=expected[0], end=expected[1]))


def test_nothing_has_no_part() -> None:
    assert byte_range(b"bytes=0-", 0) == Part(first=0, end=0)
