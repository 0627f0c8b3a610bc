"""Everything that can go wrong, in one tree; the message says where, what, and what to do.

::

    EnewsError                   exit 1
    ├── ConfigError              exit 2: the call, the environment or newsroom.toml is wrong
    ├── ContentError             exit 3: `problems`, all of them at once
    ├── RenderError              a template failed: `template`, `line`
    ├── OutputError              output/ could not be written
    ├── RepositoryError          the content's repository could not be pulled
    ├── LockedError              another process holds the newsroom
    ├── PartEndedError           a part of the service ended by itself
    ├── AddressError             not an address that mail can go to
    ├── SubscriberError          a subscriber cannot be added, or found, as asked
    ├── StoreError               the database is gone, locked, or not of this program's version
    │   ├── FencedError          another process took over what this one had claimed
    │   └── StaleError           a subscriber changed since it was decided how to change them
    ├── MailingError             a mailing cannot be started, or go on, as asked
    ├── MailError                a mail server cannot be used: `server`
    │   ├── MailTemporaryError   now; it may be later
    │   └── MailRefusedError     it will not be, as things are set: certificate, protocol
    │       └── MailLoginError   user or password
    └── IssueError               an issue cannot be built, shown or released as asked
        ├── DigestError          what was reviewed is not what would go out
        └── GateError            exit 3: `problems`, which the gate found in an issue
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong in one file of `content/`.

    `path` is relative to the content folder, `line` counts from 1 (0: the whole file), `field` is
    the key path (`image.alt`), `found` what stands there, `expected` what should, or what to do.
    """

    path: str
    line: int = 0
    field: str = ""
    found: str = ""
    expected: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        parts = [where]
        if self.field:
            parts.append(self.field)
        if self.found:
            parts.append(f"found {self.found}")
        parts.append(self.expected)
        return ": ".join(parts)


class EnewsError(Exception):
    """The root; `exit_code` is what the command ends with."""

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Whole across processes, whatever a class's own arguments are."""
        return _again, (type(self), self.args, vars(self))


class ConfigError(EnewsError):
    """The call, the environment or `newsroom.toml` is wrong.

    `partial` is the newsroom as far as it could be read, so that the items can be checked as well.
    """

    exit_code = 2

    def __init__(
        self, message: str, problems: Sequence[Problem] = (), *, partial: object = None
    ) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        self.partial = partial


class ContentError(EnewsError):
    """Problems in `content/`: all that were found, in the order of their files."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class RenderError(EnewsError):
    """A template failed; `line` counts from 1 (0: unknown)."""

    def __init__(self, template: str, line: int, message: str) -> None:
        super().__init__(f"templates/{template}:{line}: {message}")
        self.template = template
        self.line = line


class OutputError(EnewsError):
    """The output folder could not be written."""


class RepositoryError(EnewsError):
    """The content could not be pulled from its repository; it is as it was."""


class LockedError(EnewsError):
    """Another process holds the newsroom; `holder` says who."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message)
        self.holder = holder


class PartEndedError(EnewsError):
    """A part of the service ended by itself, which none ever should: it is started anew."""


class AddressError(EnewsError):
    """Not an address that mail can go to; `why` and `advice` are the message's parts, or ""."""

    def __init__(self, message: str, *, why: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.advice = advice


class SubscriberError(EnewsError):
    """A subscriber cannot be added, or found, as asked."""


class StoreError(EnewsError):
    """The database is gone, locked for too long, or not of this program's version."""


class FencedError(StoreError):
    """Another process took over what this one had claimed: it must not send a byte more."""


class StaleError(StoreError):
    """A subscriber is not as they were when it was decided how to change them: decide again."""


class MailingError(EnewsError):
    """A mailing cannot be started, or go on, as asked."""


class MailError(EnewsError):
    """A mail server cannot be used; `server` is its host and port."""

    def __init__(self, message: str, server: str) -> None:
        super().__init__(message)
        self.server = server


class MailTemporaryError(MailError):
    """Not now: no connection, a time-out, a 4xx greeting."""


class MailRefusedError(MailError):
    """Not as things are set: the login, the certificate or the protocol is wrong."""


class MailLoginError(MailRefusedError):
    """Not with this user and password: each try more may lock the account."""


class IssueError(EnewsError):
    """An issue cannot be built, shown or released as asked."""


class DigestError(IssueError):
    """What was reviewed is not what would go out: `given` and `actual` digests."""

    def __init__(self, message: str, given: str, actual: str) -> None:
        super().__init__(message)
        self.given = given
        self.actual = actual


class GateError(IssueError):
    """The gate found what an issue cannot go out with: `problems`, all of it."""

    exit_code = 3

    def __init__(self, message: str, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def _again(kind: type[EnewsError], args: tuple[object, ...], data: dict[str, object]) -> EnewsError:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(data)
    return error
