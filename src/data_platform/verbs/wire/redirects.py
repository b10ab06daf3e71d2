"""Former names that a request uses, in a header of its response, so that the caller can write the present ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from data_platform.record.catalog.redirects import Redirect

REDIRECTS = "Data-Platform-Redirects"
_LARGEST = 8_000


def encode_redirects(redirects: Iterable[Redirect]) -> bytes:
    """The value of the header, in ASCII; the first redirects, where not all fit."""
    texts: list[str] = []
    for redirect in dict.fromkeys(redirects):
        texts.append(json.dumps({**asdict(redirect), "since": redirect.since.isoformat()}))
        if sum(map(len, texts)) > _LARGEST:
            texts.pop()
            break
    return f"[{', '.join(texts)}]".encode()


def decode_redirects(header: str) -> Iterator[Redirect]:
    """The redirects of the header; none where it cannot be read."""
    try:
        for value in json.loads(header):
            yield Redirect(**{**value, "since": datetime.fromisoformat(value["since"])})
    except (ValueError, TypeError, KeyError):
        return
