"""What `take_pictures.py` takes pictures of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal

from pipeline.render.appearance import Appearance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SCREENS = {"desktop": 1280, "phone": 375}
MAIL_WIDTHS = (600, 375)

PAGES = {
    "sample": {
        "home": "",
        "listing": "news/",
        "article": "items/2017/sse-academy-seoul/",
        "theme": "themes/care-economy/",
        "issues": "issues/enewsupdate/",
    },
    "arabic": {
        "home": "",
        "article": "items/2017/suq/",
        "theme": "themes/women/",
    },
}
"""The main pages of each newsroom, by name; the web version of its newest issue comes to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A page of a newsroom in a window; `zoom` is the device's pixels for one of the page's.

    `whole` takes the page to its end; `appearance` is how a client shows a mail.
    """

    room: str
    name: str
    path: str
    width: int
    height: int = 900
    scheme: Scheme = "light"
    zoom: float = 1
    whole: bool = True
    appearance: Appearance | None = None

    def at(self, path: str) -> Scene:
        """The same of another page."""
        return replace(self, path=path)


KEPT = (
    Scene(room="sample", name="home", path="", width=1280, height=960, whole=False),
    Scene(
        room="sample", name="mail", path="{issue}/email.html", width=800, height=600, whole=False
    ),
    Scene(
        room="arabic",
        name="mail-arabic-dark",
        path="{issue}/email.html",
        width=800,
        height=600,
        scheme="dark",
        whole=False,
    ),
    Scene(room="sample", name="preview", path="preview", width=1500, height=1125, whole=False),
    Scene(room="sample", name="sign-up", path="{sign_up}", width=1000, height=750, whole=False),
    Scene(
        room="sample",
        name="preferences-dark",
        path="{preferences}",
        width=1000,
        height=750,
        scheme="dark",
        whole=False,
    ),
)
"""The README's pictures."""


def site_shots(room: str, issue: str) -> Iterator[Scene]:
    """Main pages and the web version of an issue: desktop and phone, light and dark."""
    pages = {**PAGES[room], "issue": f"issues/{issue}/"}
    for (name, path), (screen, width), scheme in product(pages.items(), SCREENS.items(), SCHEMES):
        called = f"{room}-{name}-{screen}-{scheme}"
        yield Scene(room=room, name=called, path=path, width=width, scheme=scheme)


def door_shots(room: str, pages: Mapping[str, str]) -> Iterator[Scene]:
    """The front door's pages, by name with their paths: desktop and phone, light and dark."""
    for (name, path), (screen, width), scheme in product(pages.items(), SCREENS.items(), SCHEMES):
        called = f"{room}-{name}-{screen}-{scheme}"
        yield Scene(room=room, name=called, path=path, width=width, scheme=scheme)


def mail_shots(room: str, path: str, called: str) -> Iterator[Scene]:
    """A mail at both widths: light, dark, pictures off, and as Gmail shows it without styles."""
    start = f"{room}-mail-{called}"
    for width in MAIL_WIDTHS:
        for scheme in SCHEMES:
            name = f"{start}-{width}-{scheme}"
            yield Scene(room=room, name=name, path=path, width=width, scheme=scheme)
        for appearance in (Appearance.NO_PICTURES, Appearance.NO_HEAD):
            name = f"{start}-{width}-{appearance}"
            yield Scene(room=room, name=name, path=path, width=width, appearance=appearance)


def preview_shots(room: str) -> Iterator[Scene]:
    """The preview of an issue; a window as tall as the page, or its frames would stay empty."""
    for (screen, width), scheme in product((("desktop", 1600), ("phone", 375)), SCHEMES):
        called = f"{room}-preview-{screen}-{scheme}"
        yield Scene(
            room=room,
            name=called,
            path="preview",
            width=width,
            height=6700,
            scheme=scheme,
            whole=False,
        )
