"""Takes the README's pictures of the sample newsroom: `python docs/sample/take_pictures.py`.

Needs Chromium and the `browser` extra, and an output that is up to date.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from pipeline.web.preview import Preview

PICTURES = Path(__file__).parents[1] / "pictures"
WIDTH = 760
"""Pixels of a picture as kept: half of a README's column on a dense screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A page at a size, in a colour scheme; `zoom` is the device's pixels for one of the page's."""

    name: str
    path: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    zoom: float = 1


SHOTS = (
    Shot(name="home", path="", width=1280, height=960),
    Shot(
        name="article-phone-dark",
        path="items/2017/halib-bila-hudud/",
        width=400,
        height=300,
        scheme="dark",
        zoom=2,
    ),
    Shot(name="issue", path="issues/enewsupdate/2017-05/", width=900, height=675),
    Shot(name="feed", path="feed.xml", width=900, height=675),
)


def take(browser: Browser, address: str, shot: Shot) -> None:
    """Take one picture and keep it small: 128 colours are enough for flat drawings and text."""
    context = browser.new_context(
        color_scheme=shot.scheme,
        device_scale_factor=shot.zoom,
        viewport={"width": shot.width, "height": shot.height},
    )
    page = context.new_page()
    page.goto(address + shot.path)
    with Image.open(BytesIO(page.screenshot())) as picture:
        height = round(picture.height * WIDTH / picture.width)
        small = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(PICTURES / f"{shot.name}.png", optimize=True)
    context.close()


def main() -> None:
    """Take them all."""
    PICTURES.mkdir(exist_ok=True)
    server = Preview(
        Path("output").absolute(),
        host="127.0.0.1",
        port=0,
        base_url="https://news.example.org",
        log=print,
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in SHOTS:
            take(browser, server.address, shot)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
