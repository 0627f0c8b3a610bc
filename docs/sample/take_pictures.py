"""Pictures of everything readers see: `make screenshots`.

Builds the sample newsroom and a small one in Arabic apart, both open for sign-ups, and photographs
their pages, the ones for subscribers and the mails in headless Chromium, on a desktop and on a
phone, light and dark. With `--keep` the README's pictures are taken anew as well, small.

    python docs/sample/take_pictures.py [--keep] [FOLDER]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from front_door import front_door
from PIL import Image
from playwright.sync_api import sync_playwright
from shots import KEPT, Scene, door_shots, mail_shots, preview_shots, site_shots

from pipeline.app import App
from pipeline.config import Folders, settings
from pipeline.content.reader import ContentFolder
from pipeline.flows.build import build
from pipeline.flows.preview import preview
from pipeline.render.appearance import seen, sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, Route

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs/pictures"
WIDTH = 760
"""Pixels of a picture as kept: half of a README's column on a dense screen."""

OPEN = "\n[subscribing]\nopen = true\n"

HOST = "https://pictures.example"
EVERY_PICTURE = """() => Promise.all([...document.images].map(image => {
    image.loading = 'eager';
    return image.decode().catch(() => null);
}))"""
"""Also those below the window's edge, which a page loads late."""


def newsroom(name: str, work: Path) -> App:
    """A newsroom, built, with the preview of an issue in its folder's `preview.html`."""
    room = work / name
    source = ROOT / "content" if name == "sample" else ROOT / "docs/sample" / name
    shutil.copytree(source, room / "content")
    shutil.copytree(ROOT / "content/media", room / "content/media", dirs_exist_ok=True)
    with (room / "content/newsroom.toml").open("a", encoding="utf-8") as toml:
        toml.write(OPEN)
    folders = Folders(
        root=room,
        content=room / "content",
        templates=room / "templates",
        output=room / "output",
        state=room / ".pipeline",
    )
    app = App(settings(folders, os.environ))
    with app.workshop("make screenshots") as workshop:
        build(workshop, now=app.now())
        page = preview(workshop, issues(room)[-1], now=app.now()).page
    (room / "preview.html").write_text(page, "utf-8")
    return app


def issues(room: Path) -> list[str]:
    """The ids of the newest numbered issue and of the special ones."""
    folder = room / "content/issues"
    newest = max(folder.glob("*/[0-9]*-[0-9][0-9].md"), key=lambda path: path.stem)
    special = sorted(folder.glob("*/[0-9]*-[a-z]*.md"))
    return [f"{plan.parent.name}/{plan.stem}" for plan in (newest, *special)]


def scenes(room: Path, pages: Mapping[str, str]) -> Iterator[Scene]:
    """Everything to photograph in a newsroom; `pages` are those of its front door."""
    output = room / "output"
    yield from site_shots(room.name, issues(room)[0])
    yield from door_shots(room.name, pages)
    yield from preview_shots(room.name)
    for issue in issues(room):
        folder = output / "issues" / issue
        for path in sorted(folder.rglob("email.html")):
            called = "-".join((folder.name, *path.parent.relative_to(folder).parts))
            yield from mail_shots(room.name, path.relative_to(output).as_posix(), called)


def take(browser: Browser, room: Path, scene: Scene, door: str) -> bytes:
    """One picture, as PNG; what is no file of the newsroom's is asked of `door`."""

    def answer(route: Route) -> None:
        path = route.request.url.partition("//")[2].partition("/")[2].partition("#")[0]
        file = room / ("preview.html" if path == "preview" else f"output/{path}")
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            route.fulfill(response=route.fetch(url=f"{door}/{path}"))
        elif scene.appearance is not None and file.name == "email.html":
            html = file.read_text("utf-8")
            shown = seen(html, scene.appearance, {url: url for url in sources(html)})
            route.fulfill(body=shown, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(path=file)

    context = browser.new_context(
        color_scheme=scene.scheme,
        device_scale_factor=scene.zoom,
        viewport={"width": scene.width, "height": scene.height},
    )
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(f"{HOST}/{scene.path}")
    page.evaluate(EVERY_PICTURE)
    page.wait_for_load_state("networkidle" if scene.path == "preview" else "load")
    picture = page.screenshot(full_page=scene.whole)
    context.close()
    return picture


def keep(picture: bytes, name: str) -> None:
    """Keep a picture small: 128 colours are enough for flat drawings and text."""
    with Image.open(BytesIO(picture)) as image:
        height = round(image.height * WIDTH / image.width)
        small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description="Photograph the sample's pages and mails.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / ".pipeline/screenshots")
    parser.add_argument("--keep", action="store_true", help="the README's pictures as well")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for old in chosen.folder.glob("*.png"):
        old.unlink()
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        parser.exit(1, "Install Chromium (apt-get install chromium), or name it: CHROMIUM=…\n")
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        count = sum(
            photograph(browser, newsroom(name, Path(work)), chosen.folder, keeps=chosen.keep)
            for name in ("sample", "arabic")
        )
        browser.close()
    print(f"{count} pictures in {chosen.folder}")


def photograph(browser: Browser, app: App, folder: Path, *, keeps: bool) -> int:
    """A newsroom's pictures, into a folder, and where it `keeps` the README's too; how many."""
    room, count = app.settings.folders.root, 0
    with front_door(app, ContentFolder(app.settings.folders.content).newsroom()) as (door, pages):
        for scene in scenes(room, pages):
            (folder / f"{scene.name}.png").write_bytes(take(browser, room, scene, door))
            count += 1
        for scene in KEPT if keeps else ():
            if scene.room == room.name:
                path = scene.path.format(issue=f"issues/{issues(room)[-1]}", **pages)
                keep(take(browser, room, scene.at(path), door), scene.name)
    return count


if __name__ == "__main__":
    main()
