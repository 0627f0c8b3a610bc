"""A lock's file: the same bytes for the same lock, and no tolerance for another's hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.content.lock import _seal, read_lock, write_lock
from pipeline.errors import ContentError
from tests.unit.core.test_announcement import BOTH as PARTIAL_BOTH
from tests.unit.core.test_issue import LOCK as PARTIAL

LOCK = replace(PARTIAL, html_digest="1" * 64, text_digest="2" * 64)
BOTH = replace(
    PARTIAL_BOTH,
    html_digest="1" * 64,
    text_digest="2" * 64,
    versions=tuple(
        replace(version, html_digest="1" * 64, text_digest="2" * 64)
        for version in PARTIAL_BOTH.versions
    ),
)


def test_what_is_written_is_read_back() -> None:
    special = replace(LOCK, id="enewsupdate/2017-seoul", number=None, items=())
    for lock in (LOCK, special, replace(LOCK, lang="fr"), BOTH):
        raw = write_lock(lock)
        assert read_lock(lock.source, raw) == lock
        assert raw == write_lock(read_lock(lock.source, raw))


def test_a_lock_from_before_issues_had_languages_keeps_its_bytes() -> None:
    told = json.loads(write_lock(LOCK))
    assert told["format"] == 1
    assert not {"lang", "versions"} & told.keys()
    told = json.loads(write_lock(replace(LOCK, lang="en")))
    assert (told["format"], told["lang"]) == (2, "en")
    assert "versions" not in told
    assert [x["lang"] for x in json.loads(write_lock(BOTH))["versions"]] == ["en", "fr"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format": 3}, "format"),
        ({"versions": [{"lang": "fr"}]}, "versions[1].title"),
        ({"versions": [{"lang": "../x"}]}, "versions[1].lang"),
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
