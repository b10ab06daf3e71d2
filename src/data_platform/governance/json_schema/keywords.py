"""JSON Schema's keywords that bound a single value: what readers demand must be demanded of writers.

https://json-schema.org/draft/2020-12/json-schema-validation#section-6
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data_platform.governance.incompatibility import SchemaFinding
from data_platform.governance.json_schema.bounds import (
    find_unkept_words,
    list_possible_values,
    select_demanding_words,
    to_json_key,
)

Words = Mapping[str, Any]

_SAME = (
    "pattern", "contentEncoding", "contains", "if", "$dynamicRef", "$recursiveRef", "precision", "scale", "byteLength",
)  # fmt: skip
"""Keywords that are equal only when written alike."""
_SEES_ITEMS = {"contains", "if"}
"""Keywords that decide by value which items `unevaluatedItems` applies to."""
_NO_FORMAT = ("int64", "double", None)
"""The formats that add nothing to the type."""


def compare_keywords(reader: Words, writer: Words, kind: str | None = None) -> Iterator[SchemaFinding]:
    """The keywords that readers demand of a value of the JSON type `kind` (None: any), and writers do not guarantee."""
    reader = select_demanding_words(kind, reader)
    yield from _compare_enums(reader, writer, kind)
    for word in find_unkept_words(reader, writer, kind):
        yield _report_demand(word, reader[word], writer.get(word))
    branches = ("then", "else") if "if" in reader else ()
    evaluated = ("unevaluatedItems",) if not _SEES_ITEMS.isdisjoint({*reader, *writer}) else ()
    for word in (*_SAME, *branches, *evaluated):
        if word in reader and to_json_key(reader[word]) != to_json_key(writer.get(word)):
            yield _report_demand(word, reader[word], writer.get(word))
    if reader.get("format") not in _NO_FORMAT and reader["format"] != writer.get("format"):
        yield _report_demand("format", reader["format"], writer.get("format"))


def report_exclusion() -> SchemaFinding:
    """The finding that readers exclude (`not`) values that writers may write."""
    return SchemaFinding((), "readers exclude (not) what writers may write")


def quote_names(names: Iterable[object]) -> str:
    """Names in a sentence, five at most."""
    texts = list(map(str, names))
    more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
    return (", ".join(texts[:5]) or "nothing") + more


def _compare_enums(reader: Words, writer: Words, kind: str | None) -> Iterator[SchemaFinding]:
    if "enum" not in reader:
        return
    read = {to_json_key(value) for value in reader["enum"]}
    written = list_possible_values(kind, writer)
    if written is None:
        yield SchemaFinding((), f"is read as {quote_names(sorted(read))} only, and written with other values")
    elif unknown := [key for key in map(to_json_key, written) if key not in read]:
        yield SchemaFinding((), f"is written as {quote_names(unknown)}, which readers do not take")


def _report_demand(word: str, read: Any, written: Any) -> SchemaFinding:
    kept = "no such keyword" if written is None else _truncate_json(written)
    return SchemaFinding((), f"readers demand {word} {_truncate_json(read)}, and writers keep {kept}")


def _truncate_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
