"""Whatever a server says, and whenever it hangs up: each letter has one end, and only one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.reply import Stage
from pipeline.mail.envelope import Offers
from pipeline.mail.smtp_replies import BROKEN, ReplyReader
from tests.smtp_scene import READY, Scene

WORDS = (b"250 ok", b"250-more", b"354 go", b"421 bye", b"451 later", b"550 no", b"221 x", b"what?")
LINES = st.sampled_from(
    [*(word + b"\r\n" for word in WORDS), b"25", b"0 ok\r\n", READY, b"250 taken\r\n" + READY]
)
STEPS = st.lists(LINES | st.sampled_from(["commit", "room", "left", "interrupt"]), max_size=40)


@given(STEPS, st.booleans())
def test_each_letter_has_one_end(steps: list[bytes | str], pipelining: bool) -> None:
    scene = Scene(3, Offers(pipelining=pipelining))
    begun = _played(scene, steps)
    scene.lose()
    left = {n for n in (1, 2, 3) if scene.letters[n - 1].data in scene.wire.written}
    taken = [one.claim.id for one in scene.letters if one not in scene.desk.given]
    assert sorted(number for number, _ in scene.desk.ends) == taken
    assert left <= begun
    for number, stage in scene.desk.ends:
        if stage in {None, Stage.SENDER, Stage.RECIPIENT}:
            assert number not in left
        elif stage is Stage.CONTENT:
            assert number in left


def _played(scene: Scene, steps: list[bytes | str]) -> set[int]:
    """Play the steps; the letters that were allowed to go."""
    begun: set[int] = set()
    for step in steps:
        if scene.wire.closed:
            break
        opened = scene.talk.opened
        if isinstance(step, bytes):
            scene.hear(step)
            if (opened := scene.talk.opened) and scene.begins():
                begun.add(opened.claim.id)
        elif step == "commit" and opened is not None and opened.claim.id in begun:
            scene.talk.send()
        elif step == "room":
            scene.wire.room = 10
        elif step == "left":
            scene.wire.all_left()
        elif step == "interrupt":
            scene.talk.abandon()
    return begun


@given(st.lists(LINES, max_size=20), st.data())
def test_replies_are_the_same_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert _read(pieces) == _read([whole])


def _read(pieces: list[bytes]) -> list[tuple[int, list[bytes]]]:
    reader = ReplyReader()
    found: list[tuple[int, list[bytes]]] = []
    for piece in pieces:
        found += reader.feed(piece)
        if found and found[-1][0] == BROKEN:
            break
    return found
