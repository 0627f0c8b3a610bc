"""The output over HTTP, for an editor's own browser: types, conditional requests, the 404 page."""

from __future__ import annotations

import os
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from pipeline.errors import ConfigError
from pipeline.web.media_types import TYPES, media_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Preview(ThreadingHTTPServer):
    """Serves the files below `folder`, as they are at each request.

    `base_url` is where the site will live: the 404 page links there, and here to itself.
    """

    daemon_threads = True

    def __init__(
        self, folder: Path, *, host: str, port: int, base_url: str, log: Callable[[str], None]
    ) -> None:
        self.folder = folder
        self.base_url = base_url
        self.log = log
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = str(getattr(error, "strerror", None) or error).rstrip(".")
            raise ConfigError(
                f"cannot listen on {host}, port {port}: {reason}. Name another port with --port."
            ) from error

    @property
    def address(self) -> str:
        """Where the preview is."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Preview
    protocol_version = "HTTP/1.1"
    server_version = "enews"
    sys_version = ""

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send what GET would, without the body."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """One line for what was not found; the rest would only scroll."""
        if args and str(args[-2:-1] or "").find("404") >= 0:
            self.server.log(format % args)

    def _answer(self, *, with_body: bool) -> None:
        raw = urlsplit(self.path).path
        path = unquote(raw)
        target = _below(self.server.folder, path)
        if target is not None and target.is_dir():
            if not path.endswith("/"):
                self._redirect(quote(path) + "/")
                return
            target /= "index.html"
        if target is None or not target.is_file():
            self._not_found(with_body=with_body)
            return
        self._send_file(target, with_body=with_body)

    def _send_file(self, target: Path, *, with_body: bool) -> None:
        try:
            with target.open("rb") as file:
                status = os.fstat(file.fileno())
                data = file.read()
        except OSError:
            self._not_found(with_body=with_body)
            return
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        headers = {
            "ETag": tag,
            "Last-Modified": formatdate(status.st_mtime, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if self._known(tag, status.st_mtime):
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers, with_body=False)
            return
        headers["Content-Type"] = media_type(target.name)
        self._send(HTTPStatus.OK, data, headers, with_body=with_body)

    def _known(self, tag: str, changed: float) -> bool:
        """True where the client has these bytes already (RFC 9110 §13.1)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {part.strip().removeprefix("W/") for part in tags.split(",")}
            return tag in known or "*" in known
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return int(changed) <= parsedate_to_datetime(since).timestamp()
        except ValueError:
            return False

    def _not_found(self, *, with_body: bool) -> None:
        try:
            page = (self.server.folder / "404.html").read_bytes()
        except OSError:
            page = b"<!DOCTYPE html><title>Not found</title><h1>Not found</h1>"
        page = page.replace(self.server.base_url.encode(), b"")
        headers = {"Content-Type": TYPES[".html"], "Cache-Control": "no-store"}
        self._send(HTTPStatus.NOT_FOUND, page, headers, with_body=with_body)

    def _redirect(self, path: str) -> None:
        # One slash only at the start: two would lead to another host.
        headers = {"Location": "/" + path.lstrip("/")}
        self._send(HTTPStatus.MOVED_PERMANENTLY, b"", headers, with_body=False)

    def _send(
        self, status: HTTPStatus, data: bytes, headers: dict[str, str], *, with_body: bool
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body:
            self.wfile.write(data)


def _below(folder: Path, path: str) -> Path | None:
    """The file that a URL's path names; None for what is not below the folder, or hidden."""
    parts = [part for part in path.split("/") if part]
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)
