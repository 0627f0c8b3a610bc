"""`enews issue check`, and what `build` and `release` make of it, in a real newsroom."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.answer import Answer, Outcome
from pipeline.flows.addresses import Addresses
from pipeline.flows.gate import check_issue
from pipeline.flows.issue_report import open_site
from pipeline.render.gate.facts import Standing
from tests.newsrooms import (
    NEWSROOM,
    app_in,
    build,
    compiled,
    enews,
    environment,
    picture,
    put,
    tree,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

    from pipeline.app import App

JUNE = environment(ENEWS_NOW="2017-06-30T12:00+02:00")
SECTIONS = """\
[[newsletters.sections]]
title = "First"
kinds = ["news"]
limit = 1
lead = true
[[newsletters.sections]]
title = "News"
kinds = ["news"]
limit = 5
"""
GOOD = "A summary of this piece, in one sentence that says something."
LONG = "subject: A subject that is far too long for any inbox and goes on until nobody reads it"


@dataclass
class Room:
    """A newsroom with a draft issue, `letter/2017-01`."""

    root: Path

    def enews(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return enews(self.root, *arguments, env=JUNE)

    def check(self, *more: str) -> tuple[int, dict[str, Any]]:
        result = self.enews("issue", "check", "2017-01", "--json", *more)
        return result.returncode, json.loads(result.stdout)

    def rules(self) -> dict[str, dict[str, Any]]:
        """What `check` finds, but for notes."""
        _, found = self.check()
        return {x["rule"]: x for x in found["findings"] if x["severity"] != "note"}

    def edit(self, path: str, find: str, put_: str) -> None:
        file = self.root / "content" / path
        text = file.read_text("utf-8")
        assert text.count(find) == 1, text
        file.write_text(text.replace(find, put_), "utf-8")

    def release(self) -> subprocess.CompletedProcess[str]:
        digest = json.loads(self.enews("issue", "show", "2017-01", "--json").stdout)["digest"]
        return self.enews("issue", "release", "2017-01", "--digest", digest, "--json")


PLAN = "issues/letter/2017-01.md"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("gate")
    put(root, "newsroom.toml", NEWSROOM + SECTIONS)
    put(root, "media/box.png", picture(640, 400))
    image = "image: {src: media/box.png, alt: A box}"
    for number, more in ((1, ""), (2, image), (3, "")):
        head = f"title: Piece number {number}\nkind: news\nsummary: {GOOD}\n{more}"
        put(root, f"items/2017/2017-06-0{number}-n{number}.md", f"---\n{head}\n---\nBody.\n")
    result = enews(root, "issue", "build", "--json", env=JUNE)
    assert result.returncode == 0, result.stderr
    return root


@pytest.fixture
def room(base: Path, tmp_path: Path) -> Room:
    for path, data in tree(base / "content").items():
        put(tmp_path, path, data)
    compiled(tmp_path)
    return Room(tmp_path)


def test_a_draft_in_order_may_go_out(room: Room) -> None:
    code, found = room.check()
    assert (code, found["fit"], found["released"]) == (0, True, False)
    assert {finding["severity"] for finding in found["findings"]} <= {"note"}
    (weights,) = found["weights"]
    assert weights["html"] > weights["text"] > 0
    assert weights["message"] > weights["html"]
    assert weights["pictures"] > 0
    said = room.enews("issue", "check", "2017-01").stdout
    assert f"HTML {weights['html']:,}" in said
    assert "letter/2017-01 may go out" in said
    assert room.release().returncode == 0


def test_a_warning_refuses_until_it_is_waived_with_a_reason(room: Room) -> None:
    room.edit(PLAN, 'subject: ""', LONG)
    code, found = room.check()
    assert (code, found["fit"]) == (3, False)
    (finding,) = [x for x in found["findings"] if x["severity"] == "warning"]
    assert finding["rule"] == "subject-long"
    lines = (room.root / "content" / PLAN).read_text("utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if text.startswith("subject:")]
    assert finding["where"] == f"{PLAN}:{line}"
    refused = room.release()
    assert refused.returncode == 3
    (problem,) = json.loads(refused.stdout)["problems"]
    assert (problem["field"], problem["path"]) == ("subject-long", f"{PLAN}:{line}")
    assert not (room.root / "content/issues/letter/2017-01.lock.json").exists()
    room.edit(PLAN, "lead:", "waive: {subject-long: It is a name.}\nlead:")
    code, found = room.check()
    assert (code, found["fit"]) == (0, True)
    assert "waived: It is a name." in room.enews("issue", "check", "2017-01").stdout
    assert room.release().returncode == 0
    code, found = room.check()
    assert (code, found["released"]) == (0, True)
    assert [x["waived"] for x in found["findings"] if x["rule"] == "subject-long"] == [
        "It is a name."
    ]


def test_an_error_cannot_be_waived(room: Room) -> None:
    put(room.root, "items/2017/2017-06-09-n9.md", "---\ntitle: N9\nkind: news\ndraft: true\n---\n")
    room.edit(PLAN, "lead:", "waive: {item-hidden: We like it.}\nlead:")
    room.edit(PLAN, "    items:\n", "    items:\n      - 2017-06-09-n9\n")
    found = room.rules()
    assert set(found) == {"item-hidden", "waiver-not-allowed"}
    assert found["item-hidden"]["found"] == "2017-06-09-n9: a draft"
    assert found["waiver-not-allowed"]["where"].startswith(f"{PLAN}:")
    assert room.release().returncode != 0


def test_a_finding_names_the_item_and_its_line(room: Room) -> None:
    room.edit("items/2017/2017-06-01-n1.md", GOOD, "Lorem ipsum for now.")
    (finding,) = room.rules().values()
    assert finding["rule"] == "placeholder"
    assert finding["where"].startswith("items/2017/2017-06-01-n1.md")


def test_a_link_of_the_message_is_held_against_the_site(room: Room) -> None:
    path = room.root / "content" / PLAN
    base = "https://news.example.org"
    message = (
        f"See [the first]({base}/items/2017/n1/), [none]({base}/items/2017/none/), "
        f"[here]({base}/news/), [the feed]({base}/feed.xml), [a box]({base}/media/box.png), "
        f"[a place]({base}/items/2017/n1/#none), [this issue]({base}/issues/letter/2017-01/) "
        "and [that](http://elsewhere.example/).\n"
    )
    path.write_text(path.read_text("utf-8") + message, "utf-8")
    found = room.rules()
    assert set(found) == {"link-nowhere", "link-fragment", "link-insecure"}
    assert found["link-nowhere"]["where"] == f"{PLAN}:{len(path.read_text().splitlines())}"


def test_a_link_from_the_root_is_found_in_the_message(room: Room) -> None:
    path = room.root / "content" / PLAN
    path.write_text(path.read_text("utf-8") + "A first line.\n\nSee [here](/nope/).\n", "utf-8")
    finding = room.rules()["link-nowhere"]
    assert finding["where"] == f"{PLAN}:{len(path.read_text().splitlines())}"


def test_addresses_in_any_letters_and_tokens_anywhere_may_go_out(room: Room) -> None:
    path = room.root / "content" / PLAN
    message = "[One](https://e.example.net/é) and [two](<https://e.example.net/a b?q=[ü]>).\n"
    heading = "## [The first once more](https://news.example.org/items/2017/n1/)\n\nAgain.\n"
    path.write_text(f"{path.read_text('utf-8')}{message}\n{heading}", "utf-8")
    default = (Path(__file__).parents[2] / "templates/email/issue.txt").read_text("utf-8")
    token = "{{ issue.unsubscribe }}"
    assert default.count(token) == 1
    put_far = default.replace(token, f"{'To leave us, go here ' * 3}{token}")
    own = room.root / "templates/email/issue.txt"
    own.parent.mkdir(parents=True)
    own.write_text(put_far, "utf-8")
    assert room.rules() == {}


def test_build_tells_and_refuses_nothing(room: Room) -> None:
    room.edit(PLAN, 'subject: ""', LONG)
    result = room.enews("issue", "build", "--json")
    assert result.returncode == 0
    told = json.loads(result.stdout)["findings"]
    assert "subject-long" in {finding["rule"] for finding in told}
    assert "cannot be released yet: 1 finding" in room.enews("issue", "build").stdout


def test_clients_are_the_newsletters(room: Room) -> None:
    room.edit("newsroom.toml", 'key = "letter"', 'key = "letter"\nclients = ["hotmail"]')
    result = room.enews("issue", "check", "2017-01")
    assert result.returncode == 2
    assert "clients" in result.stderr
    room.edit("newsroom.toml", '"hotmail"', '"apple-mail"')
    put(room.root, "../templates/email/style.css", "h1 { border-radius: 7px; }")
    assert "css-degrades" not in {x["rule"] for x in room.check()[1]["findings"]}
    room.edit("newsroom.toml", '"apple-mail"', '"outlook"')
    assert "css-degrades" in {x["rule"] for x in room.check()[1]["findings"]}


def test_a_template_of_ones_own_is_named_with_its_line(room: Room) -> None:
    default = Path(__file__).parents[2] / "templates/email/style.css"
    style = room.root / "templates/email/style.css"
    style.parent.mkdir(parents=True)
    text = default.read_text("utf-8") + "\nh1 { position: sticky; }\n"
    style.write_text(text, "utf-8")
    found = room.rules()
    assert found["css-unsupported"]["where"] == (
        f"templates/email/style.css:{len(text.splitlines())}"
    )


def test_what_degrades_is_told_of_a_newsrooms_own_styles_only(room: Room) -> None:
    assert [x["rule"] for x in room.check()[1]["findings"]] == ["domain-reserved"]
    default = Path(__file__).parents[2] / "templates/email/style.css"
    text = default.read_text("utf-8") + "\nh1 { border-radius: 7px; }\n"
    put(room.root, "../templates/email/style.css", text)
    told = {x["rule"]: x["found"] for x in room.check()[1]["findings"]}
    assert "border-radius" in told["css-degrades"]
    assert "white-space" not in told["css-degrades"]


def test_names_for_examples_are_a_note_until_the_release(room: Room) -> None:
    (finding,) = [x for x in room.check()[1]["findings"] if x["rule"] == "domain-reserved"]
    assert (finding["severity"], finding["where"]) == ("note", "newsroom.toml")
    assert finding["found"].startswith("base_url at news.example.org, sender at ")
    assert room.release().returncode == 0
    assert room.check()[1]["findings"] == []


def test_an_unknown_issue_is_a_wrong_call(room: Room) -> None:
    result = room.enews("issue", "check", "2017-99", "--json")
    assert result.returncode == 2
    assert "2017-01" in json.loads(result.stdout)["error"]


def _addresses(app: App) -> tuple[Any, Addresses]:
    with app.workshop("a test") as workshop:
        site = open_site(workshop, now=app.now())
        found = Addresses(workshop, site, now=app.now())
        for path in ("", "news"):
            found.standing(path)  # plans the pages while the workshop is open
    return site, found


def test_every_file_of_a_build_is_there_and_nothing_else(room: Room) -> None:
    app = app_in(room.root, ENEWS_NOW=JUNE["ENEWS_NOW"])
    build(app)
    _, addresses = _addresses(app)
    for path in tree(room.root / "output"):
        assert addresses.standing(path) is Standing.THERE, path
        folder = path.removesuffix("index.html")
        assert addresses.standing(folder) is Standing.THERE, path
    assert addresses.standing("items/2017/none/") is Standing.NOWHERE
    assert addresses.standing("items/2017/") is Standing.NOWHERE


@pytest.mark.parametrize(
    ("head", "standing"),
    [
        ("draft: true", Standing.DRAFT),
        ("date: 2017-07-20", Standing.WAITING),
        ("expires: 2017-06-10", Standing.EXPIRED),
        ("", Standing.THERE),
    ],
)
def test_an_item_stands_as_it_does_for_readers(room: Room, head: str, standing: Standing) -> None:
    put(
        room.root, "items/2017/other.md", f"---\ntitle: Other\nkind: news\nid: other\n{head}\n---\n"
    )
    if "date" not in head:
        room.edit("items/2017/other.md", "kind: news", "kind: news\ndate: 2017-06-05")
    site, addresses = _addresses(app_in(room.root, ENEWS_NOW=JUNE["ENEWS_NOW"]))
    assert addresses.standing(site.catalogue.by_id["other"].path) is standing


class Elsewhere:
    """The port `Outside`: everything is gone."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, urls: Sequence[str]) -> Mapping[str, Answer]:
        self.asked += urls
        return dict.fromkeys(urls, Answer(outcome=Outcome.DEAD, said="status 404"))


def test_links_to_elsewhere_are_asked_once_and_told(room: Room) -> None:
    path = room.root / "content" / PLAN
    message = (
        "[A](https://a.example/x#y), [again](https://a.example/x) and [mail](mailto:a@b.example)"
    )
    path.write_text(f"{path.read_text('utf-8')}{message}\n", "utf-8")
    app, outside = app_in(room.root, ENEWS_NOW=JUNE["ENEWS_NOW"]), Elsewhere()
    with app.workshop("a test") as workshop:
        report = check_issue(workshop, "2017-01", now=app.now(), outside=outside)
    assert outside.asked == ["https://a.example/x"]
    (finding,) = report.refuses
    assert (finding.rule, finding.found) == ("outside-dead", "https://a.example/x: status 404")
    assert finding.where.startswith(f"{PLAN}:")


def test_the_option_asks_a_real_asker_and_private_names_are_not_asked(room: Room) -> None:
    path = room.root / "content" / PLAN
    text = path.read_text("utf-8")
    path.write_text(text + "[A](http://127.0.0.1.nip.example.invalid/)\n", "utf-8")
    code, found = room.check("--links")
    assert code == 3
    assert {"outside-dead", "link-private"} & {x["rule"] for x in found["findings"]}
    assert found["asked"] == 1
    said = room.enews("issue", "check", "2017-01", "--links").stdout
    assert "Links to other sites: 1 asked, now or lately\n" in said
    assert room.check()[1]["asked"] is None
    assert "Links to other sites" not in room.enews("issue", "check", "2017-01").stdout


def test_versions_are_judged_each_and_what_all_share_is_told_once(room: Room) -> None:
    languages = 'key = "letter"\nlanguages = ["en", "ar"]'
    room.edit("newsroom.toml", 'key = "letter"', languages)
    versions = 'versions:\n  ar:\n    title: الرسالة\n    subject: "خبر! جديد!"\nlead:'
    room.edit(PLAN, "lead:", versions)
    room.edit("items/2017/2017-06-01-n1.md", GOOD, "Lorem ipsum for now.")
    _, found = room.check()
    told = {x["rule"]: x["lang"] for x in found["findings"]}
    assert told["exclamation-marks"] == "ar"
    assert told["placeholder"] == ""
    (finding,) = [x for x in found["findings"] if x["rule"] == "exclamation-marks"]
    assert finding["where"].startswith(f"{PLAN}:")
    assert [weights["lang"] for weights in found["weights"]] == ["en", "ar"]


def test_a_long_issue_says_what_it_leaves_to_the_web(room: Room) -> None:
    ids = [f"2017-06-01-long-{number}" for number in range(150)]
    for name in ids:
        head = f"title: A piece with a rather long title, {name}\nkind: news\nsummary: {GOOD * 5}"
        put(room.root, f"items/2017/{name}.md", f"---\n{head}\n---\nBody.\n")
    more = "".join(f"      - {name}\n" for name in ids)
    room.edit(PLAN, "    items:\n", f"    items:\n{more}")
    _, found = room.check()
    rules = {x["rule"] for x in found["findings"]}
    assert rules & {"mail-shortened", "mail-cut"}
    assert not rules & {"size-over-budget", "size-near-budget", "text-differs"}
    assert found["weights"][0]["html"] < 102_400
