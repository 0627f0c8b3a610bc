"""CSS as the gate reads it."""

from __future__ import annotations

import pytest

from pipeline.render.gate.styles import declarations, rules_of


def _pairs(text: str) -> list[tuple[str, str, bool]]:
    return [(each.name, each.value, each.important) for each in declarations(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("color: RED", [("color", "red", False)]),
        ("color:red!important;", [("color", "red", True)]),
        ("Color : red ! IMPORTANT", [("color", "red", True)]),
        ("a: b; ; c; d:; :e; f: g", [("a", "b", False), ("f", "g", False)]),
        ("a: url(data:x;y); b: c", [("a", "url(data:x;y)", False), ("b", "c", False)]),
        ("font-family: 'a; b', c", [("font-family", "'a; b', c", False)]),
        ("/* a: b; */ c: d", [("c", "d", False)]),
        ("", []),
    ],
)
def test_declarations(text: str, found: list[tuple[str, str, bool]]) -> None:
    assert _pairs(text) == found


def test_rules_know_their_media_and_their_line() -> None:
    css = (
        "/* one\n two */\n@import url(x.css);\np, a { color: red }\n"
        "@media (max-width: 9px) {\n  @supports (display: grid) {\n    b { content: '}' }\n  }\n}\n"
        "@font-face { src: url(f.woff) }\ni { color: blue"
    )
    found = [
        (rule.selector, rule.media, rule.line, len(rule.declarations)) for rule in rules_of(css)
    ]
    assert found == [
        ("@import url(x.css)", (), 3, 0),
        ("p, a", (), 4, 1),
        ("b", ("@media (max-width: 9px)", "@supports (display: grid)"), 7, 1),
        ("@font-face", (), 10, 1),
        ("i", (), 11, 1),
    ]


@pytest.mark.parametrize("css", ["", "}", "{", "a", "a {", "@media x {", "{}", "}}{{", ";;", "@;"])
def test_nonsense_is_survived(css: str) -> None:
    assert all(rule.line >= 1 for rule in rules_of(css))
