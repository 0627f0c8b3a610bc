"""Our signatures before OpenDKIM, which many receivers run."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.letter_room import claim, ed25519_key, plain, rsa_key, writer
from tests.unit.mail.test_dkim import dns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.mail.dkim_keys import DkimKey

OPENDKIM = shutil.which("opendkim", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
LETTERS = "abc XYZ ,.;:<>()[]\\\"'=?_-éßЖ李ع"

pytestmark = pytest.mark.skipif(OPENDKIM is None, reason="OpenDKIM is not installed")


def _said(folder: Path, key: DkimKey, messages: list[bytes]) -> str:
    """What OpenDKIM says of the messages, with a name server that knows this key alone."""
    ((name, text),) = dns(key).items()
    (folder / "dns").write_text(f"{name.rstrip('.')} {text.decode()}\n")
    (folder / "conf").write_text(f"Mode v\nTestDNSData file:{folder / 'dns'}\n")
    files = [folder / f"{number}.eml" for number in range(len(messages))]
    for file, message in zip(files, messages, strict=True):
        file.write_bytes(message)
    assert OPENDKIM is not None
    command = [OPENDKIM, "-x", str(folder / "conf"), "-t", ",".join(map(str, files))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout + done.stderr


@pytest.mark.parametrize("make", [rsa_key, ed25519_key])
def test_many_letters(make: Callable[[], DkimKey], tmp_path: Path) -> None:
    chance = random.Random(20170629)
    key = make()
    write = writer(signers=[key])
    names = ["".join(chance.choices(LETTERS, k=chance.randrange(90))) for _ in range(40)]
    messages = [
        plain(write.letter(claim(name=name, subscriber=chance.randrange(2**40)))) for name in names
    ]
    said = _said(tmp_path, key, messages)
    good = set(re.findall(r"(\d+)\.eml: verification .* succeeded", said))
    assert good == {str(number) for number in range(len(messages))}, said


def test_it_sees_a_change(tmp_path: Path) -> None:
    raw = plain(writer(signers=[rsa_key()]).letter(claim()))
    said = _said(tmp_path, rsa_key(), [raw.replace(b"/u/w", b"/u/x")])
    assert "succeeded" not in said
    assert "0.eml: verification" in said
