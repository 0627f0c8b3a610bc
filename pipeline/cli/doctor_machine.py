"""What 'enews doctor' asks about this machine: folders, who may read them, the disk, the store."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.examination import Check, Verdict
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.config import Settings
    from pipeline.core.newsroom import Newsroom

AREA = "this machine"
PRIVATE = ("secret", "ledger.sqlite", "backups", "outbox", "imports", "bounces")
"""In `.pipeline/`: what holds keys, and people's addresses."""

SECRET = ("DATABASE_URL", "SMTP_URL", "SECRET_KEY", "BOUNCES_URL", "WEBHOOK_SECRET")
"""Variables that may come from a file which nobody else should read."""

OTHERS = stat.S_IRWXO
FILES_MOST = 2000

ROOM_LEAST = 200_000_000
"""Bytes that have to be free; twice the database at least, since a copy of it is made."""

BACKUP_OLDEST = timedelta(days=3)
LIBRARIES = ("sqlalchemy", "fastapi", "uvicorn", "cryptography", "dnspython")


def machine_checks(
    settings: Settings, environment: Mapping[str, str], newsroom: Newsroom | None, today: date
) -> list[Check]:
    """All of it; `newsroom` is None where it cannot be read."""
    checks = [
        _versions(),
        _user(),
        _private(settings, environment),
        _output(settings),
        *_store(settings),
    ]
    if newsroom is not None and not settings.database_url:
        checks.append(_backups(settings, newsroom, today))
    return checks


def _said(what: str, verdict: Verdict, words: str, advice: str = "") -> Check:
    return Check(area=AREA, what=what, verdict=verdict, said=words, advice=advice)


def _versions() -> Check:
    from importlib.metadata import version

    import pipeline

    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = ".".join(map(str, sys.version_info[:3]))
    return _said(
        "versions", Verdict.OK, f"enews {pipeline.__version__}, Python {python}; {libraries}"
    )


def _user() -> Check:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return _said(
            "user", Verdict.WARNING, "runs as root", "run it as a user of its own: docs/running.md"
        )
    return _said("user", Verdict.OK, "not root")


def _private(settings: Settings, environment: Mapping[str, str]) -> Check:
    """Whether others can read what is theirs alone."""
    state = settings.folders.state
    closed = state.exists() and not _mode(state) & OTHERS
    found = [] if closed else [x for name in PRIVATE for x in _files(state / name)]
    named = [environment.get(f"ENEWS_{name}_FILE", "") for name in SECRET]
    found += [Path(file) for file in named if file]
    found += [settings.folders.root / word.partition(":")[2] for word in settings.dkim_keys.split()]
    bare = [str(path) for path in found if _mode(path) & OTHERS]
    if bare:
        more = f" and {len(bare) - 1} more" if len(bare) > 1 else ""
        first = state if Path(bare[0]).is_relative_to(state) else bare[0]
        return _said(
            "secrets",
            Verdict.WRONG,
            f"everybody on this machine can read {bare[0]}{more}",
            f"chmod -R go-rwx {first}",
        )
    return _said("secrets", Verdict.OK, "nobody else can read them")


def _files(path: Path) -> list[Path]:
    """The file, or the files in a folder: as many as tell how it is kept."""
    if not path.is_dir():
        return [path]
    return [x for x in islice(path.rglob("*"), FILES_MOST) if x.is_file()]


def _mode(path: Path) -> int:
    """Its permissions; 0 for what is not there, or cannot be seen."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _output(settings: Settings) -> Check:
    folders = settings.folders
    for inner in (folders.state, folders.content):
        if inner.is_relative_to(folders.output):
            return _said(
                "output",
                Verdict.WRONG,
                f"{inner} lies in {folders.output}, which everybody can read",
                "name another folder by --output",
            )
    place = folders.output if folders.output.exists() else folders.output.parent
    for folder in (place, folders.output.parent, _nearest(folders.state)):
        if not os.access(folder, os.W_OK | os.X_OK):
            return _said(
                "output",
                Verdict.WRONG,
                f"{folder} cannot be written by this user",
                f"chown {_name()} {folder}",
            )
    return _said("output", Verdict.OK, f"{folders.output} can be written")


def _nearest(path: Path) -> Path:
    return path if path.exists() else path.parent


def _name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "the service's user"


def _store(settings: Settings) -> list[Check]:
    from pipeline.store.looking import look_at_store

    path = settings.folders.state / "ledger.sqlite"
    try:
        look = look_at_store(settings.database_url, path)
    except EnewsError as error:
        return [_said("database", Verdict.WRONG, str(error))]
    if not look.version:
        database = _said("database", Verdict.OK, f"{look.engine}; will be made at first use")
    elif look.version != look.current:
        database = _said(
            "database",
            Verdict.WARNING,
            f"{look.engine}, of version {look.version}; this program wants {look.current}",
            "the next start brings it there; a copy stays beside it",
        )
    else:
        database = _said("database", Verdict.OK, f"{look.engine}, {look.size / 1e6:,.1f} MB")
    return [database, _room(settings, 0 if settings.database_url else look.size)]


def _room(settings: Settings, size: int) -> Check:
    free = shutil.disk_usage(_nearest(settings.folders.state)).free
    needed = max(2 * size, ROOM_LEAST)
    words = f"{free / 1e9:,.1f} GB free"
    if free < needed:
        return _said("disk", Verdict.WRONG, words, f"make room: {needed / 1e9:,.1f} GB at least")
    if free < 5 * needed:
        return _said("disk", Verdict.WARNING, words, "make room, before it is urgent")
    return _said("disk", Verdict.OK, words)


def _backups(settings: Settings, newsroom: Newsroom, today: date) -> Check:
    from pipeline.store.backup import backups

    folder = settings.folders.state / "backups"
    if newsroom.schedule.backup is None:
        return _said(
            "backups",
            Verdict.WARNING,
            "none are made: [schedule] backup",
            "copy .pipeline/ yourself, the ledger by: sqlite3 ledger.sqlite '.backup FILE'",
        )
    try:
        days = list(backups(folder))
    except OSError as error:
        return _said("backups", Verdict.UNKNOWN, f"{folder}: {error.strerror}")
    if not days:
        return _said(
            "backups", Verdict.WARNING, f"none yet in {folder}", "'enews run' makes one each day"
        )
    if today - days[-1] > BACKUP_OLDEST:
        return _said(
            "backups",
            Verdict.WRONG,
            f"the newest is of {days[-1]}",
            "see in 'enews status' why there is no newer one",
        )
    return _said(
        "backups",
        Verdict.OK,
        f"{len(days)} in {folder}, the newest of {days[-1]}; copy them to another machine",
    )
