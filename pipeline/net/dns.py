"""The port `Names`, by dnspython: short questions, and an answer or words for each."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import dns.exception
import dns.name
import dns.resolver
import idna

from pipeline.ports.names import Looked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")

SECONDS = 4.0
"""For one question, to all servers."""

IN_VAIN_MOST = 2
"""Questions without any answer after which nobody is asked any more: there is no network."""

OFFLINE = "no name server answers"


class DnsNames:
    """Asks the system's name servers, or these; several threads may."""

    def __init__(
        self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = SECONDS
    ) -> None:
        self._lock = Lock()
        self._in_vain = 0
        self._heard = False
        try:
            self._resolver: dns.resolver.Resolver | None = dns.resolver.Resolver(
                configure=not servers
            )
        except (dns.exception.DNSException, OSError):
            self._resolver = None  # there is no /etc/resolv.conf
            return
        if servers:
            self._resolver.nameservers = list(servers)
            self._resolver.port = port
        self._resolver.timeout = seconds / 2
        self._resolver.lifetime = seconds

    def txt(self, name: str) -> Looked:
        """TXT records, in an order of their own."""
        found, trouble = self._asked(name, "TXT", lambda data: b"".join(data.strings))
        return Looked(tuple(sorted(text.decode("utf-8", "replace") for text in found)), trouble)

    def mx(self, name: str) -> Looked:
        """MX records, the preferred first."""
        found, trouble = self._asked(name, "MX", lambda data: (data.preference, data.exchange))
        return Looked(tuple(f"{number} {_shown(host)}" for number, host in sorted(found)), trouble)

    def addresses(self, name: str) -> Looked:
        """A and AAAA records."""
        old, why = self._asked(name, "A", lambda data: str(data.address))
        new, why_new = self._asked(name, "AAAA", lambda data: str(data.address))
        both = (*sorted(old), *sorted(new))
        return Looked(both, "" if both else why or why_new)

    def _asked(self, name: str, kind: str, read: Callable[[Any], _T]) -> tuple[list[_T], str]:
        """What is read of each record, and why there is no answer."""
        if self._resolver is None or self._is_offline():
            return [], OFFLINE
        try:
            answer = self._resolver.resolve(_wire(name), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            self._hear()
            return [], ""
        except dns.resolver.NoNameservers:
            self._hear()
            return [], f"the name servers of {name} fail"
        except (dns.exception.Timeout, OSError):
            with self._lock:
                self._in_vain += 1
            return [], f"no answer in time about {name}"
        except (dns.exception.DNSException, idna.IDNAError, UnicodeError):
            return [], f"{name} is no name"
        self._hear()
        return [read(data) for data in answer], ""

    def _hear(self) -> None:
        with self._lock:
            self._heard = True

    def _is_offline(self) -> bool:
        with self._lock:
            return not self._heard and self._in_vain >= IN_VAIN_MOST


def _wire(name: str) -> dns.name.Name:
    """A name as DNS has it, from its root; labels of other scripts by IDNA (RFC 5890)."""
    labels = [
        label if label.isascii() else idna.encode(label, uts46=True).decode("ascii")
        for label in name.rstrip(".").split(".")
    ]
    return dns.name.from_text(".".join(labels) + ".")


def _shown(host: dns.name.Name) -> str:
    """Without the last dot; of a null MX it is all there is."""
    return host.to_text(omit_final_dot=True) if host != dns.name.root else "."
