"""An access token: what lets a program or an editor ask for runs over HTTP.

The token itself is shown once, when it is made; what is kept is its hash. 32 random bytes need no
salt and no slow hash: nobody can try them all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

PREFIX = "enews_"
"""How a token begins, so that secret scanners and people know it when they see it."""
RANDOM_BYTES = 32


class Scope(StrEnum):
    """What a token allows."""

    BUILD = "build"  # ask for builds, see runs
    ISSUE = "issue"  # ask for issue drafts, see runs
    METRICS = "metrics"  # read /metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """`id` is given by the store; `hash` is `hashed(token)`; all times are aware."""

    id: int = 0
    name: str
    hash: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    used: datetime | None = None

    def allows(self, scope: Scope, at: datetime) -> bool:
        """True where it is good for this, now."""
        return self.is_good(at) and scope in self.scopes

    def is_good(self, at: datetime) -> bool:
        """True where it is neither over nor revoked."""
        over = self.expires is not None and at >= self.expires
        return self.revoked is None and not over


def hashed(token: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()
