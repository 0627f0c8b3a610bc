"""Addresses that are never mailed, and why; outlives the subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SuppressionReason(StrEnum):
    """Why an address is never mailed."""

    HARD_BOUNCE = "hard bounce"  # its server said that there is no such mailbox
    SOFT_BOUNCES = "soft bounces"  # refused three times in a row, over a week or more
    COMPLAINT = "complaint"  # its reader called a mail of ours spam
    MANUAL = "manual"  # an editor's word
    IMPORTED = "imported"  # on the list of the system that the newsroom came from
    ERASED = "erased"  # asked to be forgotten: nothing but a hash is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One entry of the list.

    `hash` is `core.address.salted_hash` of the address, hexadecimal, and what is looked up;
    `address` is "" once its owner was erased; `detail` holds a server's words.
    """

    hash: str
    address: str = ""
    reason: SuppressionReason
    at: datetime
    detail: str = ""
