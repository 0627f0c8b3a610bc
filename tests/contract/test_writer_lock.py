"""The writer's lock on a disk that is full: said as any other trouble with a file."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import OutputError
from pipeline.output.lock import writer_lock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_full_disk_is_named_and_what_is_done_under_the_lock_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "writer.lock"
    with (
        pytest.raises(FileNotFoundError),
        writer_lock(path, "enews build", wait=False, waiting=print),
    ):
        raise FileNotFoundError
    monkeypatch.setattr(os, "pwrite", full)
    with (
        pytest.raises(OutputError, match=r"writer\.lock cannot be written: No space left"),
        writer_lock(path, "enews build", wait=False, waiting=print),
    ):
        pytest.fail("the lock was given")
    monkeypatch.undo()
    with writer_lock(path, "enews build", wait=False, waiting=print):
        assert path.read_text() == "enews build\n"
