"""Whatever editors do, in whatever order: a build after it makes what one from nothing makes."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pipeline.errors import ContentError, EnewsError, RenderError
from tests.edited_newsroom import EDITS, LOCAL, EditedNewsroom
from tests.newsrooms import app_in, build, cold, put, stamps, tree

if TYPE_CHECKING:
    from pipeline.app import App

SETTLED = 0.022
"""Seconds after which a file's time is trusted."""

RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)


class Editors(RuleBasedStateMachine):
    """Each step is an edit, a trouble or both; after each step there is a build."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="enews-editors-"))

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(chance=RANDOM)
    def start(self, chance: random.Random) -> None:
        self.room = EditedNewsroom(self.folder / "room", chance)
        self.before: dict[str, bytes] = {}
        self.stamps: dict[str, tuple[int, int]] = {}
        self.is_built()

    @rule(edit=st.sampled_from(LOCAL), chance=RANDOM)
    def edits_one_thing(self, edit: str, chance: random.Random) -> None:
        self.edits(edit, chance)

    @rule(edit=st.sampled_from((*EDITS, "edit_several")), chance=RANDOM)
    def edits(self, edit: str, chance: random.Random) -> None:
        self.room.chance = chance
        getattr(self.room, edit)()
        self.room.write()

    @rule(edit=st.sampled_from(EDITS), chance=RANDOM)
    def edits_after_a_check(self, edit: str, chance: random.Random) -> None:
        """What `check` reads is remembered, and yet not published."""
        from pipeline.flows.check import check

        self.edits(edit, chance)
        time.sleep(SETTLED)
        app = self.app()
        with app.workshop("a test") as workshop:
            try:
                check(workshop, now=app.now())
            except ContentError as error:
                assert "was published and is gone" in str(error)  # noqa: PT017

    @rule(edit=st.sampled_from(EDITS), chance=RANDOM)
    def edits_with_a_mistake(self, edit: str, chance: random.Random) -> None:
        """The build is refused and nothing is published; then the mistake is mended."""
        self.edits(edit, chance)
        path, text = self.room.chance.choice(MISTAKES)
        put(self.folder / "room", path, text)
        self.refused(ContentError)
        (self.folder / "room" / "content" / path).unlink()

    @rule(edit=st.sampled_from(EDITS), chance=RANDOM)
    def edits_with_a_broken_template(self, edit: str, chance: random.Random) -> None:
        self.edits(edit, chance)
        template = self.folder / "room" / "templates" / "site" / "404.html"
        template.parent.mkdir(parents=True, exist_ok=True)
        template.write_text("{{ no_such_name }}")
        self.refused(RenderError)
        template.unlink()

    @rule(chance=RANDOM)
    def state_or_output_is_damaged(self, chance: random.Random) -> None:
        cache = self.folder / "room" / ".pipeline" / "cache"
        output = self.folder / "room" / "output"
        path = output / chance.choice(sorted(tree(output)))
        match chance.randrange(6):
            case 0:
                shutil.rmtree(cache / "spare", ignore_errors=True)
            case 1:
                (cache / "build.sqlite").unlink()
            case 2:
                shutil.rmtree(cache)
            case 3:
                path.unlink()
            case 4:
                path.write_bytes(path.read_bytes() + b" ")
            case 5:
                path.with_name("stranger").write_text("s")
        self.stamps.pop(path.relative_to(output).as_posix(), None)

    @invariant()
    def is_built(self) -> None:
        time.sleep(SETTLED)
        changes = build(self.app(), withdrawn=self.withdrawn())
        output = self.folder / "room" / "output"
        now, fresh = tree(output), cold(self.app(), self.folder / "apart")
        assert sorted(now) == sorted(fresh)
        assert [path for path in now if now[path] != fresh[path]] == []
        times = stamps(output)
        kept = [path for path in times.keys() & self.stamps if now[path] == self.before[path]]
        assert [path for path in kept if times[path] != self.stamps[path]] == []
        assert len(changes.new) + len(changes.changed) + changes.unchanged == len(now)
        assert set(changes.new) >= now.keys() - self.before.keys()
        assert set(changes.removed) >= self.before.keys() - now.keys()
        self.before, self.stamps = now, times

    def app(self) -> App:
        return app_in(self.folder / "room", ENEWS_NOW=self.room.now)

    def withdrawn(self) -> list[str]:
        """What was deleted and had been public."""
        file = self.folder / "room" / ".pipeline" / "published.json"
        published = json.loads(file.read_bytes()) if file.exists() else {}
        return sorted(self.room.withdrawn & published.keys())

    def refused(self, kind: type[EnewsError]) -> None:
        time.sleep(SETTLED)
        with pytest.raises(kind):
            build(self.app(), withdrawn=self.withdrawn())
        assert stamps(self.folder / "room" / "output").keys() >= self.stamps.keys()
        assert (
            tree(self.folder / "room" / "output").items()
            >= {path: self.before[path] for path in self.stamps}.items()
        )


MISTAKES = (
    ("items/mistake.md", "no front matter"),
    ("items/2017-01-01-mistake.md", "---\ntitle: M\nkind: news\n---\n[x](nowhere.md)\n"),
    ("items/2017-01-01-mistake.md", "---\ntitle: M\nkind: news\nthemes: [none]\n---\n"),
    ("items/2017-01-01-mistake.md", "---\ntitle: M\nkind: news\naliases: [/atom.xml]\n---\n"),
    ("media/mistake.png", "not a picture"),
)

TestEditors = Editors.TestCase
TestEditors.settings = settings(
    # More by hand: ENEWS_EXAMPLES=500 ENEWS_STEPS=40 pytest tests/property/test_incremental.py
    max_examples=int(os.environ.get("ENEWS_EXAMPLES", "4")),
    stateful_step_count=int(os.environ.get("ENEWS_STEPS", "16")),
    deadline=None,
    # A step takes a fifth of a second: making an example small would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
