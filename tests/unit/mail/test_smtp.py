"""Which loop carries letters."""

from __future__ import annotations

import asyncio
import sys

import pytest

from pipeline.mail.smtp import new_loop


def test_uvloop_is_used_where_it_is_there() -> None:
    uvloop = pytest.importorskip("uvloop")
    loop = new_loop()
    loop.close()
    assert isinstance(loop, uvloop.Loop)


def test_pythons_own_loop_does_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = new_loop()
    loop.close()
    assert isinstance(loop, asyncio.SelectorEventLoop)
