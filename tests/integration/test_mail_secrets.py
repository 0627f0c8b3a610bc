"""Keys in files: those of DKIM, and the one that signs links."""

from __future__ import annotations

import re
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import run
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from pipeline.errors import ConfigError
from pipeline.mail.dkim_keys import read_keys
from pipeline.mail.secret import LEAST, secret_keys
from tests.letter_room import claim, plain, writer
from tests.unit.mail.test_dkim import verified

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

GOOD, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def _pem(
    key: PrivateKeyTypes,
    form: PrivateFormat = PrivateFormat.PKCS8,
    lock: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, form, lock or NoEncryption())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("keys")
    rsa, ed25519 = generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
    files = {
        "rsa.pem": _pem(rsa),
        "old.pem": _pem(rsa, PrivateFormat.TraditionalOpenSSL),
        "ed.pem": _pem(ed25519),
        "short.pem": _pem(generate_private_key(65537, 1024)),
        "curve.pem": _pem(generate_ec(SECP256R1())),
        "locked.pem": _pem(ed25519, lock=BestAvailableEncryption(b"secret")),
        "public.pem": b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "text.pem": b"hello",
    }
    for name, raw in files.items():
        (where / name).write_bytes(raw)
    return where


def test_keys_of_both_kinds_sign(folder: Path) -> None:
    keys = read_keys(f"june2017:rsa.pem  july.news:{folder}/ed.pem\nold:old.pem", folder)
    assert [(key.selector, key.algorithm) for key in keys] == [
        ("june2017", "rsa-sha256"),
        ("july.news", "ed25519-sha256"),
        ("old", "rsa-sha256"),
    ]
    raw = plain(writer(signers=keys).letter(claim()))
    assert verified(raw, *keys) == [True, True, True]
    assert read_keys(" ", folder) == ()


def test_what_stands_in_dns(folder: Path) -> None:
    rsa, ed25519 = read_keys("a:rsa.pem b:ed.pem", folder)
    assert rsa.dns_name("news.example.org") == "a._domainkey.news.example.org"
    assert re.fullmatch(r'"v=DKIM1; k=ed25519; p=[\w+/]{43}="', ed25519.dns_text())
    strings = re.findall('"([^"]*)"', rsa.dns_text())
    assert [len(string) for string in strings] == [255, 155]
    assert strings[0].startswith("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("rsa.pem", 'holds "rsa.pem": expected selector:file'),
        ("a:", 'holds "a:": expected selector:file'),
        (":rsa.pem", "expected selector:file"),
        ("a_b:rsa.pem", "expected selector:file"),
        ("-a:rsa.pem", "expected selector:file"),
        ("a..b:rsa.pem", "expected selector:file"),
        ("a:rsa.pem A:ed.pem", "names the selector A twice"),
        ("a:nowhere.pem", "nowhere.pem: No such file"),
        ("a:.", "Is a directory"),
        ("a:short.pem", "has 1024 bits, and receivers expect 2048 to 4096: make one by 'openssl"),
        ("a:curve.pem", "expected an RSA or an Ed25519 key"),
        ("a:locked.pem", "has a passphrase: write it without one"),
        ("a:public.pem", "is not a private key in PEM"),
        ("a:text.pem", "is not a private key in PEM"),
    ],
)
def test_what_is_wrong_with_keys(folder: Path, text: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(wrong)):
        read_keys(text, folder)


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "state/secret"
    (key,) = secret_keys("", file)
    assert len(key) >= LEAST
    assert secret_keys("", file) == (key,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]
    assert secret_keys("", tmp_path / "other") != (key,)


def test_processes_that_make_it_at_once_have_the_same(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from pipeline.mail.secret import secret_keys;"
        "print(secret_keys('', pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "secret")]
    with ThreadPoolExecutor(4) as pool:
        said = pool.map(lambda _: run(command, capture_output=True, check=True).stdout, range(4))
    assert len(set(said)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_who_comes_second_takes_the_firsts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{GOOD}\n")
    # As if the other process had written it just after this one looked.
    monkeypatch.setattr(type(file), "exists", lambda _: False)
    assert secret_keys("", file) == (GOOD.encode(),)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_given_key_comes_first_and_several_may_be_given(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    assert secret_keys(f" {GOOD}\n{OTHER} ", file) == (GOOD.encode(), OTHER.encode())
    assert not file.exists()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("tooshort1234567", "ENEWS_SECRET_KEY has 15 characters: 32 at least"),
        (f"{GOOD} short", "ENEWS_SECRET_KEY, key 2 of 2, has 5 characters"),
        ("a" * 40, "ENEWS_SECRET_KEY can be guessed"),
    ],
)
def test_what_is_no_secret(tmp_path: Path, given: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong) as caught:
        secret_keys(given, tmp_path / "secret")
    assert not [word for word in given.split() if word in str(caught.value)]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(b"\n", "is empty: put back"), (b"short\n", "has 5 characters"), (b"\xff\xfe", "not text")],
)
def test_a_damaged_file_is_not_replaced(tmp_path: Path, content: bytes, wrong: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=wrong):
        secret_keys("", file)
    assert file.read_bytes() == content


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    with pytest.raises(ConfigError, match=r"the secret key in .*: (Not a directory|File exists)"):
        secret_keys("", tmp_path / "state/secret")
