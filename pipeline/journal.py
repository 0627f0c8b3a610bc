"""What 'enews run' writes on standard error: a line an event, with what it is about.

::

    2026-03-31 07:00:01Z INFO run=12 flow=draft: letter/2026-03 is made
    {"at": "2026-03-31T07:00:01.204Z", "level": "info", "run": 12, "flow": "draft", "words": "…"}

Times are in UTC. No line holds an address or a link that belongs to somebody: nobody should write
one, and where somebody does it becomes `…` here, also in a library's words. What came from outside
cannot begin a line of its own.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "enews"
LIBRARIES = ("uvicorn", "apscheduler", "fastapi", "sqlalchemy", "asyncio")
"""Of these only warnings and errors are of interest."""

HIDDEN = "…"

_ADDRESS = re.compile(
    r"""(?:"[^"\n]*"|[^\s<>()\[\],;:"]+)(?:@|%40)[^\s<>()\[\],;"'/]+""", re.IGNORECASE
)
_LOGIN = re.compile(r"(?<=://)[^\s/@]*@")
_LINK = re.compile(r"(/[ucp]/)[^\s/?#\"'<>]+")
_TOKEN = re.compile(r"\benews_[A-Za-z0-9_-]{16,}")


def masked(text: str) -> str:
    """A text without addresses, logins in URLs, links of a person, and access tokens."""
    text = _LOGIN.sub(f"{HIDDEN}@", text)
    text = _ADDRESS.sub(HIDDEN, text)
    text = _LINK.sub(rf"\1{HIDDEN}", text)
    return _TOKEN.sub(f"enews_{HIDDEN}", text)


class Journal:
    """Writes lines about one thing; `about` gives one for something more special."""

    def __init__(self, fields: Mapping[str, object] | None = None) -> None:
        self._fields = dict(fields or {})
        self._log = logging.getLogger(NAME)

    def about(self, **fields: object) -> Journal:
        """One whose lines also have these fields: `run`, `flow`, `mailing`."""
        return Journal({**self._fields, **fields})

    def info(self, words: str, **fields: object) -> None:
        """Something happened, as it should."""
        self._write(logging.INFO, words, fields)

    def warning(self, words: str, **fields: object) -> None:
        """Something is not as it should be, and goes on by itself."""
        self._write(logging.WARNING, words, fields)

    def error(self, words: str, error: BaseException | None = None, **fields: object) -> None:
        """Something failed; `error` is shown with where it came from, for whoever mends it."""
        self._write(logging.ERROR, words, fields, error)

    def _write(
        self,
        level: int,
        words: str,
        fields: Mapping[str, object],
        error: BaseException | None = None,
    ) -> None:
        # Not as a format: what stands in words is no pattern.
        self._log.log(
            level, "%s", words, extra={"fields": {**self._fields, **fields}}, exc_info=error
        )


def open_journal(kind: str, stream: TextIO) -> Journal:
    """Send all that this process logs to `stream`, as `text` or `json`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if kind == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(NAME).setLevel(logging.INFO)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(logging.WARNING)
    return Journal()


class TextLines(logging.Formatter):
    """A line an event; further lines, of an error, are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The time, the level, the fields, the words."""
        at = datetime.fromtimestamp(record.created, UTC)
        fields = " ".join(f"{name}={_word(value)}" for name, value in _fields(record).items())
        head = f"{at:%Y-%m-%d %H:%M:%S}Z {record.levelname}"
        line = f"{head} {fields}: {_words(record)}" if fields else f"{head}: {_words(record)}"
        below = _trace(self, record).splitlines()
        return masked("\n".join((_one_line(line), *(f"    {_one_line(x)}" for x in below))))


class JsonLines(logging.Formatter):
    """An object an event, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """As `TextLines`, for a program."""
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {
            "at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            "level": record.levelname.lower(),
            **{
                name: value if isinstance(value, (int, float)) else masked(str(value))
                for name, value in _fields(record).items()
            },
            "words": masked(_words(record)),
        }
        trace = _trace(self, record)
        if trace:
            told["trace"] = masked(trace)
        return json.dumps(told)  # in ASCII: some letters break lines, too


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    """What it is about; of a library's line, whose it is."""
    found = getattr(record, "fields", None)
    return found if isinstance(found, dict) else {"by": record.name}


def _words(record: logging.LogRecord) -> str:
    return record.getMessage()


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    return formatter.formatException(record.exc_info)


def _word(value: object) -> str:
    """A value with no space in it, or in quotes."""
    text = str(value)
    plain = text and not re.search(r"[\s\"=]", text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    """What can be printed, and breaks no line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
