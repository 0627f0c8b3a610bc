"""Where the program works and how: folders from the command line, the rest from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = {
    "ENEWS_NOW": "the time to build for, with offset (2017-07-12T09:00+02:00); default: the clock",
    "ENEWS_PROCESSES": "processes for large builds, 1 to 64; default: one a core, at most 4",
    "ENEWS_TEXT_SECONDS": "processor seconds that one text may take, 0.05 to 600; default: 10",
    "ENEWS_DATABASE_URL": "postgresql://user:password@host/name; default: SQLite in .pipeline/",
    "ENEWS_SMTP_URL": "smtp+starttls://user:password@host:587, smtps://…, smtp://… or outbox:",
    "ENEWS_SECRET_KEY": "what links to subscribers are signed with; default: made in .pipeline/",
    "ENEWS_DKIM_KEYS": "selector:file of each private key that signs the mails; default: none",
    "ENEWS_BOUNCES_URL": "imaps://user:password@host/INBOX or pop3s://…, where bounces arrive",
    "ENEWS_LISTEN": "where 'enews run' answers: host:port or unix:/path; default: 127.0.0.1:8000",
    "ENEWS_TRUSTED_PROXIES": "networks whose X-Forwarded-… are believed; default: none",
    "ENEWS_WEBHOOK_SECRET": "what a git forge signs its pushes with; default: no webhook",
    "ENEWS_WEBHOOK_BRANCH": "the branch whose pushes count; default: main",
    "ENEWS_LOG": "what 'enews run' writes: text or json; default: text",
}
"""What the environment may set; each also as NAME_FILE, a file that holds it.

That of ENEWS_NOW is read again at each look at the clock, so that a whole service can be driven.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The newsroom's folders, absolute; `state` holds caches and records, never anything public."""

    root: Path
    content: Path
    templates: Path
    output: Path
    state: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything outside `content/` that decides what a command does."""

    folders: Folders
    now: datetime | None = None
    processes: int = 0
    text_seconds: float = 10.0
    database_url: str = field(default="", repr=False)
    smtp_url: str = field(default="outbox:", repr=False)
    smtp_given: bool = False
    secret_key: str = field(default="", repr=False)
    dkim_keys: str = ""
    bounces_url: str = field(default="", repr=False)
    now_file: Path | None = None
    listen: str = "127.0.0.1:8000"
    trusted_proxies: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_branch: str = "main"
    log: str = "text"


def settings(folders: Folders, environment: Mapping[str, str]) -> Settings:
    """Read `VARIABLES`; raises ConfigError for what cannot be right."""
    now = environment.get("ENEWS_NOW")
    return Settings(
        folders=folders,
        now=_moment(now) if now else None,
        processes=_whole(environment, "ENEWS_PROCESSES", 0, least=1, most=64),
        text_seconds=_number(environment, "ENEWS_TEXT_SECONDS", 10.0, least=0.05, most=600),
        database_url=_text(environment, "ENEWS_DATABASE_URL"),
        smtp_url=_text(environment, "ENEWS_SMTP_URL") or "outbox:",
        smtp_given=bool(_text(environment, "ENEWS_SMTP_URL")),
        secret_key=_text(environment, "ENEWS_SECRET_KEY"),
        dkim_keys=_text(environment, "ENEWS_DKIM_KEYS"),
        bounces_url=_text(environment, "ENEWS_BOUNCES_URL"),
        now_file=Path(environment["ENEWS_NOW_FILE"]) if environment.get("ENEWS_NOW_FILE") else None,
        listen=_text(environment, "ENEWS_LISTEN") or "127.0.0.1:8000",
        trusted_proxies=_text(environment, "ENEWS_TRUSTED_PROXIES"),
        webhook_secret=_text(environment, "ENEWS_WEBHOOK_SECRET"),
        webhook_branch=_text(environment, "ENEWS_WEBHOOK_BRANCH") or "main",
        log=_log(_text(environment, "ENEWS_LOG")),
    )


def _log(text: str) -> str:
    if text not in ("", "text", "json"):
        raise ConfigError(f'ENEWS_LOG is "{text}": expected text or json')
    return text or "text"


def moment_in(path: Path) -> datetime:
    """The time that a file holds, now. Raises ConfigError."""
    try:
        return _moment(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"ENEWS_NOW_FILE is {path}: it cannot be read") from error


def _text(environment: Mapping[str, str], name: str) -> str:
    """A text, or what the file of `<name>_FILE` holds: a secret need not stand in the environment.

    Raises ConfigError where both are set, or the file cannot be read.
    """
    text, file = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if text and file:
        raise ConfigError(f"{name} and {name}_FILE are both set: keep one of them")
    if not file:
        return text.strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"{name}_FILE is {file}: {why}") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigError(f'ENEWS_NOW is "{text}": expected {VARIABLES["ENEWS_NOW"]}')
    return moment


def _whole(
    environment: Mapping[str, str], name: str, default: int, *, least: int, most: int
) -> int:
    number = _number(environment, name, default, least=least, most=most)
    if number != int(number):
        raise ConfigError(f'{name} is "{environment[name]}": expected {VARIABLES[name]}')
    return int(number)


def _number(
    environment: Mapping[str, str], name: str, default: float, *, least: float, most: float
) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ConfigError(f'{name} is "{text}": expected {VARIABLES[name]}')
    return number
