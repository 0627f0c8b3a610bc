"""A domain that mail is sent from, examined over a made-up DNS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.examination import Verdict
from pipeline.flows.examine import Key, Sender, examine, spf_looks
from pipeline.ports.names import Looked

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = Key("mail._domainkey.news.example.org", "v=DKIM1; k=rsa; p=AAAA", '"v=DKIM1; k=rsa; p=AAAA"')
GOOD = {
    "MX news.example.org": ("10 mx.example.org",),
    "MX bounce.example.org": ("10 mx.example.org",),
    "TXT bounce.example.org": ("v=spf1 include:relay.example ~all",),
    "TXT relay.example": ("v=spf1 ip4:192.0.2.1 -all",),
    "TXT mail._domainkey.news.example.org": ("v=DKIM1; k=rsa; p=AAAA",),
    "TXT _dmarc.example.org": ("v=DMARC1; p=quarantine; rua=mailto:d@example.org",),
}
SENDER = Sender(domain="news.example.org", envelope="bounce.example.org", keys=(KEY,))


class FakeNames:
    """The port `Names` over a table; `silent` names get no answer."""

    def __init__(self, records: Mapping[str, tuple[str, ...]], *silent: str) -> None:
        self._records = records
        self._silent = silent

    def txt(self, name: str) -> Looked:
        return self._found("TXT", name)

    def mx(self, name: str) -> Looked:
        return self._found("MX", name)

    def addresses(self, name: str) -> Looked:
        return self._found("A", name)

    def _found(self, kind: str, name: str) -> Looked:
        if name in self._silent or "*" in self._silent:
            return Looked((), "no answer")
        return Looked(self._records.get(f"{kind} {name}", ()))


def verdicts(names: FakeNames, sender: Sender = SENDER) -> dict[str, str]:
    return {check.what: check.verdict.value for check in examine(names, sender)}


def test_a_domain_that_is_right() -> None:
    assert verdicts(FakeNames(GOOD)) == {
        "replies": "ok",
        "bounces": "ok",
        "SPF": "ok",
        "DKIM mail": "ok",
        "DMARC": "ok",
        "alignment": "ok",
    }


def test_a_domain_of_which_dns_knows_nothing() -> None:
    checks = examine(FakeNames({}), Sender(domain="a.org", envelope="b.org"))
    assert {check.what: check.verdict.value for check in checks} == {
        "replies": "wrong",
        "bounces": "wrong",
        "SPF": "wrong",
        "DKIM": "warning",
        "DMARC": "wrong",
        "alignment": "wrong",
    }
    assert all(check.area == "mail from a.org" and check.advice for check in checks)


def test_without_a_network_nothing_is_known() -> None:
    checks = examine(FakeNames({}, "*"), SENDER)
    assert {check.verdict for check in checks} == {Verdict.UNKNOWN}
    assert {check.said for check in checks} == {"the DNS could not be asked: no answer"}


def test_one_silence_leaves_the_rest() -> None:
    found = verdicts(FakeNames(GOOD, "_dmarc.bounce.example.org"))
    assert found["DMARC"] == "ok"
    assert found["alignment"] == "unknown"
    assert verdicts(FakeNames(GOOD, "relay.example"))["SPF"] == "ok"


def test_rehearsals_need_no_signature() -> None:
    sender = Sender(domain="news.example.org", envelope="news.example.org", relayed=False)
    assert not any(what.startswith("DKIM") for what in verdicts(FakeNames(GOOD), sender))


def test_another_organisations_envelope() -> None:
    other = GOOD | {
        "MX relay.example": ("10 mx.relay.example",),
        "TXT _dmarc.relay.example": ("v=DMARC1; p=none",),
    }
    sender = Sender(domain="news.example.org", envelope="relay.example")
    assert verdicts(FakeNames(other), sender)["alignment"] == "wrong"
    signed = Sender(domain="news.example.org", envelope="relay.example", keys=(KEY,))
    assert verdicts(FakeNames(other), signed)["alignment"] == "ok"


def test_an_envelope_below_the_sender_needs_no_policy() -> None:
    sender = Sender(domain="example.org", envelope="bounce.example.org")
    assert verdicts(FakeNames({}), sender)["alignment"] == "ok"


def test_looks_are_counted_through_what_is_included() -> None:
    names = FakeNames(
        {
            "TXT a": ("v=spf1 a mx include:b include:%{d}.c -all",),
            "TXT b": ("other", "v=spf1 include:d redirect=e"),
            "TXT d": ("v=spf1 ptr",),
        }
    )
    assert spf_looks(names, names.txt("a").records) == 7
    loop = FakeNames({"TXT a": ("v=spf1 include:a -all",)})
    looks = spf_looks(loop, loop.txt("a").records)
    assert looks is not None
    assert looks > 10
    lost = FakeNames({"TXT a": ("v=spf1 include:b -all",)}, "b")
    assert spf_looks(lost, lost.txt("a").records) is None
