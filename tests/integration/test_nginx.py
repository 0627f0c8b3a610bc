"""`deploy/nginx.conf`: what it keeps out of logs and from strangers, also below a path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONF = (Path(__file__).parents[2] / "deploy/nginx.conf").read_text("utf-8")
LOCATIONS: list[tuple[str, str]] = re.findall(
    r"^    location (?:~ )?(\S+) \{\n(.*?)^    \}", CONF, re.DOTALL | re.MULTILINE
)


def location(path: str) -> str:
    """The block that answers: the first pattern that fits, in their order, before any prefix."""
    return next(block for pattern, block in LOCATIONS if re.search(pattern, path))


@pytest.mark.parametrize("prefix", ["", "/news", "/a/b"])
@pytest.mark.parametrize("page", ["u", "p", "c"])
def test_a_token_is_in_no_log(prefix: str, page: str) -> None:
    block = location(f"{prefix}/{page}/token")
    assert "access_log off;" in block
    # Else a page that did not come in time is named with its address.
    assert re.search(r"error_log \S+ emerg;", block)
    assert "include /etc/nginx/snippets/enews-proxy.conf;" in block


def test_nothing_is_logged_on_the_way_to_tls() -> None:
    plain = CONF.partition("listen 443")[0]
    assert "access_log off;" in plain


@pytest.mark.parametrize("prefix", ["", "/news", "/a/b"])
def test_figures_are_not_passed_on(prefix: str) -> None:
    assert location(f"{prefix}/metrics").strip() == "return 404;"


@pytest.mark.parametrize("path", ["/", "/news/", "/up/x", "/news/metrics.html", "/subscribe"])
def test_all_else_is_passed_on_and_logged(path: str) -> None:
    block = location(path)
    assert "enews-proxy.conf" in block
    assert "log" not in block
