"""The output of whole newsrooms is, byte for byte, what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.trees import CASES, expected, output_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES)
def test_the_output_is_what_is_kept(case: str, tmp_path: Path) -> None:
    made, kept = output_of(case, tmp_path), expected(case)
    assert sorted(made) == sorted(kept)
    for path, data in kept.items():
        assert made[path].decode() == data.decode(), path


def test_there_is_something_to_compare() -> None:
    assert len(expected("small")) > 40
    for case, files in (("small", 4), ("large", 4), ("arabic", 4), ("several", 12)):
        assert f"mails/{case}" in CASES
        assert len(expected(f"mails/{case}")) == files
