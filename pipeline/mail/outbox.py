"""The port `Carrier` into a folder: each letter a file, as a mail client opens it.

The default, so that who tries the program out sends nothing.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply, Stage
from pipeline.errors import MailTemporaryError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.ports.sending import Letter, Round

ADDRESS_MOST = 80
"""Characters of an address in a file's name; file systems take 255 bytes in all."""

_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")


class Outbox:
    """Writes into `folder`; a letter that is written again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, letters: Round) -> None:
        """Write everything. Raises MailTemporaryError where the folder cannot be written to."""
        done: list[tuple[Letter, Reply]] = []
        while (found := letters.next()) is not None:
            if isinstance(found, float | int):
                if done:
                    letters.commit((), done)
                    done = []
                time.sleep(max(found, 0.0))
                continue
            letters.commit((found,), done)
            done = []
            try:
                path = self._write(found)
            except OSError as error:
                why = f"{self._folder} cannot be written to: {error.strerror}"
                letters.commit((), ((found, Reply(Stage.DATA, 0, "", why)),))
                raise MailTemporaryError(why, str(self._folder)) from error
            except KeyboardInterrupt:
                # Written whole, or not at all: here it is known which.
                stage = Stage.CONTENT if self.path(found).is_file() else Stage.DATA
                letters.commit((), ((found, Reply(stage, 250 if stage is Stage.CONTENT else 0)),))
                raise
            done = [(found, Reply(Stage.CONTENT, 250, "2.0.0", f"written to {path}"))]
        if done:
            letters.commit((), done)

    def path(self, letter: Letter) -> Path:
        """The file of a letter: the same one whenever it is written."""
        address = _UNSAFE.sub("_", letter.claim.address)[:ADDRESS_MOST]
        return self._folder / f"{letter.claim.id}-{address}.eml"

    def _write(self, letter: Letter) -> Path:
        """The message as it was before it was made ready for DATA (RFC 5321 §4.5.2)."""
        path = self.path(letter)
        data = letter.data.replace(b"\r\n..", b"\r\n.")
        part = path.with_suffix(".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data[1:] if data.startswith(b"..") else data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path
