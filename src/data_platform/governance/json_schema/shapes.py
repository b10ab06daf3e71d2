"""Expands JSON Schemas: references followed, combinations merged, unions as a list of shapes.

It reads draft-07 and 2020-12 alike. As a schema registry does, it takes a schema that names no type (`true` and `{}`
too) as an object's, unless its keywords speak of another type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from data_platform.governance.json_schema.bounds import read_number
from data_platform.governance.json_schema.merging import SILENT, Undecidable, merge_words

__all__ = ["SILENT", "SchemaExpander", "Undecidable", "ValueShape", "get_json_type"]

MAX_SHAPES = 2_000
_MAX_STEPS = 100
_COMBINERS = ("$ref", "allOf", "anyOf", "oneOf")
_SPEAKS_OF = {
    "array": ("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


@dataclass(frozen=True, slots=True)
class ValueShape:
    """One possible shape of a value: its JSON type (None: any that `words` do not exclude) and its keywords."""

    type: str | None
    words: Mapping[str, Any]


class SchemaExpander:
    """One JSON Schema; every schema inside it is expanded once."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._shapes: dict[int, tuple[Any, list[ValueShape]]] = {}

    def expand(self, schema: Any) -> list[ValueShape]:
        """The possible shapes of a value of `schema`; none when nothing is valid. Raises Undecidable."""
        if id(schema) not in self._shapes:
            # The schema is kept with its shapes, so that no other object gets its id.
            self._shapes[id(schema)] = schema, list(self._expand_schema(schema))
        return self._shapes[id(schema)][1]

    def _expand_schema(self, schema: Any) -> Iterator[ValueShape]:
        for words in self._expand_branches(schema, 0):
            yield from _split_by_type(words)

    def _expand_branches(self, schema: Any, steps: int) -> list[dict[str, Any]]:
        """The alternatives of a schema as flat sets of keywords."""
        if schema is False:
            return []
        if schema is True:
            return [{}]
        if not isinstance(schema, dict) or steps > _MAX_STEPS:
            raise Undecidable(
                "references that never end" if steps > _MAX_STEPS else f"{json.dumps(schema)} as a schema"
            )
        branches = [{word: value for word, value in schema.items() if word not in _COMBINERS}]
        for choices in self._expand_demands(schema, steps + 1):
            pairs = [(one, other) for one in branches for other in choices]
            branches = [merged for one, other in pairs if (merged := merge_words(one, other)) is not None]
            if len(branches) > MAX_SHAPES:
                raise Undecidable(f"a union of more than {MAX_SHAPES:,} schemas")
        return branches

    def _expand_demands(self, schema: Mapping[str, Any], steps: int) -> Iterator[list[dict[str, Any]]]:
        if "$ref" in schema:
            yield self._expand_branches(self._resolve_reference(schema["$ref"]), steps)
        for part in schema.get("allOf", ()):
            yield self._expand_branches(part, steps)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                yield [branch for part in schema[word] for branch in self._expand_branches(part, steps)]

    def _resolve_reference(self, ref: Any) -> Any:
        schema = self.root
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            raise Undecidable(f"$ref {json.dumps(ref)}, which leaves the schema")
        for step in ref.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            schema = _get_child(schema, name)
            if schema is None:
                raise Undecidable(f"$ref {ref}, which leads nowhere")
        return schema


def _get_child(schema: Any, name: str) -> Any:
    if isinstance(schema, list) and name.isdigit() and int(name) < len(schema):
        return schema[int(name)]
    return schema.get(name) if isinstance(schema, dict) else None


def _split_by_type(words: Mapping[str, Any]) -> Iterator[ValueShape]:
    """The shapes of a flat set of keywords, one for each type."""
    if "const" in words:
        words = {**words, "enum": [words["const"]]}
    declared = words.get("type")
    if declared is not None:
        for name in [declared] if isinstance(declared, str) else declared:
            yield ValueShape("integer" if name == "number" and _is_whole(words) else name, words)
    elif "enum" in words:
        for name in dict.fromkeys(map(get_json_type, words["enum"])):
            yield ValueShape(
                name, {**words, "enum": [value for value in words["enum"] if get_json_type(value) == name]}
            )
    else:
        yield ValueShape(_infer_type(words), words)


def _is_whole(words: Mapping[str, Any]) -> bool:
    """Whether numbers are whole: multiples of a whole number, or only whole values."""
    step, values = read_number(words, "multipleOf"), words.get("enum")
    if step is not None and step.denominator == 1:
        return True
    return isinstance(values, list) and bool(values) and all(get_json_type(value) != "number" for value in values)


def _infer_type(words: Iterable[str]) -> str | None:
    """The type that keywords without `type` apply to."""
    keywords = set(words)
    for name, spoken in _SPEAKS_OF.items():
        if keywords.intersection(spoken):
            return name
    return None if "not" in keywords and not keywords - {"not"} - SILENT else "object"


def get_json_type(value: Any) -> str:
    """The JSON type of a value; 1.0 is an integer, as JSON Schema has it (2020-12 Core, section 4.2.3)."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case _:
            return "array" if isinstance(value, list) else "object"
