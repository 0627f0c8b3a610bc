"""The private keys that mails are signed with, and what stands in DNS for each of them."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Literal

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

RSA_LEAST, RSA_MOST = 2048, 4096
"""Bits: fewer are weak, and receivers need not take more (RFC 8301 §3.2)."""

TEXT_MOST = 255
"""Octets of one string of a TXT record (RFC 1035 §3.3.14)."""

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class DkimKey:
    """A private key with its selector; `algorithm` is `rsa-sha256` or `ed25519-sha256`."""

    __slots__ = ("_public", "_sign", "algorithm", "selector")

    def __init__(
        self,
        selector: str,
        algorithm: Literal["rsa-sha256", "ed25519-sha256"],
        sign: Callable[[bytes], bytes],
        public: bytes,
    ) -> None:
        self.selector = selector
        self.algorithm = algorithm
        self._sign = sign
        self._public = public

    def sign(self, text: bytes) -> bytes:
        """The signature of a text."""
        return self._sign(text)

    def dns_name(self, domain: str) -> str:
        """Where the public key of a sender's domain stands (RFC 6376 §3.6.2.1)."""
        return f"{self.selector}._domainkey.{domain}"

    def dns_value(self) -> str:
        """What the TXT record says, as one string."""
        kind = self.algorithm.partition("-")[0]
        return f"v=DKIM1; k={kind}; p={b64encode(self._public).decode('ascii')}"

    def dns_strings(self) -> list[str]:
        """The TXT record in the strings of at most 255 octets that DNS has."""
        text = self.dns_value()
        return [text[at : at + TEXT_MOST] for at in range(0, len(text), TEXT_MOST)]

    def dns_text(self) -> str:
        """The TXT record, in quoted strings as a zone file has them."""
        return " ".join(f'"{string}"' for string in self.dns_strings())


def read_keys(text: str, folder: Path) -> tuple[DkimKey, ...]:
    """The keys of `ENEWS_DKIM_KEYS`: `selector:file`, several with spaces between them.

    Files are PEM, without a passphrase, and named from `folder` on. Raises ConfigError.
    """
    keys: list[DkimKey] = []
    for word in text.split():
        selector, colon, file = word.partition(":")
        if not colon or not file or not _SELECTOR.fullmatch(selector):
            raise ConfigError(
                f'ENEWS_DKIM_KEYS holds "{word}": expected selector:file, such as '
                "june2017:keys/june2017.pem, and a space between two of them"
            )
        if selector.lower() in {key.selector.lower() for key in keys}:
            raise ConfigError(f"ENEWS_DKIM_KEYS names the selector {selector} twice")
        keys.append(_read_key(selector, folder / file))
    return tuple(keys)


def _read_key(selector: str, path: Path) -> DkimKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    where = f"ENEWS_DKIM_KEYS, {selector}: {path}"
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigError(f"{where}: {error.strerror}") from error
    except TypeError as error:
        raise ConfigError(f"{where} has a passphrase: write it without one") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{where} is not a private key in PEM") from error
    if isinstance(private, Ed25519PrivateKey):
        return ed25519(selector, private)
    if not isinstance(private, RSAPrivateKey):
        raise ConfigError(f"{where}: expected an RSA or an Ed25519 key")
    if not RSA_LEAST <= private.key_size <= RSA_MOST:
        raise ConfigError(
            f"{where} has {private.key_size} bits, and receivers expect {RSA_LEAST} to {RSA_MOST}: "
            f"make one by 'openssl genrsa -out {path.name} {RSA_LEAST}'"
        )
    return rsa(selector, private)


def rsa(selector: str, private: RSAPrivateKey) -> DkimKey:
    """A key with its selector (RFC 6376 §3.3.1)."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    padding, digest = PKCS1v15(), SHA256()
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return DkimKey(selector, "rsa-sha256", lambda text: private.sign(text, padding, digest), public)


def ed25519(selector: str, private: Ed25519PrivateKey) -> DkimKey:
    """A key with its selector; it signs the SHA-256 of the text, not the text (RFC 8463 §3)."""
    return DkimKey(
        selector,
        "ed25519-sha256",
        lambda text: private.sign(hashlib.sha256(text).digest()),
        private.public_key().public_bytes_raw(),
    )
