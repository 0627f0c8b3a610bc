"""The folder that takes letters where no server is set."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pipeline.core.reply import Stage
from pipeline.errors import MailTemporaryError, StoreError
from pipeline.mail import outbox
from pipeline.mail.outbox import Outbox
from tests.rounds import FakeRound, letter, letters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.core.reply import Reply
    from pipeline.ports.sending import Letter


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_named_by_its_row_and_its_address(tmp_path: Path) -> None:
    given = [letter(1), letter(2, 'a/../b\\"\n@example.org'), letter(3, "é" * 500 + "@example.org")]
    Outbox(tmp_path).carry(FakeRound.of(given))
    found = names(tmp_path)
    assert found[:2] == ["1-reader1@example.org.eml", "2-a_.._b___@example.org.eml"]
    assert len(found) == 3
    assert len(found[2]) < 100


def test_a_letter_that_is_written_again_is_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        Outbox(tmp_path / "deep/folder").carry(FakeRound.of([letter(1)]))
    assert names(tmp_path / "deep/folder") == ["1-reader1@example.org.eml"]


def test_a_letter_is_for_its_owner_only(tmp_path: Path) -> None:
    Outbox(tmp_path).carry(FakeRound.of([letter(1)]))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_the_reply_says_where_it_is(tmp_path: Path) -> None:
    done = FakeRound.of(letters(1))
    Outbox(tmp_path).carry(done)
    assert done.replies[1].text == f"written to {tmp_path / '1-reader1@example.org.eml'}"


def test_a_folder_that_cannot_be_is_told_and_the_letter_goes_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = FakeRound.of(letters(3))
    with pytest.raises(MailTemporaryError, match="cannot be written to: "):
        Outbox(tmp_path / "file").carry(done)
    assert (done.replies[1].stage, done.replies[1].code) == (Stage.DATA, 0)
    assert not done.out


ENDS = pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])


@ENDS
def test_who_is_told_to_end_finishes_what_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals
) -> None:
    sync = os.fsync

    def interrupted(file: int) -> None:
        signal.raise_signal(end)
        sync(file)

    usual = signal.getsignal(end)
    done = FakeRound.of(letters(3))
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Outbox(tmp_path).carry(done)
    assert names(tmp_path) == ["1-reader1@example.org.eml"]
    assert done.codes() == {250: 1}
    assert not done.out
    assert signal.getsignal(end) is usual


@ENDS
def test_who_is_told_to_end_does_not_sleep_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals
) -> None:
    pieces: list[float] = []

    def slept(seconds: float) -> None:
        pieces.append(seconds)
        if len(pieces) == 3:
            signal.raise_signal(end)

    monkeypatch.setattr(time, "sleep", slept)
    done = FakeRound.of([letter(1), 3600.0, letter(2)])
    with pytest.raises(KeyboardInterrupt):
        Outbox(tmp_path).carry(done)
    assert len(pieces) == 3
    assert (done.codes(), done.out) == ({250: 1}, set())


@dataclass
class Locked(FakeRound):
    """A round that fails to commit, from the second time on."""

    times: int = 0
    failures: int = 0

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        if self.commits and self.failures < self.times:
            self.failures += 1
            raise StoreError(f"locked {self.failures}")
        super().commit(begun, done)


def test_a_ledger_that_is_locked_for_a_while_makes_no_letter_uncertain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "COMMIT_AGAIN", (0.001,) * 3)
    done = Locked.of(letters(3))
    done.times = 3
    Outbox(tmp_path).carry(done)
    assert done.codes() == {250: 3}
    done = Locked.of(letters(3))
    done.times = 99
    with pytest.raises(StoreError, match="locked 1"):
        Outbox(tmp_path).carry(done)
    assert done.failures == 4
