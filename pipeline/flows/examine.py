"""What the DNS says of the domains that mail is sent from, for 'enews doctor'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.dns_judgement import (
    judge_alignment,
    judge_dkim,
    judge_dmarc,
    judge_mail_exchange,
    judge_spf,
)
from pipeline.core.dns_records import (
    LOOKS_MOST,
    dmarc_records,
    parents,
    parse_spf,
    spf_records,
    within,
)
from pipeline.core.examination import Check, Verdict

if TYPE_CHECKING:
    from pipeline.ports.names import Names

DEEPEST = 10
"""Records inside each other that are followed."""


class Key(NamedTuple):
    """A record of a key that signs: where, what it says, and the same as a zone file has it."""

    name: str
    value: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A domain of From, the domain of its envelopes, and its keys; `relayed`: a server sends."""

    domain: str
    envelope: str
    keys: tuple[Key, ...] = ()
    relayed: bool = True


def examine(names: Names, sender: Sender) -> list[Check]:
    """All that receivers look at before they take mail from this domain."""
    area = f"mail from {sender.domain}"
    checks = [_exchange(names, area, "replies", sender.domain)]
    if sender.envelope != sender.domain:
        checks.append(_exchange(names, area, "bounces", sender.envelope))
    checks.append(_spf(names, area, sender.envelope))
    checks += _dkim(names, area, sender)
    checks += _dmarc(names, area, sender)
    return checks


def _exchange(names: Names, area: str, what: str, domain: str) -> Check:
    found = names.mx(domain)
    if found.trouble:
        return _unknown(area, what, found.trouble)
    numbers = names.addresses(domain) if not found.records else None
    if numbers and numbers.trouble:
        return _unknown(area, what, numbers.trouble)
    return judge_mail_exchange(
        area, what, domain, found.records, numbers.records if numbers else ()
    )


def _spf(names: Names, area: str, domain: str) -> Check:
    found = names.txt(domain)
    if found.trouble:
        return _unknown(area, "SPF", found.trouble)
    return judge_spf(area, domain, found.records, spf_looks(names, found.records))


def spf_looks(names: Names, texts: tuple[str, ...], depth: int = 0) -> int | None:
    """How many looks at the DNS a record costs with all that it includes; None: nobody knows.

    No more is counted than tells that it is too much.
    """
    records = spf_records(texts)
    if len(records) != 1 or depth > DEEPEST:
        return 0
    spf = parse_spf(records[0])
    total = spf.looks
    for name in spf.names:
        if total > LOOKS_MOST or "%" in name:  # a macro: it depends on the mail
            break
        inner = names.txt(name)
        more = None if inner.trouble else spf_looks(names, inner.records, depth + 1)
        if more is None:
            return None
        total += more
    return total


def _dkim(names: Names, area: str, sender: Sender) -> list[Check]:
    if not sender.keys and sender.relayed:
        return [
            Check(
                area=area,
                what="DKIM",
                verdict=Verdict.WARNING,
                said="mails are not signed here",
                advice="fine where your mail server signs them: a test mail shows dkim=pass; "
                "else 'enews mailing dkim' says how",
            )
        ]
    checks = []
    for key in sender.keys:
        found = names.txt(key.name)
        if found.trouble:
            selector = key.name.partition("._domainkey")[0]
            checks.append(_unknown(area, f"DKIM {selector}", found.trouble))
        else:
            checks.append(judge_dkim(area, key.name, key.value, key.zone, found.records))
    return checks


def _dmarc(names: Names, area: str, sender: Sender) -> list[Check]:
    """The policy, the first one up the tree; and whether the envelope agrees with it."""
    walk = _policies(names, sender.domain)
    if isinstance(walk, str):
        return [_unknown(area, "DMARC", walk)]
    place, texts = walk[0] if walk else (sender.domain, ())
    checks = [judge_dmarc(area, sender.domain, place, texts)]
    other = _policies(names, sender.envelope)
    if isinstance(other, str):
        return [*checks, _unknown(area, "alignment", other)]
    records = dmarc_records(texts)
    checks.append(
        judge_alignment(
            area,
            sender.domain,
            sender.envelope,
            together=_together(sender, walk[-1][0] if walk else "", other[-1][0] if other else ""),
            policy=records[0] if records else "",
            signs=bool(sender.keys),
        )
    )
    return checks


def _policies(names: Names, domain: str) -> list[tuple[str, tuple[str, ...]]] | str:
    """Where there are policies from a domain upwards; why nobody knows, where it is a text."""
    found = []
    for place in parents(domain):
        looked = names.txt(f"_dmarc.{place}")
        if looked.trouble:
            return looked.trouble
        if dmarc_records(looked.records):
            found.append((place, looked.records))
    return found


def _together(sender: Sender, top: str, other: str) -> bool:
    """Whether both domains are of one organisation: the highest policy above them is the same.

    No list of public suffixes is needed for that; a receiver with one says the same, or is milder.
    """
    domain, envelope = sender.domain, sender.envelope
    if within(domain, envelope) or within(envelope, domain):
        return True
    return bool(top) and top == other


def _unknown(area: str, what: str, trouble: str) -> Check:
    return Check(
        area=area,
        what=what,
        verdict=Verdict.UNKNOWN,
        said=f"the DNS could not be asked: {trouble}",
    )
