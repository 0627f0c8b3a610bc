"""Questions to a real name server on this machine; nothing leaves it."""

from __future__ import annotations

import socket

from pipeline.net.dns import IN_VAIN_MOST, OFFLINE, DnsNames
from pipeline.ports.names import Looked
from tests.dns_server import name_server

RECORDS = {
    "TXT example.org.": ['"v=spf1 " "-all"', '"other"'],
    "MX example.org.": ["20 b.example.org.", "10 a.example.org."],
    "MX none.example.org.": ["0 ."],
    "A example.org.": ["192.0.2.7"],
    "AAAA example.org.": ["2001:db8::7"],
    "TXT _dmarc.xn--exmple-cua.org.": ['"v=DMARC1; p=none"'],
}


def test_records_are_told_as_text() -> None:
    with name_server(RECORDS) as port:
        names = DnsNames(["127.0.0.1"], port=port)
        assert names.txt("example.org") == Looked(("other", "v=spf1 -all"))
        assert names.mx("example.org.") == Looked(("10 a.example.org", "20 b.example.org"))
        assert names.mx("none.example.org") == Looked(("0 .",))
        assert names.addresses("example.org") == Looked(("192.0.2.7", "2001:db8::7"))
        assert names.txt("_dmarc.exämple.org") == Looked(("v=DMARC1; p=none",))


def test_what_is_not_there_is_an_answer() -> None:
    with name_server(RECORDS) as port:
        names = DnsNames(["127.0.0.1"], port=port)
        assert names.txt("nowhere.example.org") == Looked()
        assert names.txt("none.example.org") == Looked()
        assert names.addresses("none.example.org") == Looked()


def test_trouble_is_words() -> None:
    with name_server(RECORDS) as port:
        names = DnsNames(["127.0.0.1"], port=port, seconds=0.1)
        assert names.txt("silent.org").trouble == "no answer in time about silent.org"
        assert names.txt("broken.org").trouble == "the name servers of broken.org fail"
        assert names.txt("a..b").trouble == "a..b is no name"
        assert names.txt("x" * 64 + ".org").trouble.endswith("is no name")
        assert names.txt("ä" * 60 + ".org").trouble.endswith("is no name")


def test_without_a_network_one_waits_a_little_only() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))  # nobody reads there
        names = DnsNames(["127.0.0.1"], port=wire.getsockname()[1], seconds=0.05)
        said = [names.txt(f"{number}.org").trouble for number in range(IN_VAIN_MOST + 3)]
    assert said[IN_VAIN_MOST:] == [OFFLINE] * 3
    assert all("no answer in time" in words for words in said[:IN_VAIN_MOST])
