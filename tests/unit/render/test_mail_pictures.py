"""Pictures in a mail: the file that is dense enough, and the size at which it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.item import Picture
from pipeline.core.media import MediaFile
from pipeline.render.mail_pictures import fitted, mail_picture
from tests.issue_desk import issue_site

if TYPE_CHECKING:
    from pipeline.render.site import Site

PICTURE = Picture(src="media/wide one.jpg", alt="A hall")


def site_with(width: int, height: int, mime: str = "image/jpeg") -> Site:
    site = issue_site(())
    file = MediaFile(path=PICTURE.src, size=9, mime=mime, digest="d", width=width, height=height)
    return replace(site, catalogue=replace(site.catalogue, media={file.path: file}))


@pytest.mark.parametrize(
    ("width", "most", "file", "shown"),
    [
        (2400, 536, "wide%20one.1072w.jpg", (536, 268)),
        (1200, 536, "wide%20one.1072w.jpg", (536, 268)),
        (1100, 536, "wide%20one.jpg", (536, 268)),
        (600, 536, "wide%20one.jpg", (536, 268)),
        (300, 536, "wide%20one.jpg", (300, 150)),
        (2400, 168, "wide%20one.336w.jpg", (168, 84)),
        (340, 168, "wide%20one.jpg", (168, 84)),
        (2400, 258, "wide%20one.480w.jpg", (258, 129)),
        (1000, 536, "wide%20one.jpg", (536, 268)),
    ],
)
def test_the_lightest_file_that_is_dense_enough(
    width: int, most: int, file: str, shown: tuple[int, int]
) -> None:
    found = mail_picture(PICTURE, site_with(width, width // 2), most)
    assert found is not None
    assert found.src == f"https://news.example.org/media/{file}"
    assert (found.width, found.height) == shown
    assert found.alt == "A hall"


def test_a_high_picture_is_fitted_into_a_box() -> None:
    found = mail_picture(PICTURE, site_with(500, 1000), 240, highest=64)
    assert found is not None
    assert (found.width, found.height) == (32, 64)


@pytest.mark.parametrize("mime", ["image/webp", "image/svg+xml", "application/pdf"])
def test_what_many_clients_do_not_show_is_left_out(mime: str) -> None:
    assert mail_picture(PICTURE, site_with(800, 400, mime), 536) is None
    assert mail_picture(None, site_with(800, 400), 536) is None


def test_a_picture_in_a_message_is_no_wider_than_the_text() -> None:
    site = site_with(1200, 600)
    src = "https://news.example.org/media/wide%20one.jpg"
    html = f'<p><img alt="a" src="{src}" width="1200" height="600"></p>'
    assert fitted(html, site) == (
        '<p><img alt="a" src="https://news.example.org/media/wide%20one.1072w.jpg" '
        'width="536" height="268" style="width:100%;max-width:536px"></p>'
    )
    other = '<img alt="" src="https://elsewhere.example/a.png">'
    assert fitted(other, site) == other
