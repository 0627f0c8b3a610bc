"""Rules on links: where they lead, and what they are called."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.network import is_public, number_of
from pipeline.render.gate.facts import Standing, split_url
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.document import Link
    from pipeline.render.gate.facts import Mail

NOWHERE = error(
    "link-nowhere",
    "A link to a page that the site does not have is dead when the mail arrives.",
    "correct the address; it has to be a page that the build makes",
)
HIDDEN = error(
    "link-to-hidden-item",
    "Readers cannot open a draft, an item whose time has not come, or one that has expired.",
    "publish the item, or take the link out",
)
FRAGMENT = warning(
    "link-fragment",
    "The page is there, the place on it is not: readers land at its top.",
    "correct what stands behind the #",
)
RELATIVE = error(
    "link-relative",
    "In a mail, a relative address leads nowhere.",
    "write the whole address, beginning with https://",
)
SCHEME = error(
    "link-scheme",
    "Clients refuse addresses other than https, http, mailto and tel.",
    "link to a page",
)
PRIVATE = error(
    "link-private",
    "Nobody outside can open an address of one's own machine or network.",
    "link to the public address",
)
INSECURE = warning(
    "link-insecure",
    "What is loaded over http: can be read and changed on the way.",
    "try the same address with https://",
)
EMPTY = error(
    "link-empty",
    "A link without words cannot be seen, and a screen reader reads out its address.",
    "give the link words, or its picture an 'alt'",
)
BARE = warning(
    "link-bare-url",
    "A written-out address is read aloud letter by letter, and breaks lines on phones.",
    "let words say where the link leads",
)
VAGUE = warning(
    "link-vague",
    "Out of context, 'read more' twice says nothing of where each leads.",
    "name what one gets: 'Read the interview'",
)

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
VAGUE_WORDS = frozenset({
    # English
    "click", "click here", "click this", "click this link", "continue", "continue reading",
    "details", "find out more", "follow this link", "go", "here", "learn more", "link", "more",
    "more info", "more information", "open", "read", "read here", "read it", "read more",
    "read on", "see here", "see more", "this link", "this page", "view", "view more",
    # French
    "cliquez", "cliquez ici", "cliquer ici", "continuer", "continuer la lecture", "détails",
    "en savoir plus", "ici", "lien", "lire", "lire ici", "lire la suite", "lire plus", "plus",
    "plus d'info", "plus d'infos", "plus d'informations", "plus d’informations", "voir",
    "voir ici", "voir plus", "la suite", "suite", "ce lien", "savoir plus",
    # Spanish
    "aquí", "clic aquí", "continuar", "continuar leyendo", "detalles", "enlace", "este enlace",
    "haga clic", "haga clic aquí", "haz clic aquí", "leer", "leer más", "más", "más información",
    "más info", "pulse aquí", "pincha aquí", "saber más", "seguir leyendo", "ver", "ver aquí",
    "ver más", "conocer más", "lea más",
    # Arabic
    "هنا", "اضغط هنا", "انقر هنا", "إقرأ المزيد", "اقرأ المزيد", "المزيد", "قراءة المزيد",
    "للمزيد", "مزيد", "تابع القراءة", "اقرأ", "التفاصيل", "لمزيد من المعلومات", "اعرف المزيد",
    "الرابط", "هذا الرابط",
})  # fmt: skip
"""What says nothing of where a link leads; the languages that the interface speaks."""

_BARE = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_NUMERIC = re.compile(r"\.(?:\d+|0x[\da-f]*)$", re.IGNORECASE)
_EDGES = re.compile(r"^[\s\W_]+|[\s\W_]+$")


def ask(mail: Mail) -> Iterator[Finding]:
    """Each link, then those that are called the same."""
    for link in mail.document.links:
        yield from _leads(mail, link)
        yield from _called(mail, link)
    yield from _vague(mail)


def _leads(mail: Mail, link: Link) -> Iterator[Finding]:
    href = link.href
    if href in {UNSUBSCRIBE, PREFERENCES}:
        return
    if href.startswith("#"):
        yield from _inside(mail, link)
        return
    scheme = split_url(href).scheme.lower()
    if not scheme:
        yield RELATIVE.at(_place(mail, link), href or "no address")
    elif scheme not in SCHEMES:
        yield SCHEME.at(_place(mail, link), href)
    elif scheme in {"mailto", "tel"}:
        return
    elif (path := mail.within(href)) is not None:
        found = list(_of_the_site(mail, link, path))
        yield from found
        if not found and scheme == "http" and mail.base_url.startswith("https:"):
            yield INSECURE.at(_place(mail, link), href)
    elif _is_private(split_url(href).hostname or ""):
        yield PRIVATE.at(_place(mail, link), href)
    elif scheme == "http":
        yield INSECURE.at(_place(mail, link), href)


def _of_the_site(mail: Mail, link: Link, path: str) -> Iterator[Finding]:
    """A link to this newsroom's own site."""
    standing = mail.standing(path)
    if standing is Standing.NOWHERE:
        yield NOWHERE.at(_place(mail, link), link.href)
        return
    if standing is not Standing.THERE:
        item = mail.item_at(link.href)
        source = f" ({item.source})" if item else ""
        yield HIDDEN.at(_place(mail, link), f"{link.href} is {standing}{source}")
        return
    fragment = unquote(split_url(link.href).fragment)
    if fragment and fragment not in mail.anchors(path):
        yield FRAGMENT.at(_place(mail, link), link.href)


def _inside(mail: Mail, link: Link) -> Iterator[Finding]:
    """A link to another place in the mail itself."""
    name = unquote(link.href[1:])
    ids = {each.get("id") or each.get("name") for each in mail.document.body.iter()}
    if name and name not in ids:
        yield FRAGMENT.at(_place(mail, link), link.href)


def _called(mail: Mail, link: Link) -> Iterator[Finding]:
    if not link.name:
        yield EMPTY.at(_place(mail, link), link.href or "no address")
    elif _BARE.fullmatch(link.words) and not link.href.startswith(("mailto:", "tel:")):
        yield BARE.at(_place(mail, link), link.words)


def _vague(mail: Mail) -> Iterator[Finding]:
    """Links with the same empty words to different places; one finding for each wording."""
    targets: defaultdict[str, dict[str, Link]] = defaultdict(dict)
    for link in mail.document.links:
        words = _EDGES.sub("", link.name).casefold()
        if words in VAGUE_WORDS:
            targets[words].setdefault(link.href, link)
    for links in targets.values():
        if len(links) > 1:
            first = next(iter(links.values()))
            found = f'"{first.name}" leads to {len(links)} different places'
            yield VAGUE.at(mail.in_templates(first.name) or _place(mail, first), found)


def _place(mail: Mail, link: Link) -> str:
    return mail.place(link.element, link.href)


def _is_private(host: str) -> bool:
    """True for a name or a number that means something only at home."""
    host = host.removesuffix(".")
    number = number_of(host)
    if number:
        return not _is_public(number)
    if "." not in host:
        return True
    if host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa", ".invalid")):
        return True
    # Browsers take what ends in a number for a number, and open none that is not one.
    return bool(_NUMERIC.search(host))


def _is_public(number: str) -> bool:
    try:
        return is_public(number)
    except ValueError:
        return False


GROUP = Group(
    title="Links",
    rules=(NOWHERE, HIDDEN, FRAGMENT, RELATIVE, SCHEME, PRIVATE, INSECURE, EMPTY, BARE, VAGUE),
    ask=ask,
)
