"""Lines of the journal: what they are about, and what never stands in one."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING

import pytest

from pipeline.journal import LIBRARIES, NAME, Journal, masked, open_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("", NAME, *LIBRARIES)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(x, x.level, list(x.handlers), x.propagate) for x in loggers]
    yield
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


def lines(kind: str = "text") -> tuple[Journal, io.StringIO]:
    stream = io.StringIO()
    return open_journal(kind, stream), stream


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to ada@example.org, twice", "to …, twice"),
        ("<ada.o'neil+x@example.org>", "<…>"),
        ('to "ada lovelace"@example.org', "to …"),
        ("bounce+ada=example.org@news.example.org", "…"),
        ("GET /preferences?address=ada%40example.org HTTP", "GET … HTTP"),
        ("of Ada@Exämple.org:", "of …"),
        ("smtp+starttls://user:p%3Ass@mail.example.org:587", "smtp+starttls:…"),
        ("POST /news/u/abc.def-_1?x", "POST /news/u/…?x"),
        ("/c/tok /p/tok/", "/c/… /p/…/"),
        ("Bearer enews_0123456789abcdefghij", "Bearer enews_…"),
        ("letter/2026-03 at 09:00, 3 % done", "letter/2026-03 at 09:00, 3 % done"),
        ("/items/2026/u-turn/", "/items/2026/u-turn/"),
    ],
)
def test_what_belongs_to_somebody_is_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_line_says_what_it_is_about() -> None:
    journal, stream = lines()
    journal.about(run=12, flow="draft").info("letter/2026-03 is made", mailing="a b")
    line = stream.getvalue()
    assert re.fullmatch(
        r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ INFO run=12 flow=draft mailing="a b": '
        r"letter/2026-03 is made\n",
        line,
    )


def test_json_lines() -> None:
    journal, stream = lines("json")
    journal.about(run=12).warning("ada@example.org\nis 100% gone", flow="a@example.org")
    told = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("at"))
    assert told == {"level": "warning", "run": 12, "flow": "…", "words": "…\nis 100% gone"}
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("kind", ["text", "json"])
def test_nobody_can_begin_a_line_of_their_own(kind: str) -> None:
    journal, stream = lines(kind)
    journal.info("a\n2026-03-31 09:00:01Z INFO: all is well\r\x1b[2J\u2028b", flow="x\ny")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_an_error_shows_where_it_came_from_and_no_address() -> None:
    for kind in ("text", "json"):
        journal, stream = lines(kind)
        try:
            raise ValueError("ada@example.org")  # noqa: TRY301
        except ValueError as error:
            journal.error("it failed", error, run=3)
        said = stream.getvalue()
        assert "ValueError" in said
        assert "test_journal.py" in said
        assert "ada" not in said
        first, *rest = said.splitlines()
        assert "run" in first
        assert all(line.startswith("    ") for line in rest)
        assert bool(rest) is (kind == "text")


def test_libraries_speak_through_it_when_something_is_wrong() -> None:
    journal, stream = lines()
    logging.getLogger("uvicorn.access").info("GET / 200")
    logging.getLogger("uvicorn.error").warning("of %s", "ada@example.org")
    logging.getLogger("apscheduler.scheduler").info("Added job")
    logging.getLogger("elsewhere").warning("odd")
    del journal
    said = [line.partition("Z ")[2] for line in stream.getvalue().splitlines()]
    assert said == ["WARNING by=uvicorn.error: of …", "WARNING by=elsewhere: odd"]
