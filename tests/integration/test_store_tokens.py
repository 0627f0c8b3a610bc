"""How far a mailing came, in the file beside the database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import StoreError
from pipeline.store import tokens
from pipeline.store.tokens import SIZE, TokenFolder

if TYPE_CHECKING:
    from pathlib import Path

ISSUE = "weekly/2017-05"


def test_the_highest_number_stays(tmp_path: Path) -> None:
    with closing(TokenFolder(tmp_path)) as folder:
        assert folder.read(ISSUE) == 0
        for steps, kept in ((3, 3), (7, 7), (5, 7), (7, 7), (1234567, 1234567)):
            folder.write(ISSUE, steps, lasting=False)
            assert folder.read(ISSUE) == kept
            assert (tmp_path / f"{ISSUE}.steps").stat().st_size == SIZE


def test_workers_share_a_file(tmp_path: Path) -> None:
    with closing(TokenFolder(tmp_path)) as one, closing(TokenFolder(tmp_path)) as other:
        for steps in range(1, 9):
            (one, other)[steps % 2].write(ISSUE, steps, lasting=steps == 3)
        one.write(ISSUE, 5, lasting=False)
        assert one.read(ISSUE) == other.read(ISSUE) == 8


def test_what_lasts_is_not_touched_by_what_does_not(tmp_path: Path) -> None:
    with (
        closing(TokenFolder(tmp_path)) as folder,
        closing(TokenFolder(tmp_path, sure=True)) as sure,
    ):
        folder.write(ISSUE, 100, lasting=True)
        for steps in (101, 102, 999):
            folder.write(ISSUE, steps, lasting=False)
        assert (folder.read(ISSUE), sure.read(ISSUE)) == (999, 100)
        folder.write(ISSUE, 1000, lasting=True)
        assert (folder.read(ISSUE), sure.read(ISSUE)) == (1000, 1000)


def test_after_a_power_cut_only_what_lasts_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(TokenFolder(tmp_path)) as before:
        before.write(ISSUE, 100, lasting=True)
        before.write(ISSUE, 140, lasting=False)
    monkeypatch.setattr(tokens, "this_boot", lambda: "another")
    with closing(TokenFolder(tmp_path)) as after:
        assert after.read(ISSUE) == 100
        after.write(ISSUE, 101, lasting=True)
        after.write(ISSUE, 141, lasting=False)
        after.write(ISSUE, 142, lasting=False)
        assert after.read(ISSUE) == 142


def test_an_editors_word_counts_for_who_writes_already(tmp_path: Path) -> None:
    with closing(TokenFolder(tmp_path)) as worker, closing(TokenFolder(tmp_path)) as editor:
        worker.write(ISSUE, 50, lasting=True)
        worker.write(ISSUE, 60, lasting=False)
        editor.accept(ISSUE, 20)
        assert worker.read(ISSUE) == 20
        worker.write(ISSUE, 21, lasting=False)
        assert editor.read(ISSUE) == 21


@pytest.mark.parametrize("text", ["", "no number", "1 2", f"{'x' * 15} {'x' * 15} "])
def test_what_nobody_wrote_there_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{ISSUE}.steps"
    with closing(TokenFolder(tmp_path)) as folder:
        folder.write(ISSUE, 1, lasting=True)
        folder.write(ISSUE, 2, lasting=False)
        path.write_text(text, encoding="ascii")
        if text:
            for lasting in (False, True):
                with pytest.raises(StoreError, match="not what was written there"):
                    folder.write(ISSUE, 3, lasting=lasting)
        else:
            folder.write(ISSUE, 3, lasting=False)
            assert folder.read(ISSUE) == 3
