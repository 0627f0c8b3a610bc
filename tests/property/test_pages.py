"""GET and HEAD change nothing, whoever sends them to which page, and never fail."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.web.pages.routes import PAGES
from tests.front_door import FORM, Visitor, write_room

DOES = ["confirm", "leave", "all", "back", "save", "pause 1", "resume", "move", "download",
        "erase", "erase for good"]  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(["do", "lang", "form", "address", "newsletter", "List-Unsubscribe", "name"]),
    st.one_of(st.sampled_from([*DOES, "One-Click", "fr", "ar", "letter"]), st.text(max_size=20)),
)
TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=40)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """Somebody who confirmed, somebody who did not, somebody who left."""
    visitor = Visitor(write_room(tmp_path_factory.mktemp("door")))
    visitor.reader("ada")
    left = visitor.reader("left")
    visitor.post(visitor.leaving(left), do="all")
    visitor.filled("/subscribe", address="new@example.org", newsletter="letter")
    return visitor


def paths(door: Visitor, random: str) -> list[str]:
    ada, left = door.find("ada@example.org"), door.find("left@example.org")
    assert ada is not None
    assert left is not None
    own = [door.wishes(ada), door.leaving(ada), door.leaving(left), door.wishes(None)]
    wild = [path.replace("{token:path}", quote(random, safe="/")) for path in PAGES]
    return [*own, door.confirming("new@example.org"), *wild]


@dataclass(frozen=True, kw_only=True)
class Look:
    """A request that only looks, with what would be a form, were it a POST."""

    place: int
    method: str
    query: dict[str, str]
    body: dict[str, str]
    token: str
    accepts: str


LOOKS = st.builds(
    Look,
    place=st.integers(0, 9),
    method=st.sampled_from(["GET", "HEAD"]),
    query=FIELDS,
    body=FIELDS,
    token=TEXTS,
    accepts=TEXTS,
)


@given(look=LOOKS)
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_looking_changes_nothing(door: Visitor, look: Look) -> None:
    every = paths(door, look.token)
    path = every[look.place % len(every)]
    before, woken = door.state(), door.woken
    target = f"{path}?{urlencode(look.query, errors='replace')}"
    body = urlencode(look.body, errors="replace").encode()
    found = door.ask(look.method, target, {**FORM, "accept-language": look.accepts}, body)
    assert found.status_code in (200, 404, 410)
    assert (door.state(), door.woken) == (before, woken)
    if look.method == "HEAD":
        assert not found.content
    assert int(found.headers["content-length"]) > 1000


@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_its_body(door: Visitor, path: str) -> None:
    ada = door.find("ada@example.org")
    token = door.wishes(ada).removeprefix("/p/")
    got, head = (
        door.ask(method, path.replace("{token:path}", token), {}) for method in ("GET", "HEAD")
    )
    assert (head.status_code, dict(head.headers)) == (got.status_code, dict(got.headers))
    assert head.content == b""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_there_is_no_other_method(door: Visitor, path: str, method: str) -> None:
    before = door.state()
    assert door.ask(method, path.replace("{token:path}", "x"), {}).status_code == 405
    assert door.state() == before
