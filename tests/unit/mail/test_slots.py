"""Texts with gaps."""

from __future__ import annotations

from pipeline.mail.slots import Slot, Slotted, before_gaps

VALUES = [b"%d." % slot for slot in Slot]


def test_every_gap_gets_its_own_value() -> None:
    marked = b"a" + Slot.TO.mark + b"b" + Slot.BODY_HASH.mark + Slot.TO.mark
    assert Slotted(marked).filled(VALUES) == b"a1.b6.1."


def test_a_text_without_gaps() -> None:
    assert Slotted(b"7\n").filled(VALUES) == b"7\n"
    assert Slotted(b"").filled(VALUES) == b""


def test_one_filling_does_not_change_the_next() -> None:
    text = Slotted(Slot.TO.mark)
    assert text.filled([b"", b"x"]) == b"x"
    assert text.filled([b"", b"y"]) == b"y"


def test_digits_after_a_gap_are_text() -> None:
    assert Slotted(Slot.TO.mark + b"0").filled(VALUES) == b"1.0"


def test_what_comes_before_the_first_gap() -> None:
    marked = b"a" + Slot.TO.mark + b"b" + Slot.TO.mark
    assert before_gaps(marked) == (b"a", marked[1:])
    assert before_gaps(b"abc") == (b"abc", b"")
