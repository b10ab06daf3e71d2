"""JSON Schema's keywords that bound a single value: what readers demand must be demanded of writers.

https://json-schema.org/draft/2020-12/json-schema-validation#section-6
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from data_platform.governance.findings import Finding

Words = Mapping[str, Any]

_AT_MOST = ("maxLength", "maxItems", "maxProperties", "maxContains")
_AT_LEAST = ("minLength", "minItems", "minProperties", "minContains")
_SAME = (
    "pattern", "contentEncoding", "contains", "if", "$dynamicRef", "$recursiveRef", "precision", "scale", "byteLength",
)  # fmt: skip
"""Keywords that demand the same only when they are written alike."""
_SEES_ITEMS = {"contains", "if"}
"""Keywords that decide by value which items are left for `unevaluatedItems`."""
_NO_FORMAT = ("int64", "double", None)
"""The formats that say no more than the type."""


def keyword_findings(reader: Words, writer: Words) -> Iterator[Finding]:
    """What readers demand of a value, and writers need not keep."""
    yield from _enum(reader, writer)
    yield from _bounds(reader, writer)
    branches = ("then", "else") if "if" in reader else ()
    evaluated = ("unevaluatedItems",) if not _SEES_ITEMS.isdisjoint({*reader, *writer}) else ()
    for word in (*_SAME, *branches, *evaluated):
        if word in reader and json_key(reader[word]) != json_key(writer.get(word)):
            yield _demanded(word, reader[word], writer.get(word))
    if reader.get("format") not in _NO_FORMAT and reader["format"] != writer.get("format"):
        yield _demanded("format", reader["format"], writer.get("format"))
    if reader.get("uniqueItems") is True and writer.get("uniqueItems") is not True:
        yield _demanded("uniqueItems", True, None)
    if (step := _number(reader, "multipleOf")) and not _divides(step, writer):
        yield _demanded("multipleOf", reader["multipleOf"], writer.get("multipleOf"))


def excluded() -> Finding:
    """Readers exclude by `not` what writers may write."""
    return Finding((), "readers exclude (not) what writers may write")


def quoted(names: Iterable[object]) -> str:
    """Names in a sentence, five at most."""
    known = list(map(str, names))
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return (", ".join(known[:5]) or "nothing") + more


def json_key(value: Any) -> str:
    """A value as text that is equal when JSON Schema calls the values equal: 1.0 is 1, true is not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return "[" + ",".join(map(json_key, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{json_key(value[name])}" for name in sorted(value)) + "}"
    return json.dumps(value)


def _enum(reader: Words, writer: Words) -> Iterator[Finding]:
    if "enum" not in reader:
        return
    read = {json_key(value) for value in reader["enum"]}
    if "enum" not in writer:
        yield Finding((), f"is read as {quoted(sorted(read))} only, and written with other values")
    elif unknown := [key for key in map(json_key, writer["enum"]) if key not in read]:
        yield Finding((), f"is written as {quoted(unknown)}, which readers do not take")


def _bounds(reader: Words, writer: Words) -> Iterator[Finding]:
    for words, sign in ((_AT_MOST, 1), (_AT_LEAST, -1)):
        for word in words:
            demanded, kept = _number(reader, word), _number(writer, word)
            if demanded is None or (sign < 0 and demanded <= 0):
                continue
            if kept is None or sign * kept > sign * demanded:
                yield _demanded(word, reader[word], writer.get(word))
    yield from _ends(reader, writer, "maximum", "exclusiveMaximum", 1)
    yield from _ends(reader, writer, "minimum", "exclusiveMinimum", -1)


def _ends(reader: Words, writer: Words, closed: str, opened: str, sign: int) -> Iterator[Finding]:
    """One end of a range; `sign` -1 turns the number line round for the lower one."""
    ends = [
        (sign * number, word == closed) for word in (closed, opened) if (number := _number(writer, word)) is not None
    ]
    kept = min(ends, default=None)
    for word in (closed, opened):
        number = _number(reader, word)
        if number is None:
            continue
        end = sign * number
        if kept is None or kept[0] > end or (kept == (end, True) and word == opened):
            yield _demanded(word, reader[word], writer.get(word))


def _number(words: Words, word: str) -> Fraction | None:
    value = words.get(word)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Fraction(str(value)) if number else None


def _divides(step: Fraction, writer: Words) -> bool:
    """Whether all that is written is a multiple of `step`; whole numbers are multiples of 1."""
    written = _number(writer, "multipleOf") or (Fraction(1) if writer.get("type") == "integer" else None)
    return written is not None and written % step == 0


def _demanded(word: str, read: Any, written: Any) -> Finding:
    kept = "nothing of the kind" if written is None else _short(written)
    return Finding((), f"readers demand {word} {_short(read)}, and writers keep {kept}")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
