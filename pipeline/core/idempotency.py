"""The `Idempotency-Key` of a request: who sends it again means the same request.

draft-ietf-httpapi-idempotency-key-header-07: a string of RFC 9651, in quotation marks. Without them
it is taken too, since many clients send it so.
"""

from __future__ import annotations

import hashlib
import re

KEY_MOST = 255
"""Characters of a key."""

_IN_QUOTES = r'(?:[ !#-\[\]-~]|\\["\\])'
_ALONE = r"[!#-+\--:<-~]"
PATTERN = rf'^(?:"{_IN_QUOTES}{{1,{KEY_MOST}}}"|{_ALONE}{{1,{KEY_MOST}}})$'
"""What is taken, for the API's document."""

_QUOTED = re.compile(rf'"({_IN_QUOTES}*)"')
_BARE = re.compile(rf"{_ALONE}+")


def read_key(field: str) -> str:
    """The key that a field holds. Raises ValueError, which says what is wrong with it."""
    text = field.strip()
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    elif _BARE.fullmatch(text):
        key = text
    else:
        raise ValueError("expected one string in quotation marks, of printable ASCII characters")
    if not 1 <= len(key) <= KEY_MOST:
        raise ValueError(f"expected 1 to {KEY_MOST} characters")
    return key


def slot_of(token: int, key: str) -> str:
    """The slot of the run that a key of an access token asks for."""
    return f"key {token} {hashlib.sha256(key.encode()).hexdigest()}"
