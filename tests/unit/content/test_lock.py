"""A lock's file: the same bytes for the same lock, and no tolerance for another's hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.content.lock import _seal, read_lock, write_lock
from pipeline.errors import ContentError
from tests.unit.core.test_issue import LOCK as PARTIAL

LOCK = replace(PARTIAL, html_digest="1" * 64, text_digest="2" * 64)


def test_what_is_written_is_read_back() -> None:
    for lock in (LOCK, replace(LOCK, id="enewsupdate/2017-seoul", number=None, items=())):
        raw = write_lock(lock)
        assert read_lock(lock.source, raw) == lock
        assert raw == write_lock(read_lock(lock.source, raw))
    assert json.loads(write_lock(LOCK))["format"] == 1


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format": 2}, "format"),
        ({"at": "2017-06-30T09:00:00"}, "at"),
        ({"id": "enewsupdate/2017-06"}, "id"),
        ({"digest": ""}, "digest"),
        ({"date": "30 June"}, "date"),
        ({"extra": 1}, "extra"),
        ({"items": [{"id": "x"}]}, "items[1].title"),
    ],
)
def test_a_changed_lock_is_refused(changes: dict[str, object], where: str) -> None:
    told = {**json.loads(write_lock(LOCK)), **changes}
    with pytest.raises(ContentError) as caught:
        read_lock(LOCK.source, json.dumps(told).encode())
    assert {problem.field for problem in caught.value.problems} & {"seal", "format"}
    sealed = {key: value for key, value in told.items() if key not in {"seal", "format"}}
    told["seal"] = _seal(sealed)
    with pytest.raises(ContentError) as caught:
        read_lock(LOCK.source, json.dumps(told).encode())
    assert where in {problem.field for problem in caught.value.problems}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"null"])
def test_what_is_no_lock_is_refused(raw: bytes) -> None:
    with pytest.raises(ContentError):
        read_lock(LOCK.source, raw)
