"""A name server over real UDP, on this machine, with a table of records."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def name_server(records: Mapping[str, Sequence[str]]) -> Iterator[int]:
    """The port of one that knows `MX example.org.` and the like, as a zone file writes them.

    "silent." in a name: no answer; "broken.": SERVFAIL; a name without a record: NXDOMAIN, or an
    empty answer where it has records of another kind.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(wire, records))
        thread.start()
        try:
            yield wire.getsockname()[1]
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", wire.getsockname())
            thread.join(10)


def _serve(wire: socket.socket, records: Mapping[str, Sequence[str]]) -> None:
    while True:
        data, peer = wire.recvfrom(4096)
        if not data:
            return
        answer = _answer(dns.message.from_wire(data), records)
        if answer is not None:
            wire.sendto(answer.to_wire(), peer)


def _answer(
    asked: dns.message.Message, records: Mapping[str, Sequence[str]]
) -> dns.message.Message | None:
    question = asked.question[0]
    name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    if name.startswith("silent."):
        return None
    if name.startswith("broken."):
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif f"{kind} {name}" in records:
        texts = list(records[f"{kind} {name}"])
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *texts))
    elif not any(known.endswith(f" {name}") for known in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
