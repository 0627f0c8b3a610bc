"""Messages in files: one, a mailbox file (mbox, RFC 4155), a Maildir, a folder of `.eml` files.

Nothing is changed or removed. Of each message no more is read than is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import ConfigError
from pipeline.mail.parts import READ_MOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

FROM = b"From "
MAILDIR = ("cur", "new")


def messages_in(path: Path) -> Iterator[bytes]:
    """The messages of a file or folder, in the order of their names.

    Raises ConfigError where there is nothing to be read.
    """
    try:
        if not path.is_dir():
            yield from _of_file(path)
            return
        boxes = [path / name for name in MAILDIR if (path / name).is_dir()]
        for folder in boxes or [path]:
            for file in sorted(folder.glob("*" if boxes else "*.eml")):
                if file.is_file() and not file.name.startswith("."):
                    yield from _of_file(file)
    except OSError as error:
        raise ConfigError(f"{error.filename or path}: {error.strerror}") from error


def message_from(stream: BinaryIO) -> bytes:
    """One message from a pipe, read to its end: whoever writes it must not meet a closed one."""
    found = stream.read(READ_MOST)
    while stream.read(READ_MOST):
        pass
    return found


def _of_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        start = file.read(len(FROM))
        file.seek(0)
        if start == FROM:
            yield from _of_mailbox(file)
        elif start:
            yield file.read(READ_MOST)


def _of_mailbox(file: BinaryIO) -> Iterator[bytes]:
    """Each message of a mailbox file; they begin with `From ` after an empty line."""
    lines: list[bytes] = []
    size, empty = 0, True
    while line := file.readline(READ_MOST):
        if empty and line.startswith(FROM):
            if lines:
                yield b"".join(lines)
            lines, size = [], 0
        elif size < READ_MOST:
            # Of what looked like the beginning of another message, in the text of this one.
            lines.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
        empty = not line.strip(b"\r\n")
    if lines:
        yield b"".join(lines)
