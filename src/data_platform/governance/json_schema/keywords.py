"""JSON Schema's keywords that bound a single value: what readers demand must be demanded of writers.

https://json-schema.org/draft/2020-12/json-schema-validation#section-6
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data_platform.governance.findings import Finding
from data_platform.governance.json_schema.bounds import demanding_words, json_key, possible_values, unkept_words

Words = Mapping[str, Any]

_SAME = (
    "pattern", "contentEncoding", "contains", "if", "$dynamicRef", "$recursiveRef", "precision", "scale", "byteLength",
)  # fmt: skip
"""Keywords that demand the same only when they are written alike."""
_SEES_ITEMS = {"contains", "if"}
"""Keywords that decide by value which items are left for `unevaluatedItems`."""
_NO_FORMAT = ("int64", "double", None)
"""The formats that say no more than the type."""


def keyword_findings(reader: Words, writer: Words, kind: str | None = None) -> Iterator[Finding]:
    """What readers demand of a value of the JSON type `kind` (None: any), and writers need not keep."""
    reader = demanding_words(kind, reader)
    yield from _enum(reader, writer, kind)
    for word in unkept_words(reader, writer, kind):
        yield _demanded(word, reader[word], writer.get(word))
    branches = ("then", "else") if "if" in reader else ()
    evaluated = ("unevaluatedItems",) if not _SEES_ITEMS.isdisjoint({*reader, *writer}) else ()
    for word in (*_SAME, *branches, *evaluated):
        if word in reader and json_key(reader[word]) != json_key(writer.get(word)):
            yield _demanded(word, reader[word], writer.get(word))
    if reader.get("format") not in _NO_FORMAT and reader["format"] != writer.get("format"):
        yield _demanded("format", reader["format"], writer.get("format"))


def excluded() -> Finding:
    """Readers exclude by `not` what writers may write."""
    return Finding((), "readers exclude (not) what writers may write")


def quoted(names: Iterable[object]) -> str:
    """Names in a sentence, five at most."""
    known = list(map(str, names))
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return (", ".join(known[:5]) or "nothing") + more


def _enum(reader: Words, writer: Words, kind: str | None) -> Iterator[Finding]:
    if "enum" not in reader:
        return
    read = {json_key(value) for value in reader["enum"]}
    written = possible_values(kind, writer)
    if written is None:
        yield Finding((), f"is read as {quoted(sorted(read))} only, and written with other values")
    elif unknown := [key for key in map(json_key, written) if key not in read]:
        yield Finding((), f"is written as {quoted(unknown)}, which readers do not take")


def _demanded(word: str, read: Any, written: Any) -> Finding:
    kept = "nothing of the kind" if written is None else _short(written)
    return Finding((), f"readers demand {word} {_short(read)}, and writers keep {kept}")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
