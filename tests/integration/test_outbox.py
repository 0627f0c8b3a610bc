"""The folder that takes letters where no server is set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pipeline.core.reply import Stage
from pipeline.errors import MailTemporaryError
from pipeline.mail.outbox import Outbox
from tests.rounds import FakeRound, letter, letters

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize("after", [False, True])
def test_an_interrupted_letter_is_known_to_be_written_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    sync = os.fsync

    def interrupted(file: int) -> None:
        sync(file)
        raise KeyboardInterrupt

    done = FakeRound.of(letters(2))
    if after:
        Outbox(tmp_path).carry(FakeRound.of(letters(1)))
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Outbox(tmp_path).carry(done)
    assert (done.replies[1].code, not done.uncertain) == (250 if after else 0, True)
