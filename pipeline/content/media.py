"""Media files: what they are, and smaller copies of pictures, with Pillow."""

from __future__ import annotations

import hashlib
import mimetypes
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from pipeline.content.vector import ActiveError, refuse_active
from pipeline.core.media import MediaFile
from pipeline.errors import ContentError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

PICTURES = {
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
RUNNING = frozenset({"cgi", "htm", "html", "js", "mjs", "php", "svgz", "xht", "xhtml"})
PIXELS_MOST = 60_000_000
TOO_LARGE = f"make it smaller than {PIXELS_MOST // 1_000_000} million pixels"
BYTES_MOST = 50 * 1024 * 1024
QUALITY = 80
ORIENTATION = 0x0112
TURNED = 5
"""From this value on the notes say that the picture lies on its side."""

# The types that Python itself knows: those of the machine would differ from one to the next.
_TYPES = mimetypes.MimeTypes(filenames=())


class MediaFolder:
    """The files below `content/media/`; a `PictureMaker`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def describe(self, path: str) -> MediaFile:
        """What is known of a file.

        Raises ContentError for a picture that nobody could see, and for what would run.
        """
        raw = self._read(path)
        ending = path.rpartition(".")[2].lower()
        if ending in RUNNING:
            raise _wrong(path, f"remove it: readers' browsers would run a .{ending} file")
        if ending == "svg":
            _check_svg(path, raw)
        mime = PICTURES.get(ending) or _TYPES.guess_type(path)[0] or "application/octet-stream"
        width, height = _size(path, raw) if ending in PICTURES else (0, 0)
        return MediaFile(
            path=path,
            size=len(raw),
            mime=mime,
            digest=hashlib.sha256(raw).hexdigest(),
            width=width,
            height=height,
        )

    def original(self, media: MediaFile) -> bytes:
        """The bytes of a media file."""
        return self._read(media.path)

    def variant(self, media: MediaFile, width: int, height: int) -> bytes:
        """The picture at another size, upright, without the camera's notes on place and owner."""
        from PIL import Image, ImageOps

        with Image.open(BytesIO(self._read(media.path))) as opened:
            upright = _in_bytes(ImageOps.exif_transpose(opened))
            mode = "RGB" if media.mime == "image/jpeg" else _kept_mode(upright)
            small = upright.convert(mode).resize((width, height), Image.Resampling.LANCZOS)
        buffer = BytesIO()
        match media.mime:
            case "image/jpeg":
                small.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
            case "image/webp":
                small.save(buffer, "WEBP", quality=QUALITY, method=4)
            case _:
                small.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def _read(self, path: str) -> bytes:
        try:
            file = self._root / path
            if file.stat().st_size > BYTES_MOST:
                raise _wrong(path, "make it smaller: more than 50 MiB")
            return file.read_bytes()
        except OSError as error:
            raise _wrong(path, f"cannot be read: {error.strerror}") from error


def _in_bytes(image: Image.Image) -> Image.Image:
    """Grey of 16 bits as grey of 8: the library's own conversion cuts all but the darkest off."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _kept_mode(image: Image.Image) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"


def _size(path: str, raw: bytes) -> tuple[int, int]:
    """Width and height as shown; reads it to its end, since a cut one shows at its end only."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
                width, height = image.size
                too_large = width * height > PIXELS_MOST
                turned = image.getexif().get(ORIENTATION, 1) >= TURNED
                kind = image.get_format_mimetype()
                if not too_large:
                    image.draft(None, (max(1, width // 8), max(1, height // 8)))
                    image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _wrong(path, TOO_LARGE) from error
    except Exception as error:  # a damaged file makes its decoder raise whatever it likes
        expected = "not a picture that can be read: save it again as JPEG, PNG, GIF or WebP"
        raise _wrong(path, expected) from error
    if too_large:
        raise _wrong(path, TOO_LARGE, f"{width} × {height} pixels")
    ending = path.rpartition(".")[2].lower()
    if kind != PICTURES[ending]:
        expected = f"rename the file: it holds {kind}, its name says {PICTURES[ending]}"
        raise _wrong(path, expected)
    return (height, width) if turned else (width, height)


def _check_svg(path: str, raw: bytes) -> None:
    try:
        refuse_active(raw)
    except ActiveError as error:
        expected = "remove it, or save the drawing as PNG: a browser would run it"
        raise _wrong(path, expected, str(error)) from error
    except ValueError as error:
        raise _wrong(path, f"not an SVG that can be read: {error}") from error


def _wrong(path: str, expected: str, found: str = "") -> ContentError:
    return ContentError([Problem(path=path, found=found, expected=expected)])
