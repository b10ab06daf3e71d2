"""The style sheet and the script, under names that change with their content, so that browsers keep them for ever."""

from __future__ import annotations

import gzip
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

_TYPES = {
    "portal.css": "text/css; charset=utf-8",
    "portal.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def read_asset(name: str) -> bytes:
    """The content of a file of `static/`."""
    return files("data_platform.server.portal").joinpath("static", name).read_bytes()


@cache
def compress_asset(name: str) -> bytes:
    """The same with gzip. Pages are sent as they are: compressed, their length could tell a secret beside a guess."""
    return gzip.compress(read_asset(name), mtime=0)


@cache
def make_asset_path(name: str) -> str:
    """The path at which the present content of a file is served."""
    return f"/static/{sha256(read_asset(name)).hexdigest()[:12]}/{name}"


async def answer_asset(http: HttpRequest) -> Response:
    """A file of `static/`; an older name answers with the present content, which is not kept."""
    name = http.path_params["name"]
    if name not in _TYPES:
        raise HTTPException(404)
    headers = {"Vary": "Accept-Encoding", **(_FOR_EVER if http.url.path == make_asset_path(name) else {})}
    content = read_asset(name)
    if _GZIP.search(http.headers.get("accept-encoding", "")):
        headers["Content-Encoding"], content = "gzip", compress_asset(name)
    return Response(content, media_type=_TYPES[name], headers=headers)
