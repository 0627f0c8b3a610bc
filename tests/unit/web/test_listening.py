"""ENEWS_LISTEN."""

from __future__ import annotations

import pytest

from pipeline.errors import ConfigError
from pipeline.web.listening import Place, place_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8000", Place(host="127.0.0.1", port=8000)),
        ("localhost:0", Place(host="localhost", port=0)),
        ("[::]:8000", Place(host="::", port=8000)),
        ("[::1]:65535", Place(host="::1", port=65535)),
        (":8000", Place(port=8000)),
        ("unix:/run/enews/web.sock", Place(path="/run/enews/web.sock")),
    ],
)
def test_places(text: str, expected: Place) -> None:
    assert place_of(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "8000", "host", "host:", "host:x", "host:65536", "host:-1", "::1:8000", "unix:web.sock",
        "unix:", "http://host:80", "unix:/" + "x" * 200, "unix:/a\0b", "host:٣",
    ],
)  # fmt: skip
def test_nonsense_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="ENEWS_LISTEN"):
        place_of(text)
