"""JSON Schemas of the shapes that product.yaml's fields have, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data_platform.spec.product.semver import SEMVER
from data_platform.spec.product.yaml.field_list import Words
from data_platform.spec.text.names import NAME

Shape = dict[str, Any]

NUMBER: Shape = {"type": "number"}
TWO_NUMBERS: Shape = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
NAMED: Shape = {"type": "string", "pattern": f"^{NAME.pattern}$"}
VERSION: Shape = {"type": "string", "pattern": f"^{SEMVER.pattern}$"}


def make_text(most: int, pattern: str | None = None) -> Shape:
    """Text of 1 to `most` characters; all of it fits `pattern`."""
    shape: Shape = {"type": "string", "minLength": 1, "maxLength": most}
    return {**shape, "pattern": f"^{pattern}$"} if pattern else shape


def make_texts(most: int) -> Shape:
    """A list of texts."""
    return {"type": "array", "items": make_text(most)}


def make_one_or_more(most: int) -> Shape:
    """A text, or a list of texts."""
    return {"anyOf": [make_text(most), make_texts(most)]}


def make_one_of(values: Iterable[str]) -> Shape:
    """One of some words."""
    return {"enum": [str(value) for value in values]}


def make_mapping(words: Words) -> Shape:
    """A mapping with these fields and no others, each under one of its spellings."""
    properties: Shape = {}
    rules: list[Shape] = []
    for word in words.words:
        spellings = (word.name, *word.aliases)
        for spelling in spellings:
            own = spelling == word.name or word.alias_shape is None
            properties[spelling] = {**(word.shape if own else word.alias_shape or {}), "description": word.meaning}
        if word.required:
            rules.append({"anyOf": [{"required": [spelling]} for spelling in spellings]})
        if word.aliases:
            rules += [{"not": {"required": [word.name, alias]}} for alias in word.aliases]
    shape: Shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "allOf": rules} if rules else shape


def make_mappings(words: Words, most: int, least: int = 0) -> Shape:
    """A list of mappings."""
    return {"type": "array", "minItems": least, "maxItems": most, "items": make_mapping(words)}
