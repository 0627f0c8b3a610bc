"""A lock's file: `content/issues/<newsletter>/<year>-<nn>.lock.json`, written at release.

::

    {"format": 2, "id": "enewsupdate/2017-05", "newsletter": "enewsupdate", "number": 5,
     "date": "2017-06-30", "at": "2017-06-30T09:00:00+02:00", "title": "…", "subject": "…",
     "preheader": "…", "summary": "…",
     "items": [{"id": "…", "title": "…", "section": "…", "path": "items/2017/…/", "digest": "…"}],
     "digest": "<SHA-256 of the .eml>", "html_digest": "…", "text_digest": "…", "lang": "en",
     "seal": "<SHA-256 of all the above>"}

An issue in several languages has the key `versions` too: a list, the main language first, each with
`lang`, `title`, `subject`, `preheader`, `summary`, `items` and the digests of its own message. Its
`digest` is then the SHA-256 of the lines `<lang> <SHA-256 of its .eml>`. Format 1, from before
issues had languages, has neither `lang` nor `versions`; such locks hold for good.

The seal makes a lock that was edited by mistake an error instead of another truth.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.content.plan import day
from pipeline.content.schema import Fields, Report, language
from pipeline.core.issue import Lock, LockedItem, LockedVersion
from pipeline.errors import ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
FORMATS = (1, FORMAT)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESTORE = "this file was written at release and is never edited: restore it from version control"


def read_lock(path: str, raw: bytes) -> Lock:
    """The lock in a file. Raises ContentError: a lock that was edited is no lock."""
    try:
        data = json.loads(raw)
    except ValueError as error:
        raise ContentError([Problem(path=path, found="no JSON", expected=RESTORE)]) from error
    if not isinstance(data, dict) or data.pop("format", None) not in FORMATS:
        expected = f"expected format {FORMAT}: update the program, or {RESTORE}"
        raise ContentError([Problem(path=path, field="format", expected=expected)])
    report = Report(path)
    if data.pop("seal", None) != _seal(data):
        report.add("seal", RESTORE, "other words than were released")
    lock = _lock(Fields({k: v for k, v in data.items() if v is not None}, report), report)
    if lock.source != path:
        report.add("id", RESTORE, f'"{lock.id}"')
    report.raise_if_any()
    return lock


def write_lock(lock: Lock) -> bytes:
    """The file's bytes: the same for the same lock."""
    told = {**asdict(lock), "date": lock.date.isoformat(), "at": lock.at.isoformat()}
    for key in ("lang", "versions"):
        if not told[key]:
            del told[key]
    data = {"format": FORMAT if lock.lang else 1, **told, "seal": _seal(told)}
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _seal(told: Mapping[str, object]) -> str:
    plain = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(RESTORE)
    return moment


def _lock(fields: Fields, report: Report) -> Lock:
    lock = Lock(
        id=fields.text("id", required=RESTORE),
        newsletter=fields.text("newsletter", required=RESTORE),
        number=fields.integer("number", 0) or None,
        date=fields.parsed("date", day, required=RESTORE) or day("1970-01-01"),
        at=fields.parsed("at", _moment, required=RESTORE) or EPOCH,
        title=fields.text("title", required=RESTORE),
        subject=fields.text("subject", required=RESTORE),
        preheader=fields.text("preheader"),
        summary=fields.text("summary"),
        items=tuple(_item(table) for table in fields.tables("items")),
        digest=fields.text("digest", required=RESTORE),
        html_digest=fields.text("html_digest", required=RESTORE),
        text_digest=fields.text("text_digest", required=RESTORE),
        lang=fields.text("lang"),
        versions=tuple(_version(table) for table in fields.tables("versions")),
    )
    fields.finish()
    report.raise_if_any()
    return lock


def _version(fields: Fields) -> LockedVersion:
    version = LockedVersion(
        lang=fields.parsed("lang", language, required=RESTORE) or "",
        title=fields.text("title", required=RESTORE),
        subject=fields.text("subject", required=RESTORE),
        preheader=fields.text("preheader"),
        summary=fields.text("summary"),
        items=tuple(_item(table) for table in fields.tables("items")),
        digest=fields.text("digest", required=RESTORE),
        html_digest=fields.text("html_digest", required=RESTORE),
        text_digest=fields.text("text_digest", required=RESTORE),
    )
    fields.finish()
    return version


def _item(fields: Fields) -> LockedItem:
    item = LockedItem(
        id=fields.text("id", required=RESTORE),
        title=fields.text("title", required=RESTORE),
        section=fields.text("section"),
        path=fields.text("path", required=RESTORE),
        digest=fields.text("digest", required=RESTORE),
    )
    fields.finish()
    return item
