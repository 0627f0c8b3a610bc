"""The port `Carrier` into a folder: each letter a file, as a mail client opens it.

The default, so that who tries the program out sends nothing.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.core.address import mentions
from pipeline.core.reply import Reply, Stage
from pipeline.errors import AddressError, FencedError, MailTemporaryError, StoreError
from pipeline.mail.ending import sleep, told_to_end
from pipeline.mail.headers import address_spec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from pipeline.ports.sending import Letter, Round

ADDRESS_MOST = 80
"""Characters of an address in a file's name; file systems take 255 bytes in all."""
COMMIT_AGAIN = (1.0, 3.0, 6.0)
"""Pauses in seconds, where the ledger cannot be written."""
HEAD_MOST = 65_536
"""Bytes of a letter that its header is looked for in."""

_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")


class Outbox:
    """Writes into `folder`; a letter that is written again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, letters: Round) -> None:
        """Write everything.

        Raises MailTemporaryError where the folder cannot be written to, and what the round itself
        raises. On Ctrl-C, and where a service manager says to end (SIGTERM), what is being written
        is finished and kept, and KeyboardInterrupt is raised.
        """
        done: list[tuple[Letter, Reply]] = []
        with told_to_end() as told:
            while not told.is_set() and (found := letters.next()) is not None:
                if isinstance(found, float | int):
                    if done:
                        _commit(letters, (), done)
                        done = []
                    sleep(found, told)
                    continue
                _commit(letters, (found,), done)
                done = [(found, self._written(letters, found))]
            if done:
                _commit(letters, (), done)
        if told.is_set():
            raise KeyboardInterrupt

    def _written(self, letters: Round, letter: Letter) -> Reply:
        try:
            path = self._write(letter)
        except OSError as error:
            why = f"{self._folder} cannot be written to: {error.strerror}"
            _commit(letters, (), ((letter, Reply(Stage.DATA, 0, "", why)),))
            raise MailTemporaryError(why, str(self._folder)) from error
        return Reply(Stage.CONTENT, 250, "2.0.0", f"written to {path}")

    def path(self, letter: Letter) -> Path:
        """The file of a letter: the same one whenever it is written."""
        return self._folder / f"{letter.claim.id}-{_in_name(letter.claim.address)}.eml"

    def _write(self, letter: Letter) -> Path:
        """The message as it was before it was made ready for DATA (RFC 5321 §4.5.2).

        For its owner only: it holds an address, and links that act for who has them.
        """
        path = self.path(letter)
        data = letter.data.replace(b"\r\n..", b"\r\n.")
        part = path.with_suffix(".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data[1:] if data.startswith(b"..") else data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path


def letters_to(folder: Path, addresses: Collection[str]) -> Iterator[Path]:
    """The files below `folder` that are letters to one of these addresses, in whatever case.

    Found by their names, and by the `To` of each, since an address in other letters shares its
    name with others. One that cannot be read is taken for what its name says.
    """
    specs: dict[str, list[str]] = {}
    for address in addresses:
        with suppress(AddressError):  # nobody ever wrote to it
            specs.setdefault(_in_name(address).casefold(), []).append(address_spec(address))
    for path in sorted((*folder.rglob("*.eml"), *folder.rglob("*.part"))):
        number, _, name = path.stem.partition("-")
        written = specs.get(name.casefold()) if number.isdigit() else None
        if written and _is_to(path, written):
            yield path


def _is_to(path: Path, specs: Collection[str]) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_MOST).partition(b"\r\n\r\n")[0]
    except OSError:
        return True
    return mentions(head.decode("utf-8", "replace"), specs)


def _commit(letters: Round, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
    """The round's commit; a store that is locked for a while makes no letter uncertain."""
    first: StoreError | None = None
    for pause in (*COMMIT_AGAIN, None):
        try:
            letters.commit(begun, done)
        except StoreError as error:
            first = first or error
            if pause is None or isinstance(error, FencedError):
                raise first  # noqa: B904 - what a later try says only follows from it
            time.sleep(pause)
        else:
            return


def _in_name(address: str) -> str:
    return _UNSAFE.sub("_", address)[:ADDRESS_MOST]
