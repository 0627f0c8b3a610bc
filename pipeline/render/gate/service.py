"""Rules on what law and decency ask of every mail: the way out, and who sends it."""

from __future__ import annotations

import re
from email.utils import parseaddr
from html import unescape
from typing import TYPE_CHECKING

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.message import RECIPIENT
from pipeline.render.gate.document import plain
from pipeline.render.gate.facts import HTML, TEXT, split_url
from pipeline.render.gate.rule import Group, error, note, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

LEAVE = error(
    "unsubscribe-missing",
    "Without a way to leave in the mail readers use the one to report it as unwanted.",
    "show issue.unsubscribe in the foot of the template",
)
ADDRESS = error(
    "address-missing",
    "Most laws on mailings ask for the sender's postal address in every mail.",
    "set 'postal_address' of the newsletter, and show issue.postal_address in the foot",
)
UNSET = error(
    "address-unset",
    "The words that 'enews init' writes are no address, and readers would see them.",
    "write where post reaches you as 'postal_address' of the newsletter",
)
RESERVED = note(
    "domain-reserved",
    "Names such as example.org are kept for examples (RFC 2606): no answer reaches you there.",
    "write your own domain before anything is sent",
)
CHOOSE = warning(
    "preferences-missing",
    "Who only wants less leaves altogether where there is no choice.",
    "show issue.preferences in the foot of the template",
)
TOKEN = error(
    "token-broken",
    "What stands for a subscriber's own link was changed, and would not be filled in.",
    "write the address as the template gets it, in an href and without anything after it",
)

TOKENS = (UNSUBSCRIBE, PREFERENCES)
UNSET_WORDS = (
    "Your street and number, your town",
    "Votre rue et numéro, votre ville",
    "Su calle y número, su ciudad",
    "الشارع والرقم، المدينة",
)
"""The address in `templates/newsroom/words/`, in each language; a test holds them together."""

_RESERVED = re.compile(
    r"(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test|localhost)\.?$", re.IGNORECASE
)
_INVALID = re.compile(
    r"[^\s\"'<>(),]{0,80}subscriber(?:\.|%2e|=2e)invalid[^\s\"'<>(),]{0,400}", re.IGNORECASE
)
_CONDITIONAL = re.compile(r"<!--.*?-->", re.DOTALL)


def ask(mail: Mail) -> Iterator[Finding]:
    """Both parts."""
    links = {link.href for link in mail.document.links if not mail.document.is_hidden(link.element)}
    for rule, token in ((LEAVE, UNSUBSCRIBE), (CHOOSE, PREFERENCES)):
        if token not in links:
            yield rule.at(HTML, "no such link")
        if token not in mail.text.split():
            yield rule.at(TEXT, "no such address")
    yield from _addressed(mail)
    yield from _reserved(mail)
    html = unescape(_CONDITIONAL.sub("", mail.html))
    for where, text in ((HTML, html), (TEXT, mail.text)):
        for found in dict.fromkeys(match[0] for match in _INVALID.finditer(text)):
            if found not in (*TOKENS, RECIPIENT):
                yield TOKEN.at(where, found)
    yield from _whole(mail)


def _whole(mail: Mail) -> Iterator[Finding]:
    """Tokens that the message's encoding cut or hid: what sends looks for them in its bytes."""
    _, blank, body = mail.raw.partition(b"\r\n\r\n")
    # What has no body is broken, which another rule says.
    for token in TOKENS if blank else ():
        wanted = mail.text.count(token) + mail.html.count(token)
        found = body.count(token.encode())
        if found < wanted:
            yield TOKEN.at("message", f"{token} is whole in {found} places of {wanted}")


def _addressed(mail: Mail) -> Iterator[Finding]:
    wanted = _letters(mail.postal_address)
    if mail.released:
        # It went out with the address of its day, which may be another by now.
        return
    if not wanted:
        yield ADDRESS.at("newsroom.toml", "postal_address is empty")
        return
    if any(_letters(words) in wanted for words in UNSET_WORDS):
        yield UNSET.at("newsroom.toml", mail.postal_address)
        return
    seen = _letters(" ".join(text for _, text in mail.document.texts()))
    for where, text in ((HTML, seen), (TEXT, _letters(mail.text))):
        if wanted not in text:
            yield ADDRESS.at(where, f"not there: {mail.postal_address}")


def _reserved(mail: Mail) -> Iterator[Finding]:
    """Site and senders at a name that nobody can have; what went out cannot be changed."""
    if mail.released:
        return
    hosts = {
        key: (split_url(value).hostname or "")
        if key == "base_url"
        else parseaddr(value)[1].rpartition("@")[2]
        for key, value in mail.config.items()
    }
    found = [f"{key} at {host}" for key, host in hosts.items() if _RESERVED.search(host)]
    if found:
        yield RESERVED.at("newsroom.toml", ", ".join(found))


def _letters(text: str) -> str:
    """Letters and digits alone: lines are wrapped, and templates may set commas as breaks."""
    return "".join(c for c in plain(text).casefold() if c.isalnum())


GROUP = Group(
    title="Way out and sender", rules=(LEAVE, ADDRESS, UNSET, CHOOSE, TOKEN, RESERVED), ask=ask
)
