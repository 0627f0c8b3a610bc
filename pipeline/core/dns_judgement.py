"""What is to be said of a domain's SPF, DKIM and DMARC records, and which record to write instead.

Gmail, Yahoo and Microsoft take mail to many only with SPF, DKIM, and a DMARC policy with which one
of them agrees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.dns_records import LOOKS_MOST, dmarc_records, parse_spf, spf_records, tags
from pipeline.core.examination import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

POLICIES = frozenset({"none", "quarantine", "reject"})

SPF_HINT = "include what your mail provider tells you to, or the server's own address by ip4:"


def judge_spf(area: str, domain: str, texts: Sequence[str], looks: int | None) -> Check:
    """`looks` is how many looks at the DNS the whole record costs, None where nobody knows."""

    def said(verdict: Verdict, words: str, advice: str = "") -> Check:
        return Check(area=area, what="SPF", verdict=verdict, said=words, advice=advice)

    found = spf_records(texts)
    if not found:
        return said(
            Verdict.WRONG,
            f"{domain} does not say who may send for it",
            f'{domain}. TXT "v=spf1 include:spf.provider.example ~all"; {SPF_HINT}',
        )
    if len(found) > 1:
        return said(
            Verdict.WRONG,
            f"{domain} has {len(found)} SPF records: receivers take that for none",
            "keep one, with the terms of all of them",
        )
    spf = parse_spf(found[0])
    if spf.odd:
        return said(
            Verdict.WRONG,
            f'the record is not understood: "{spf.odd[0]}"',
            f"correct or remove that in the TXT record of {domain}",
        )
    if looks is not None and looks > LOOKS_MOST:
        return said(
            Verdict.WRONG,
            f"it takes {looks} looks at the DNS, and receivers give up after {LOOKS_MOST}",
            "take out what no longer sends for you, or write ip4: and ip6: instead of include:",
        )
    if spf.everyone == "+":
        return said(
            Verdict.WRONG, "+all lets everybody send in your name", f"end it with ~all: {domain}"
        )
    if spf.everyone in ("", "?") and not spf.redirects:
        return said(
            Verdict.WARNING,
            "it says nothing of whom it does not name",
            f'end the TXT record of {domain} with "~all"',
        )
    if spf.ptr:
        return said(Verdict.WARNING, "it uses ptr, which many receivers skip", "name ip4: instead")
    return said(Verdict.OK, found[0])


def judge_dkim(area: str, name: str, wanted: str, zone: str, texts: Sequence[str]) -> Check:
    """`wanted` is what the TXT record at `name` should say, `zone` the same as a zone file has it.

    Only the key has to be the same (RFC 6376 §3.6.1): other tags are the domain's own affair.
    """
    expected = tags(wanted)
    record = f"{name}. TXT {zone}"

    def said(verdict: Verdict, words: str, advice: str = "") -> Check:
        selector = name.partition("._domainkey")[0]
        return Check(area=area, what=f"DKIM {selector}", verdict=verdict, said=words, advice=advice)

    keys = [text for text in texts if "p" in tags(text)]
    if not keys:
        return said(Verdict.WRONG, f"there is no key at {name}: no signature is valid", record)
    if len(keys) > 1:
        return said(Verdict.WRONG, f"there are {len(keys)} keys at {name}", f"keep one: {record}")
    found = tags(keys[0])
    there = "".join(found["p"].split())
    if not there:
        return said(Verdict.WRONG, f"the key at {name} was revoked", record)
    if found.get("v", "DKIM1") != "DKIM1" or found.get("k", "rsa") != expected["k"]:
        return said(Verdict.WRONG, f"the record at {name} is of another kind", record)
    if there != expected["p"]:
        return said(
            Verdict.WRONG, f"the key at {name} is not the one that signs: {there[:12]}…", record
        )
    if "y" in found.get("t", "").split(":"):
        return said(
            Verdict.WARNING,
            f"{name} says t=y: receivers treat signed mail as unsigned",
            "remove t=y once a test mail shows dkim=pass",
        )
    return said(Verdict.OK, f"{name} holds the key that signs")


def judge_dmarc(area: str, domain: str, place: str, texts: Sequence[str]) -> Check:
    """`texts` are the TXT records at `_dmarc.<place>`, the first ones up from `domain`."""

    def said(verdict: Verdict, words: str, advice: str = "") -> Check:
        return Check(area=area, what="DMARC", verdict=verdict, said=words, advice=advice)

    example = f'"v=DMARC1; p=none; rua=mailto:dmarc@{place}"'
    found = dmarc_records(texts)
    if not found:
        return said(
            Verdict.WRONG,
            f"{domain} has no DMARC policy: large providers refuse mail to many without one",
            f"_dmarc.{place}. TXT {example}",
        )
    if len(found) > 1:
        return said(
            Verdict.WRONG, f"_dmarc.{place} has {len(found)} policies: none counts", "keep one"
        )
    policy = tags(found[0])
    which = "sp" if place != domain and "sp" in policy else "p"
    asked = policy.get(which, "").lower()
    if asked not in POLICIES:
        return said(
            Verdict.WRONG,
            f'_dmarc.{place} says {which}="{policy.get(which, "")}"',
            f"_dmarc.{place}. TXT {example}",
        )
    if "rua" not in policy:
        return said(
            Verdict.WARNING,
            f"_dmarc.{place}: {which}={asked}, and nobody gets the reports",
            f"add rua=mailto:dmarc@{place}, and read there who sends in your name",
        )
    after = "; after some weeks of clean reports, p=quarantine" if asked == "none" else ""
    return said(Verdict.OK, f"_dmarc.{place}: {which}={asked}{after}")


def judge_alignment(
    area: str, domain: str, envelope: str, *, together: bool, policy: str, signs: bool
) -> Check:
    """Whether DMARC is met: by SPF where the envelope's domain belongs to the sender's, by DKIM.

    `together`: both are of one organisation; `policy` is the DMARC record, "" for none.
    """
    strict = tags(policy).get("aspf", "r").lower() == "s"
    by_spf = domain == envelope if strict else together
    what = "alignment"
    if by_spf:
        return Check(
            area=area, what=what, verdict=Verdict.OK, said=f"the envelope is from {envelope}"
        )
    why = "is not just" if strict and together else "does not belong to"
    return Check(
        area=area,
        what=what,
        verdict=Verdict.OK if signs else Verdict.WRONG,
        said=f"the envelope is from {envelope}, which {why} {domain}: DMARC is met "
        + ("by DKIM alone" if signs else "only if your mail server signs"),
        advice="" if signs else f"set ENEWS_DKIM_KEYS, or have a [sending] return_path of {domain}",
    )


def judge_mail_exchange(
    area: str, what: str, domain: str, exchanges: Sequence[str], numbers: Sequence[str]
) -> Check:
    """Whether mail to a domain arrives: it has an MX, or at least a number (RFC 5321 §5.1)."""
    hosts = [record.rpartition(" ")[2] for record in exchanges]
    verdict, said, advice = Verdict.OK, f"{domain} takes mail at {', '.join(hosts)}", ""
    if hosts == ["."]:
        verdict, said = Verdict.WRONG, f"{domain} says that it takes no mail"
        advice = f"{domain}. MX 10 mail.{domain}., or use an address that takes mail"
    elif not hosts and numbers:
        verdict, said = Verdict.WARNING, f"{domain} has no MX: mail goes to {numbers[0]}"
        advice = f"{domain}. MX 10 and the name of your mail server"
    elif not hosts:
        verdict, said = Verdict.WRONG, f"{domain} is not there, or takes no mail"
        advice = f"{domain}. MX 10 and the name of your mail server"
    return Check(area=area, what=what, verdict=verdict, said=said, advice=advice)
