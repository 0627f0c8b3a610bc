"""Header fields that keep browsers from doing what no page of ours asks for.

No page has a script. The web version of an issue is the mail itself, whose styles stand in its
elements; every other page has them in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pipeline.web.asgi import Headers, Message, Send

YEAR = 365 * 24 * 3600
PLAIN: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
"""For every answer."""

SECURE: Headers = [(b"strict-transport-security", b"max-age=%d" % YEAR)]
"""For answers over TLS: the next visit will be, too (RFC 6797)."""

APART: Headers = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
"""For pages."""

LETTERS = "/issues/"
"""Below it lie mails as web pages."""


class Shield:
    """What to send along with which file of a site that lives at `base_url`."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        # Who reads the site under another name, while it moves, say, sees its pictures and can
        # still use its forms.
        self._own = f"'self' {parts.scheme}://{parts.netloc}"
        self.secure = parts.scheme == "https"
        self.page = self._policy("'self'")

    def headers(self, path: str, kind: str) -> Headers:
        """For the file at a path, of a content type."""
        if kind.startswith("text/html"):
            letter = path.startswith(LETTERS)
            policy = self._policy("'self' 'unsafe-inline'") if letter else self.page
            return [*PLAIN, *APART, (b"content-security-policy", policy)]
        if kind == "image/svg+xml":
            # A drawing with styles of its own is one; one with scripts is none, opened by itself.
            policy = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
            return [*PLAIN, (b"content-security-policy", policy)]
        if kind.startswith("text/xml"):
            policy = b"default-src 'none'; style-src 'self'; frame-ancestors 'none'"
            return [*PLAIN, (b"content-security-policy", policy)]
        return PLAIN

    def _policy(self, styles: str) -> bytes:
        return (
            f"default-src 'none'; img-src {self._own} data:; style-src {styles}; "
            f"font-src 'self'; media-src {self._own}; form-action {self._own}; "
            "base-uri 'none'; frame-ancestors 'none'"
        ).encode()

    def around(self, send: Send, *, secure: bool, private: bool) -> Send:
        """Adds to the answers of an application what they lack.

        The addresses of `private` pages hold a token: nobody is told where a reader comes from.
        """
        extra = [*PLAIN, *APART, (b"content-security-policy", self.page)]
        if private:
            extra = [(b"referrer-policy", b"no-referrer"), *extra[:1], *extra[2:]]
        if secure and self.secure:
            extra = [*extra, *SECURE]

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                missing = [(name, value) for name, value in extra if name not in names]
                message = {**message, "headers": [*given, *missing]}
            await send(message)

        return shielded
