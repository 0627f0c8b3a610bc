"""Mail clients: the names that a newsletter may give in `clients`, as caniemail writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILIES = {
    "aol": ("android", "desktop-webmail", "ios"),
    "apple-mail": ("ios", "macos"),
    "fastmail": ("desktop-webmail",),
    "gmail": ("android", "desktop-webmail", "ios", "mobile-webmail"),
    "gmx": ("android", "desktop-webmail", "ios"),
    "hey": ("desktop-webmail",),
    "ionos-1and1": ("android", "desktop-webmail"),
    "laposte": ("desktop-webmail",),
    "mail-ru": ("desktop-webmail",),
    "orange": ("android", "desktop-webmail", "ios"),
    "outlook": ("android", "ios", "macos", "outlook-com", "windows", "windows-mail"),
    "protonmail": ("android", "desktop-webmail", "ios"),
    "samsung-email": ("android",),
    "sfr": ("android", "desktop-webmail", "ios"),
    "thunderbird": ("macos",),
    "web-de": ("android", "desktop-webmail", "ios"),
    "yahoo": ("android", "desktop-webmail", "ios"),
}
"""Each family with the platforms that are told apart."""

USUAL = ("apple-mail", "gmail", "outlook", "yahoo", "thunderbird", "samsung-email")
"""What readers of a newsletter use where the newsroom names nothing else."""

NAMES = frozenset(FAMILIES) | {f"{key}.{platform}" for key, all_ in FAMILIES.items()
                               for platform in all_}  # fmt: skip
"""Every name that may be given: a family for all of it, or one of its platforms."""


def clients_of(names: Iterable[str]) -> tuple[str, ...]:
    """Each client meant, once, as `family.platform`, sorted; the usual ones for no names."""
    found: set[str] = set()
    for name in tuple(names) or USUAL:
        family, _, platform = name.partition(".")
        found.update(f"{family}.{each}" for each in ([platform] if platform else FAMILIES[family]))
    return tuple(sorted(found))
