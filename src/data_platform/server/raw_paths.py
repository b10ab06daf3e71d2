"""Paths as they were sent: routes match percent-encoded segments, so that a name may contain a slash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote

from starlette.types import Scope

from data_platform.server.problem_replies import HttpProblem

_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOTS = frozenset([".", ".."])
_SECRETS = frozenset(["access_token", "api_key", "apikey", "authorization", "token"])
_MOST_PARAMETERS = 1000


def use_raw_path(scope: Scope) -> None:
    """Makes the encoded path the one that routes match.

    Raises HttpProblem for one that clients and proxies could read differently: a segment of dots, a NUL, bytes that
    are not UTF-8, a stray `%`.
    """
    raw = scope.get("raw_path") or scope["path"].encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    if not path.isascii() or not path.isprintable() or "\\" in path or _ESCAPE.search(path):
        raise HttpProblem(400, "the path is not percent-encoded")
    if "//" in path or any(segment in _DOTS for segment in path.split("/")):
        raise HttpProblem(400, "the path has an empty segment, or one of dots", hint="write %2E for a name of dots")
    scope["path"] = path


def decode_segment(text: str) -> str:
    """The name that a segment of the path encodes."""
    return _decode(text, "the path")


def read_query(query: bytes) -> Sequence[tuple[str, str]]:
    """The parameters of the query; raises HttpProblem for what is not UTF-8, and for a secret."""
    text = query.decode("latin-1")
    if not text.isascii() or _ESCAPE.search(text):
        raise HttpProblem(400, "the query is not percent-encoded")
    try:
        parameters = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise HttpProblem(400, "the query is no UTF-8, or has too many parameters") from None
    for name, value in parameters:
        if name.lower() in _SECRETS:
            raise HttpProblem(400, "a URL must hold no secret: it ends up in logs", hint="send it as a header")
        if "\0" in value:
            raise HttpProblem(400, f"the parameter {name[:60]!a} holds a NUL character")
    return parameters


def _decode(text: str, what: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise HttpProblem(400, f"{what} is no UTF-8") from None
    if "\0" in decoded:
        raise HttpProblem(400, f"{what} holds a NUL character")
    return decoded
