"""How high a mail is guessed to be, for frames that cannot ask it."""

from __future__ import annotations

import pytest

from pipeline.render.mail_height import LEAST, MOST, mail_height

HEAD = "<head><title>T</title><style>p { color: red }</style></head>"


def mail(text: str) -> str:
    return f"<html>{HEAD}<body>{text}</body></html>"


def paragraphs(count: int, more: str = "") -> str:
    return mail(f"<p>{'word ' * 60}</p>" * count + more)


def test_what_is_longer_is_higher_and_on_a_phone_higher_still() -> None:
    for width in (600, 375):
        heights = [mail_height(paragraphs(count), width) for count in (8, 16, 32)]
        assert heights == sorted(set(heights))
    assert mail_height(paragraphs(16), 375) > mail_height(paragraphs(16), 600)


def test_rows_and_pictures_take_room() -> None:
    plain = mail_height(paragraphs(8), 600)
    assert mail_height(paragraphs(8, "<tr><td>x</td></tr>" * 20), 600) > plain + 200
    small = '<img alt="" width="64" height="64">'
    large = '<img alt="" width="536" height="302">'
    assert 40 <= mail_height(paragraphs(8, small), 600) - plain <= 100
    assert 300 <= mail_height(paragraphs(8, large), 600) - plain <= 360
    on_phone = mail_height(paragraphs(8), 375)
    assert 160 <= mail_height(paragraphs(8, large), 375) - on_phone <= 220


def test_a_picture_of_no_known_size_takes_none() -> None:
    plain = mail_height(paragraphs(8), 600)
    for size in ("", ' width="0" height="9"', ' width="100%"', ' width="99999999" height="1"'):
        assert mail_height(paragraphs(8, f"<img alt=''{size}>"), 600) == plain


@pytest.mark.parametrize("unseen", ["\u034f\u200c\u00a0" * 500, "<!--" + "x " * 900 + "-->"])
def test_what_nobody_sees_does_not_count(unseen: str) -> None:
    plain = paragraphs(12)
    assert mail_height(plain.replace("<p>", f"{unseen}<p>", 1), 600) <= mail_height(plain, 600) + 20


def test_it_stays_within_bounds() -> None:
    assert mail_height("", 600) == LEAST
    assert mail_height(mail("x" * 300_000), 375) == MOST
    assert mail_height(paragraphs(13), 600) % 20 == 0
