"""The mail's templates in a newsroom's hands: one file at a time, one block, one layout."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.app import template_folders
from pipeline.errors import RenderError
from pipeline.render.email import mail_of
from pipeline.render.templates import Templates
from tests.issue_desk import LETTER
from tests.letter_desk import long_issue

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/templates.md").read_text("utf-8")


def html_with(folder: Path, files: dict[str, str], layout: str = "") -> str:
    """A mail with templates of one's own."""
    for name, text in files.items():
        file = folder / "email" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    plan, site = long_issue(2)
    sections = tuple(replace(section, layout=layout) for section in plan.sections)
    site = replace(site, templates=Templates(template_folders(folder)))
    return mail_of(replace(plan, sections=sections), LETTER, site).html


def default(name: str) -> str:
    return (ROOT / "templates/email" / name).read_text("utf-8")


def example(beginning: str) -> str:
    """A template that the documentation shows."""
    blocks = re.findall(r"```html\n(.*?)```", DOCS, re.DOTALL)
    (found,) = (block for block in blocks if block.startswith(beginning))
    return str(found)


def test_colours_of_ones_own(tmp_path: Path) -> None:
    look = default("look.css").replace("--ink: #14201d", "--ink: #221133")
    html = html_with(tmp_path, {"look.css": look})
    assert "color:#221133" in html
    assert "#14201d" not in html


def test_one_part_of_ones_own(tmp_path: Path) -> None:
    html = html_with(tmp_path, {"blocks/footer.html": "<tr><td>{{ issue.unsubscribe }}</td></tr>"})
    assert "1200 Genève" not in html
    assert "lead: what the members" in html


def test_the_block_of_the_documentation(tmp_path: Path) -> None:
    html = html_with(tmp_path, {"issue.html": example('{% extends "email/letter.html"')})
    before, _, after = html.partition("Printed nowhere.")
    assert "Themes in this issue" in before
    assert "1200 Genève" in after


def test_the_layout_of_the_documentation(tmp_path: Path) -> None:
    layout = example("{% for row in group.rows %}")
    html = html_with(tmp_path, {"layouts/quotes.html": layout}, layout="quotes")
    assert html.count("“The members met") == 2
    bare = html_with(tmp_path, {"layouts/quotes.html": ""}, layout="quotes")
    assert html.count("The members met") == bare.count("The members met") + 2
    assert 'class="side"' not in html


@pytest.mark.parametrize(
    ("name", "text", "place", "said"),
    [
        ("blocks/footer.html", "<p>\n{{ issue.nosuch }}", "blocks/footer.html:2", "nosuch"),
        ("issue.html", '{% extends "email/none.html" %}', "issue.html:1", "none.html"),
        ("look.css", ":root { --ink: #111111; }", "look.css:0", "--accent"),
        ("style.css", "p {\n  colr: red;\n}", "style.css:2", "no property 'colr'"),
        ("head.css", "\n.a { color: var(--nosuch); }", "head.css:2", "no --nosuch"),
    ],
)
def test_a_mistake_names_template_and_line(
    tmp_path: Path, name: str, text: str, place: str, said: str
) -> None:
    with pytest.raises(RenderError, match=re.escape(said)) as caught:
        html_with(tmp_path, {name: text})
    assert f"{caught.value.template}:{caught.value.line}" == f"email/{place}"
