"""Reads another system's list of subscribers: a CSV file, and writes the report about it.

The file is UTF-8, or UTF-16 with a byte order mark, with commas, semicolons, tabs or bars between
its cells (RFC 4180 with what spreadsheets make of it). It is read as a stream. A quotation mark
that nobody closes costs its own line and no other: a record is at most `RECORD_LINES` lines long.
"""

from __future__ import annotations

import codecs
import csv
import os
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING

from pipeline.core.address import folded, mentions, parse_address, shown
from pipeline.core.import_row import Row, Trouble
from pipeline.errors import AddressError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from io import BufferedReader
    from pathlib import Path
    from typing import IO

DELIMITERS = ",;\t|"
RECORD_LINES = 100
RECORD_MOST = 100_000
"""Characters of a record; what is longer is nobody's."""
LINE_MOST = RECORD_MOST + 1
HEAD = ("line", "column", "value", "problem", "what to do")
VALUE_MOST = 200
_OPEN: Sequence[str] = ("",)
ENDS = ("\n", "\r")
BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""


class SubscriberFile:
    """An open file: its `header`, then its `rows`.

    `size` and `position` are bytes; a pipe has 0 of both.
    """

    def __init__(self, raw: BufferedReader, size: int, name: str = "") -> None:
        self._raw = raw
        self._name = name
        self.size = size
        start = raw.peek(2)
        encoding = next((name for bom, name in BOMS if start.startswith(bom)), "utf-8-sig")
        self._text = TextIOWrapper(raw, encoding, errors="surrogateescape", newline="")
        self._lines = _Lines(self._text, name)
        self._delimiter = ""
        self.header: tuple[str, ...] = ()
        self.header = self._header()

    @property
    def position(self) -> int:
        """How far it was read."""
        return self._raw.tell() if self.size else 0

    def rows(self) -> Iterator[Row]:
        """What follows the header, one after the other."""
        while (row := self._row()) is not None:
            yield row

    def _header(self) -> tuple[str, ...]:
        """The names of the columns. Raises ConfigError where there is nothing."""
        while line := self._lines.next():
            if line.lower().startswith("sep=") and len(line.rstrip("\r\n")) == 5:
                self._delimiter = line[4]  # Excel's own way to say so
            elif line.strip():
                break
        else:
            raise ConfigError(f"{self._name}: it is empty: the first line names the columns")
        if "\0" in line:
            raise ConfigError(f"{self._name}: it is no text: save it as CSV, in UTF-8")
        self._lines.back(line)
        self._delimiter = self._delimiter or max(DELIMITERS, key=line.count)
        row = self._row()
        if row is None or row.fault:
            fault = row.fault if row else "there is none"
            raise ConfigError(f"{self._name}: the line that names the columns: {fault}")
        return tuple(cell.strip() for cell in row.cells)

    def _row(self) -> Row | None:
        """The next record; one that is never closed is its first line alone."""
        first = self._lines.next()
        if not first:
            return None
        at = self._lines.number
        if len(first) > RECORD_MOST:
            return Row(at, (), f"longer than {RECORD_MOST} characters")
        cells = self._parse(first, strict='"' in first)
        if cells is not _OPEN and len(cells) < len(self.header) and not first.endswith(ENDS):
            return Row(at, (), "the file ends in the midst of this line")
        if cells is not _OPEN:
            return Row(at, cells or self._parse(first, strict=False))
        following: list[str] = []
        while len(following) < RECORD_LINES and sum(map(len, following)) < RECORD_MOST:
            following.append(self._lines.next())
            if '"' in following[-1]:
                cells = self._parse("".join([first, *following]), strict=True)
            if cells is not _OPEN or not following[-1]:
                break
        # With other cells than the header has, the mark closed somebody else's.
        if cells is not _OPEN and len(cells) == len(self.header or cells) > 0:
            return Row(at, cells)
        for line in reversed(following):
            self._lines.back(line)
        return Row(at, (), "a quotation mark that is never closed")

    def _parse(self, text: str, *, strict: bool) -> Sequence[str]:
        """The cells of one record; `_OPEN` where it goes on in the next line, () for no record."""
        try:
            return next(csv.reader([text], delimiter=self._delimiter, strict=strict), [])
        except csv.Error as error:
            return _OPEN if "unexpected end" in str(error) else ()


class _Lines:
    """Lines with their numbers, of which some may be put back. Raises ConfigError."""

    def __init__(self, text: TextIOWrapper, name: str) -> None:
        self._text = text
        self._name = name
        self._again: list[str] = []
        self.number = 0

    def next(self) -> str:
        """The next line with its end; "" at the end. One that is too long is cut, whole."""
        try:
            line = self._again.pop() if self._again else self._read()
        except UnicodeError as error:
            where = f"{self._name}: after line {self.number} it"
            raise ConfigError(f"{where} is not the UTF-16 it began as: save it as UTF-8") from error
        except OSError as error:
            where = f"{self._name}: after line {self.number}"
            raise ConfigError(f"{where}: {error.strerror or error}") from error
        self.number += bool(line)
        return line

    def back(self, line: str) -> None:
        """Read this line again."""
        if line:
            self._again.append(line)
            self.number -= 1

    def _read(self) -> str:
        line = rest = self._text.readline(LINE_MOST)
        while len(rest) == LINE_MOST and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LINE_MOST)
        return line


@contextmanager
def open_subscribers(path: Path) -> Iterator[SubscriberFile]:
    """Open a list. Raises ConfigError where it cannot be read, or holds nothing."""
    try:
        raw = path.open("rb")
        size = os.fstat(raw.fileno()).st_size
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    with raw:
        yield SubscriberFile(raw, size, str(path))


class ImportReport:
    """The report's file at `path`, made with the first line: no trouble, no file.

    Nobody but its owner may read it: it holds addresses. Where it cannot be written, `failure` says
    why, and nothing more is: an import does not end for that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: ConfigError | None = None
        self._file: IO[str] | None = None

    def note(self, troubles: Iterable[Trouble]) -> None:
        """Add lines."""
        if self.failure is not None:
            return
        with self._writing():
            if self._file is None:
                self._file = self._open()
            writer = csv.writer(self._file)
            for line, *texts in troubles:
                writer.writerow([line, *map(_harmless, texts)])

    def close(self) -> None:
        """Write what is left of it."""
        if self._file is not None:
            with self._writing():
                self._file.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if self.failure is None:
                self.failure = ConfigError(f"--report {self.path}: {error.strerror or error}")
                self.failure.__cause__ = error

    def _open(self) -> IO[str]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        file = os.fdopen(number, "w", encoding="utf-8", newline="")
        if self.path.is_file():  # one of an earlier time may be there for all to read
            os.fchmod(number, 0o600)
        csv.writer(file).writerow(HEAD)
        return file


def forget_in_report(path: Path, addresses: Collection[str]) -> bool:
    """Take the lines that hold one of these addresses out of a report; False where none does.

    A report without any line left is removed. Raises OSError, and ValueError for what is no report.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(rows[0]) != HEAD:
        raise ValueError(f"{path} is no report of an import")
    kept = [row for row in rows if not any(_holds(cell, addresses) for cell in row)]
    if len(kept) == len(rows):
        return False
    if len(kept) == 1:
        path.unlink()
        return True
    begun = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                   encoding="utf-8", newline="") as file:  # fmt: skip
        csv.writer(file).writerows(kept)
    begun.replace(path)
    return True


def _holds(cell: str, addresses: Collection[str]) -> bool:
    """True where a cell names one of them; also where the list spelt it another way."""
    if mentions(cell, addresses):
        return True
    try:
        return parse_address(cell.lstrip("'").strip()).folded in map(folded, addresses)
    except AddressError:
        return False


def _harmless(text: str) -> str:
    """A cell that shows what it holds, in a length that one can read."""
    seen = text if text.isprintable() else shown(text)[1:-1]
    return unformula(seen if len(seen) <= VALUE_MOST else f"{seen[:VALUE_MOST]}…")


def unformula(text: str) -> str:
    """A cell that no spreadsheet computes, whoever typed it into a form.

    One apostrophe more than it has: `core.import_row` takes it away again.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text
