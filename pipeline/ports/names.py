"""What is asked of the DNS."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Looked(NamedTuple):
    """The records that stand there, () for none; `trouble` is why nobody knows, "" for an answer.

    Records are text: of TXT all strings joined, of MX `10 mail.example.org` ("." for a null MX,
    RFC 7505), of addresses the number.
    """

    records: tuple[str, ...] = ()
    trouble: str = ""


class Names(Protocol):
    """A resolver. Nothing raises; several threads may ask."""

    def txt(self, name: str) -> Looked:
        """TXT records, in an order of their own."""
        ...

    def mx(self, name: str) -> Looked:
        """MX records, the preferred first."""
        ...

    def addresses(self, name: str) -> Looked:
        """A and AAAA records."""
        ...
