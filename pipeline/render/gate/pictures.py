"""Rules on pictures: alternative text, size, address, weight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.render.gate.facts import HTML, Standing, split_url
from pipeline.render.gate.features import PICTURES
from pipeline.render.gate.rule import Group, error, warning
from pipeline.render.gate.support import missing_in, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

ONE_MOST = 400_000
ALL_MOST = 1_500_000
DENSE_MOST = 2
WORTH_SHRINKING = 60_000
"""Bytes below which a picture that is denser than any screen harms nobody."""

ALT = error(
    "picture-alt",
    "Many clients show no pictures until they are asked: readers see the alternative text.",
    "say in 'alt' what the picture shows; alt=\"\" for mere decoration",
)
SIZE = error(
    "picture-size",
    "Outlook shows a picture at the size of its file unless both attributes say otherwise.",
    "give the picture width and height in pixels, as attributes",
)
INSECURE = error(
    "picture-not-https",
    "Clients refuse pictures that do not come over HTTPS, and those written into the mail.",
    "host it under an address that begins with https://",
)
MISSING = error(
    "picture-missing",
    "A picture that the site does not have is a hole in the mail, for ever.",
    "put the file in content/media/, or correct its name",
)
ELSEWHERE = warning(
    "picture-elsewhere",
    "A picture from another site tells that site who reads the mail, and may go away.",
    "save it in content/media/",
)
FORMAT = warning(
    "picture-format",
    "Some clients do not show this format.",
    "save the picture as JPEG or PNG",
)
DENSE = warning(
    "picture-oversized",
    "More pixels than twice the size shown are loaded for nothing.",
    "save a smaller copy",
)
HEAVY = warning(
    "picture-heavy",
    f"A picture above {ONE_MOST // 1000} kB comes late, and costs readers on the way.",
    "save it as JPEG, or smaller",
)
ALL_HEAVY = warning(
    "pictures-heavy",
    f"All pictures together above {ALL_MOST / 1e6} MB are more than a phone should load.",
    "carry fewer pictures, or lighter ones",
)

_PIXELS = re.compile(r"[1-9]\d{0,4}")


def ask(mail: Mail) -> Iterator[Finding]:
    """Each picture, then all of them together."""
    for image in mail.document.images:
        yield from _described(mail, image)
        yield from _addressed(mail, image)
        yield from _weighed(mail, image)
    total = weight_of(mail)
    if total > ALL_MOST:
        yield ALL_HEAVY.at(HTML, f"{total:,} bytes")


def weight_of(mail: Mail) -> int:
    """The bytes of all pictures of the site in a mail, each file once."""
    addresses = dict.fromkeys(image.get("src", "") for image in mail.document.images)
    return sum(mail.pictures[src].size for src in addresses if src in mail.pictures)


def _described(mail: Mail, image: HtmlElement) -> Iterator[Finding]:
    src = image.get("src", "")
    if "alt" not in image.attrib:
        yield ALT.at(mail.place(image), f"{src or 'a picture'} without alt")
    sizes = {name: image.get(name, "") for name in ("width", "height")}
    wrong = [
        f'{name}="{value}"' if value else f"no {name}"
        for name, value in sizes.items()
        if not _PIXELS.fullmatch(value)
    ]
    if wrong:
        yield SIZE.at(mail.place(image), f"{src}: {', '.join(wrong)}")


def _addressed(mail: Mail, image: HtmlElement) -> Iterator[Finding]:
    src = image.get("src", "").strip()
    path = mail.within(src)
    if split_url(src).scheme != "https" and path is None:
        yield INSECURE.at(mail.place(image), src or "no address")
    elif path is None:
        yield ELSEWHERE.at(mail.place(image), src)
    elif not src.startswith("https:"):
        yield INSECURE.at(mail.place(image), src)
    elif mail.standing(path) is not Standing.THERE:
        yield MISSING.at(mail.place(image), src)
    slug = PICTURES.get(split_url(src).path.rpartition(".")[2].lower(), "")
    missing = missing_in(slug, mail.clients)
    if missing:
        yield FORMAT.at(mail.place(image), f"{src}: {without(slug, missing, mail.clients)}")


def _weighed(mail: Mail, image: HtmlElement) -> Iterator[Finding]:
    src, width = image.get("src", ""), image.get("width", "")
    file = mail.pictures.get(src)
    if file is None:
        return
    if file.size > ONE_MOST:
        yield HEAVY.at(mail.place(image), f"{src}: {file.size:,} bytes")
    if not _PIXELS.fullmatch(width) or file.size < WORTH_SHRINKING:
        return
    if file.width > DENSE_MOST * int(width):
        found = f"{src}: {file.width} pixels wide, shown at {width}, {file.size:,} bytes"
        yield DENSE.at(mail.place(image), found)


GROUP = Group(
    title="Pictures",
    rules=(ALT, SIZE, INSECURE, MISSING, ELSEWHERE, FORMAT, DENSE, HEAVY, ALL_HEAVY),
    ask=ask,
)
