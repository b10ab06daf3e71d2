"""What JSON Schema's keywords demand of the values of one type, in a normalized form.

Over whole numbers `maximum: 5` is `exclusiveMaximum: 6`, and every number is a multiple of 1. `minLength: 0` demands
nothing, and neither does `minimum` of a text. A list of values meets the bounds that all of its values meet.

https://json-schema.org/draft/2020-12/json-schema-validation#section-6
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd, inf, lcm
from typing import Any

Words = Mapping[str, Any]
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_BOUNDS = (*_NUMBERS, *(side + size for side in ("min", "max") for size in _SIZES.values()))
_OF_TYPE = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "contentEncoding"), "string"),
    **dict.fromkeys(
        ("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"), "array"
    ),
    **dict.fromkeys(("minProperties", "maxProperties"), "object"),
    **dict.fromkeys(_NUMBERS, "number"),
}
"""Keywords that apply to values of one type only."""
_EVERY_TEXT = ("", "^", "$", ".*", "^.*", ".*$", "()", r"[\s\S]*", r"^[\s\S]*$")
"""Patterns that every text matches."""
_OPTIONAL = re.compile(r"(?:[\w.][*?])+")
"""Patterns that match nothing too, and so a part of every text."""
_MOST_VALUES = 100


def select_demanding_words(kind: str | None, words: Words) -> Words:
    """The keywords that have an effect on values of the type `kind`; None is any type."""
    words = _rewrite_free_contains(words)
    return {word: value for word, value in words.items() if not _is_without_effect(kind, words, word)}


def find_unkept_words(demanded: Words, written: Words, kind: str | None) -> Iterator[str]:
    """The bounding keywords of `demanded` that a value of `written` need not meet."""
    kept = _add_implied_words(kind, written)
    is_whole = kind == "integer"
    for size in (*_SIZES.values(), "Contains"):
        yield from _find_unkept_end(demanded, kept, f"max{size}", 1)
        yield from _find_unkept_end(demanded, kept, f"min{size}", -1)
    for name, sign in (("aximum", 1), ("inimum", -1)):
        side = "m" + name, "exclusiveM" + name
        ends = [_read_end(kept, word, sign, is_whole=is_whole) for word in side if read_number(kept, word) is not None]
        for word in side:
            if read_number(demanded, word) is not None and not any(
                end <= _read_end(demanded, word, sign, is_whole=is_whole) for end in ends
            ):
                yield word
    if demanded.get("uniqueItems") is True and kept.get("uniqueItems") is not True:
        yield "uniqueItems"
    step, by = read_number(demanded, "multipleOf"), read_number(kept, "multipleOf")
    if step and (by is None or by % step):
        yield "multipleOf"


def list_possible_values(kind: str | None, words: Words) -> list[Any] | None:
    """All possible values; None where they cannot be enumerated."""
    if "enum" in words:
        return [value for value in words["enum"] if _is_within_bounds(kind, value, words)]
    if kind in ("boolean", "null"):
        return [False, True] if kind == "boolean" else [None]
    if kind != "integer":
        return None
    low, high = (_find_closest_end(words, name, sign) for name, sign in (("inimum", -1), ("aximum", 1)))
    if low is None or high is None or high + low >= _MOST_VALUES:
        return None
    return [value for value in range(int(-low), int(high) + 1) if _is_within_bounds(kind, value, words)]


def read_number(words: Words, word: str) -> Fraction | None:
    """The number under a keyword; None where there is none."""
    value = words.get(word)
    is_number = isinstance(value, int | float | Fraction) and not isinstance(value, bool)
    return Fraction(str(value)) if is_number else None


def to_json_key(value: Any) -> str:
    """A value as text that is equal when JSON Schema calls the values equal: 1.0 is 1, true is not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return "[" + ",".join(map(to_json_key, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{to_json_key(value[name])}" for name in sorted(value)) + "}"
    return json.dumps(value)


def _is_without_effect(kind: str | None, words: Words, word: str) -> bool:
    of = _OF_TYPE.get(word)
    if kind is not None and of is not None and of != ("number" if kind == "integer" else kind):
        return True
    match word:
        case "minLength" | "minItems" | "minProperties":
            return (read_number(words, word) or 0) <= 0
        case "pattern":
            return words[word] in _EVERY_TEXT or _OPTIONAL.fullmatch(words[word]) is not None
        case "if":
            branches = [words.get(branch, True) for branch in ("then", "else")]
            return all(branch is True or branch == {} for branch in branches) and "unevaluatedItems" not in words
        case "not":
            return words[word] is False
    return False


def _rewrite_free_contains(words: Words) -> Words:
    """`contains` with explicit counts; where it accepts every element, the counts become `minItems` and `maxItems`."""
    if "unevaluatedItems" in words:
        return words
    counts = {word: words[word] for word in ("minContains", "maxContains") if word in words}
    rest = {word: value for word, value in words.items() if word not in ("contains", *counts)}
    if "contains" not in words:
        return rest
    least = counts.setdefault("minContains", 1)
    if words["contains"] is True or words["contains"] == {}:
        most = {"maxItems": min(counts["maxContains"], rest.get("maxItems", inf))} if "maxContains" in counts else {}
        return {**rest, "minItems": max(least, rest.get("minItems", 0)), **most}
    return rest if least == 0 and "maxContains" not in counts else {**rest, "contains": words["contains"], **counts}


def _find_unkept_end(demanded: Words, kept: Words, word: str, sign: int) -> Iterator[str]:
    end, own = read_number(demanded, word), read_number(kept, word)
    if end is not None and (own is None or sign * own > sign * end):
        yield word


def _read_end(words: Words, word: str, sign: int, *, is_whole: bool) -> tuple[Fraction, bool]:
    """An end of a range, negated for the lower one (`sign` -1); the stricter end is the smaller pair."""
    number, is_closed = sign * (read_number(words, word) or Fraction(0)), not word.startswith("exclusive")
    if is_whole:
        return Fraction(floor(number) if is_closed else ceil(number) - 1), True
    return number, is_closed


def _find_closest_end(words: Words, name: str, sign: int) -> Fraction | None:
    side = [word for word in ("m" + name, "exclusiveM" + name) if read_number(words, word) is not None]
    return min((_read_end(words, word, sign, is_whole=True)[0] for word in side), default=None)


def _add_implied_words(kind: str | None, words: Words) -> Words:
    """The keywords, and those that they imply."""
    implied = dict(_rewrite_free_contains(words))
    if kind == "integer":
        step = read_number(words, "multipleOf")
        implied["multipleOf"] = step.numerator if step else 1
    if kind == "object" and "required" in words:
        names = len(set(words["required"]))
        implied["minProperties"] = max(names, read_number(words, "minProperties") or 0)
    if "contains" in implied:
        implied["minItems"] = max(implied.get("minContains", 1), implied.get("minItems", 0))
    if kind == "array" and (read_number(words, "maxItems") or 2) <= 1:
        implied["uniqueItems"] = True
    values = list_possible_values(kind, words) if "enum" in words else None
    return {**implied, **_infer_words(kind, values)} if values else implied


def _infer_words(kind: str | None, values: list[Any]) -> dict[str, Any]:
    """The keywords that all `values`, of one type, meet."""
    if kind in _SIZES:
        sizes = [len(value) for value in values]
        return {f"min{_SIZES[kind]}": min(sizes), f"max{_SIZES[kind]}": max(sizes)}
    if kind not in ("number", "integer"):
        return {}
    numbers = [Fraction(str(value)) for value in values]
    divisor = lcm(*(number.denominator for number in numbers))
    step = Fraction(reduce(gcd, (int(number * divisor) for number in numbers)), divisor)
    return {"minimum": min(numbers), "maximum": max(numbers), "multipleOf": step}


def _is_within_bounds(kind: str | None, value: Any, words: Words) -> bool:
    """Whether a value is of the type and within the bounds."""
    if kind is not None and not _IS_OF[kind](value):
        return False
    bounds = {word: words[word] for word in _BOUNDS if word in words}
    return next(find_unkept_words(bounds, _infer_words(kind, [value]), kind), None) is None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_IS_OF: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == value // 1,
}
