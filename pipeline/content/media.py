"""Media files: what they are, and smaller copies of pictures, with Pillow."""

from __future__ import annotations

import hashlib
import mimetypes
from io import BytesIO
from typing import TYPE_CHECKING

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
PIXELS_MOST = 60_000_000
BYTES_MOST = 50 * 1024 * 1024
QUALITY = 82

# The types that Python itself knows: those of the machine would differ from one to the next.
_TYPES = mimetypes.MimeTypes(filenames=())


class MediaFolder:
    """The files below `content/media/`; a `PictureMaker`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def describe(self, path: str) -> MediaFile:
        """What is known of a file. Raises ContentError for a picture that nobody could see."""
        raw = self._read(path)
        ending = path.rpartition(".")[2].lower()
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
            upright = ImageOps.exif_transpose(opened)
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
                raise ContentError([Problem(path=path, expected="larger than 50 MiB")])
            return file.read_bytes()
        except OSError as error:
            problem = Problem(path=path, expected=f"cannot be read: {error.strerror}")
            raise ContentError([problem]) from error


def _kept_mode(image: Image.Image) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"


def _size(path: str, raw: bytes) -> tuple[int, int]:
    """Width and height as shown, read from the header alone."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(raw), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) >= 5
            kind = image.get_format_mimetype()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        expected = "not a picture that can be read: save it again as JPEG, PNG, GIF or WebP"
        raise ContentError([Problem(path=path, expected=expected)]) from error
    except Image.DecompressionBombError as error:
        raise ContentError([Problem(path=path, expected=_too_large(PIXELS_MOST))]) from error
    if width * height > PIXELS_MOST:
        found = f"{width} × {height} pixels"
        raise ContentError([Problem(path=path, found=found, expected=_too_large(PIXELS_MOST))])
    ending = path.rpartition(".")[2].lower()
    if kind != PICTURES[ending]:
        expected = f"rename the file: it holds {kind}, its name says {PICTURES[ending]}"
        raise ContentError([Problem(path=path, expected=expected)])
    return (height, width) if turned else (width, height)


def _too_large(most: int) -> str:
    return f"too large to publish: make it smaller than {most // 1_000_000} million pixels"
