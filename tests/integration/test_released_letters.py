"""The released messages of the sample newsroom, as letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.content.newsroom import read_newsroom
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.links import Purpose, sign
from pipeline.mail.letters import letter_writer
from pipeline.mail.message import parts
from tests.letter_room import AT, KEY, claim, ed25519_key, plain
from tests.unit.mail.test_dkim import verified

CONTENT = Path(__file__).parents[2] / "content"
RELEASED = sorted((CONTENT / "issues").rglob("*.eml"))


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_a_released_message_becomes_a_letter(path: Path) -> None:
    raw = path.read_bytes()
    newsroom = read_newsroom((CONTENT / "newsroom.toml").read_bytes())
    write = letter_writer(
        messages={"en": raw},
        issue=path.relative_to(CONTENT / "issues").with_suffix("").as_posix(),
        newsroom=newsroom,
        mailing=3,
        at=AT,
        keys=[KEY],
        signers=[ed25519_key()],
    )
    sent = plain(write.letter(claim(subscriber=9)))
    released, found = parts(raw), parts(sent)
    leave = f"{newsroom.base_url}/u/{sign(KEY, Purpose.UNSUBSCRIBE, 9, 3)}"
    choose = f"{newsroom.base_url}/p/{sign(KEY, Purpose.PREFERENCES, 9, 3)}"

    def mine(text: str) -> str:
        return text.replace(UNSUBSCRIBE, leave).replace(PREFERENCES, choose)

    assert leave in found.text
    assert leave in found.html
    assert choose in found.html
    assert (found.subject, found.text, found.html) == (
        released.subject,
        mine(released.text),
        mine(released.html),
    )
    assert max(map(len, sent.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert verified(sent, ed25519_key()) == [True]
