"""A form's body: data, within bounds."""

from __future__ import annotations

import time

import pytest

from pipeline.web.pages.form import (
    BODY_MOST,
    FIELDS_MOST,
    Form,
    Unread,
    is_legible,
    is_one_click,
    put_back,
    read_form,
)

FORM = "application/x-www-form-urlencoded"


def test_a_form_is_read_by_field() -> None:
    found = read_form(b"address=+ada%40example.org+&topic=care&topic=youth&empty=", FORM)
    assert isinstance(found, Form)
    assert found.one("address") == "ada@example.org"
    assert found.several("topic") == {"care", "youth"}
    assert found.one("empty") == found.one("nosuch") == ""
    assert "empty" in found.values


def test_no_body_is_an_empty_form_of_any_type() -> None:
    assert read_form(b"", "") == Form({})


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"a=" + b"x" * BODY_MOST, FORM, Unread.LARGE),
        (b"&".join([b"a=1"] * (FIELDS_MOST + 1)), FORM, Unread.LARGE),
        (b"{}", "application/json", Unread.OTHER),
        (b"a=1", "", Unread.OTHER),
        (b"--x\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x", Unread.OTHER),
    ],
)
def test_what_is_no_form_of_ours_is_none(body: bytes, kind: str, why: Unread) -> None:
    assert read_form(body, kind) is why


def test_the_type_may_name_a_charset() -> None:
    found = read_form("name=Zoë".encode(), f"{FORM.upper()} ; charset=UTF-8")
    assert isinstance(found, Form)
    assert found.one("name") == "Zoë"


@pytest.mark.parametrize("body", [b"name=%FF%FE", b"name=\xff", b"name=%ED%A0%80"])
def test_bytes_that_are_no_text_show(body: bytes) -> None:
    found = read_form(body, FORM)
    assert isinstance(found, Form)
    assert not is_legible(found.one("name"))


@pytest.mark.parametrize("value", ["a\nb", "a\r\nBcc: x", "a\x00b", "a\u2028b", "a\u202eb", "\x7f"])
def test_what_nobody_types_on_a_line_is_not_legible(value: str) -> None:
    assert not is_legible(value)


def test_a_value_is_put_back_on_one_line_and_not_without_end() -> None:
    assert put_back("a\x00\r\n  b\x1b") == "a b"
    assert len(put_back("x" * 60_000)) == 500


def test_a_mail_program_leaves_in_either_type() -> None:
    plain = read_form(b"List-Unsubscribe=One-Click", FORM)
    parts = read_form(
        b"--b1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n"
        b"One-Click\r\n--b1--\r\n",
        'multipart/form-data; boundary="b1"',
    )  # fmt: skip
    assert isinstance(plain, Form)
    assert isinstance(parts, Form)
    assert is_one_click(plain)
    assert is_one_click(parts)
    assert not is_one_click(Form({"List-Unsubscribe": ("Two-Click",)}))


@pytest.mark.parametrize(
    ("parts", "leaves"),
    [
        (b"name=list-unsubscribe\r\nContent-Type: text/plain\r\n\r\none-click\r\n", True),
        (b"name=x\r\n\r\n1\r\n--b\r\nname=List-Unsubscribe\r\n\r\nOne-Click\r\n--b--", True),
        (b"name=List-Unsubscribe\r\n\r\nTwo-Click\r\n", False),
        (b"name=List-Unsubscribe\r\n\r\n\r\nOne-Click\r\n", False),
        (b"name=List-Unsubscribe\r\nOne-Click\r\n", False),
        (b"name=Other\r\n\r\nOne-Click\r\n", False),
        (b"", False),
    ],
)
def test_a_part_leaves_by_its_name_and_its_value(parts: bytes, leaves: bool) -> None:
    found = read_form(b"--b\r\n" + parts, "multipart/form-data; boundary=b")
    assert isinstance(found, Form) is leaves


@pytest.mark.parametrize(
    "unit",
    [
        b"name=List-Unsubscribe\r\n",
        b"name=List-Unsubscribe\r\n\r\n",
        b"name=List-Unsubscribe\r\na: b\r\n\r\nOne-Clic\r\n",
        b"\r\n",
        b"a",
    ],
)
def test_parts_without_end_cost_no_more_than_their_length(unit: bytes) -> None:
    def cost(size: int) -> float:
        body, seconds = unit * (size // len(unit)), []
        for _ in range(9):
            began = time.thread_time()
            read_form(body, "multipart/form-data; boundary=b")
            seconds.append(time.thread_time() - began)
        return min(seconds)

    # Four times as much: sixteen times the work where it grows with the square.
    assert cost(BODY_MOST) < 9 * cost(BODY_MOST // 4) + 0.001
