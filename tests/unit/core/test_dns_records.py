"""What SPF, DKIM and DMARC records say, and what is said of them."""

from __future__ import annotations

import pytest

from pipeline.core.dns_judgement import (
    judge_alignment,
    judge_dkim,
    judge_dmarc,
    judge_mail_exchange,
    judge_spf,
)
from pipeline.core.dns_records import (
    Spf,
    dmarc_records,
    parents,
    parse_spf,
    spf_records,
    tags,
    within,
)
from pipeline.core.examination import Check, Verdict, worst

OK, WARNING, WRONG = Verdict.OK, Verdict.WARNING, Verdict.WRONG


def test_which_texts_are_spf() -> None:
    texts = ["v=spf1 -all", "V=SPF1", "v=spf10 -all", "other", "v=spf1"]
    assert spf_records(texts) == ["v=spf1 -all", "V=SPF1", "v=spf1"]


@pytest.mark.parametrize(
    ("text", "spf"),
    [
        ("v=spf1 -all", Spf("-", (), 0, False, False, ())),
        ("v=spf1 a mx/24 a:b.org/28 ip4:192.0.2.1 ip6:2001:db8::/32 all",
         Spf("+", (), 3, False, False, ())),
        ("v=spf1 include:a.org ?include:b.org ~ALL", Spf("~", ("a.org", "b.org"), 2, False, False,
                                                         ())),
        ("v=spf1 ptr exists:%{i}.x.org redirect=c.org exp=d.org",
         Spf("", ("c.org",), 3, True, True, ())),
        ("v=spf1 ipv4:1.2.3.4 include: -all", Spf("-", (), 1, False, False,
                                                   ("ipv4:1.2.3.4", "include:"))),
    ],
)  # fmt: skip
def test_terms_of_spf(text: str, spf: Spf) -> None:
    assert parse_spf(text) == spf


@pytest.mark.parametrize(
    ("texts", "looks", "verdict", "part"),
    [
        (["v=spf1 include:a.org ~all"], 4, OK, "v=spf1 include:a.org ~all"),
        (["v=spf1 redirect=a.org"], None, OK, "redirect"),
        (["other"], None, WRONG, "does not say who may send"),
        (["v=spf1 -all", "v=spf1 ~all"], 0, WRONG, "2 SPF records"),
        (["v=spf1 ipv4:1.2.3.4 -all"], 0, WRONG, '"ipv4:1.2.3.4"'),
        (["v=spf1 a -all"], 11, WRONG, "11 looks"),
        (["v=spf1 a +all"], 1, WRONG, "+all"),
        (["v=spf1 a ?all"], 1, WARNING, "says nothing"),
        (["v=spf1 a"], 1, WARNING, "says nothing"),
        (["v=spf1 ptr ~all"], 1, WARNING, "ptr"),
    ],
)
def test_spf_is_judged(texts: list[str], looks: int | None, verdict: Verdict, part: str) -> None:
    check = judge_spf("x", "example.org", texts, looks)
    assert (check.verdict, check.what) == (verdict, "SPF")
    assert part in check.said
    assert bool(check.advice) is (verdict is not OK)


NAME, KEY = "mail._domainkey.example.org", "v=DKIM1; k=rsa; p=AAAABBBB"


@pytest.mark.parametrize(
    ("texts", "verdict", "part"),
    [
        (["v=DKIM1; k=rsa; p=AAAABBBB"], OK, "holds the key"),
        (["p=AAAA BBBB"], OK, "holds the key"),
        (["V = x", "k=rsa;p=AAAABBBB; s=email"], OK, "holds the key"),
        ([], WRONG, "no key"),
        (["v=spf1 -all"], WRONG, "no key"),
        (["p=AAAABBBB", "p=CCCC"], WRONG, "2 keys"),
        (["v=DKIM1; p="], WRONG, "revoked"),
        (["k=ed25519; p=AAAABBBB"], WRONG, "another kind"),
        (["v=DKIM2; p=AAAABBBB"], WRONG, "another kind"),
        (["p=CCCCDDDDEEEEFFFF"], WRONG, "CCCCDDDDEEEE…"),
        (["t=s:y; p=AAAABBBB"], WARNING, "t=y"),
    ],
)
def test_dkim_is_judged(texts: list[str], verdict: Verdict, part: str) -> None:
    check = judge_dkim("x", NAME, KEY, f'"{KEY}"', texts)
    assert (check.verdict, check.what) == (verdict, "DKIM mail")
    assert part in check.said
    if verdict is WRONG:
        assert check.advice.endswith(f'{NAME}. TXT "{KEY}"')


@pytest.mark.parametrize(
    ("place", "texts", "verdict", "part"),
    [
        ("a.org", ["v=DMARC1; p=reject; rua=mailto:x@a.org"], OK, "p=reject"),
        ("a.org", ["v = DMARC1 ;p=NONE;rua=mailto:x@a.org"], OK, "p=none; after some weeks"),
        ("a.org", ["v=DMARC1; p=none"], WARNING, "nobody gets the reports"),
        ("a.org", [], WRONG, "no DMARC policy"),
        ("a.org", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], WRONG, "2 policies"),
        ("a.org", ["v=DMARC1; p=monitor"], WRONG, 'p="monitor"'),
        ("org.org", ["v=DMARC1; p=reject; sp=none; rua=x"], OK, "sp=none"),
        ("org.org", ["v=DMARC1; p=reject; rua=x"], OK, "p=reject"),
    ],
)
def test_dmarc_is_judged(place: str, texts: list[str], verdict: Verdict, part: str) -> None:
    check = judge_dmarc("x", "a.org", place, texts)
    assert check.verdict is verdict
    assert part in check.said


def test_which_texts_are_dmarc() -> None:
    assert dmarc_records(["v=DMARC1", "p=none; v=DMARC1", "v=DMARC12; p=none"]) == ["v=DMARC1"]
    assert tags("A=1; b = 2 ;a=3;x") == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("together", "policy", "signs", "verdict"),
    [
        (True, "v=DMARC1; p=none", False, OK),
        (True, "v=DMARC1; p=none; aspf=s", False, WRONG),
        (True, "v=DMARC1; p=none; aspf=s", True, OK),
        (False, "", False, WRONG),
        (False, "", True, OK),
    ],
)
def test_alignment_is_judged(together: bool, policy: str, signs: bool, verdict: Verdict) -> None:
    check = judge_alignment(
        "x", "a.org", "bounce.a.org", together=together, policy=policy, signs=signs
    )
    assert check.verdict is verdict
    assert ("return_path" in check.advice) is (verdict is WRONG)


@pytest.mark.parametrize(
    ("exchanges", "numbers", "verdict"),
    [
        (["10 mx.a.org", "20 mx2.a.org"], [], OK),
        (["0 ."], [], WRONG),
        ([], ["192.0.2.1"], WARNING),
        ([], [], WRONG),
    ],
)
def test_where_mail_goes(exchanges: list[str], numbers: list[str], verdict: Verdict) -> None:
    check = judge_mail_exchange("x", "replies", "a.org", exchanges, numbers)
    assert check.verdict is verdict
    assert bool(check.advice) is (verdict is not OK)


def test_domains_above() -> None:
    assert parents("news.example.org.") == ["news.example.org", "example.org"]
    assert parents("org") == ["org"]
    long = ".".join("abcdefghij") + ".org"
    assert parents(long)[:2] == [long, "e.f.g.h.i.j.org"]
    assert parents(long)[-1] == "j.org"
    assert within("a.B.org", "b.org")
    assert within("b.org", "b.org.")
    assert not within("ab.org", "b.org")


def test_the_worst_counts() -> None:
    checks = [Check(area="x", what="y", verdict=verdict, said="") for verdict in (OK, WARNING)]
    assert worst(checks) is WARNING
    assert worst([*checks, Check(area="x", what="y", verdict=WRONG, said="")]) is WRONG
    assert worst([]) is OK
