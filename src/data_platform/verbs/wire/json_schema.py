"""The JSON forms as JSON Schema (2020-12), for documents that describe the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from data_platform.verbs.wire.collections import Array, ByText, ByValue, FixedTuple, Open, Unordered
from data_platform.verbs.wire.files import FileText
from data_platform.verbs.wire.form import Form
from data_platform.verbs.wire.scalars import EXACT, PATTERNS, Boolean, Choice, Null, Number, Real, Whole, Written
from data_platform.verbs.wire.structures import Structure, StructureMember, Union

Schema = dict[str, Any]
_SMALL: Schema = {"type": "integer", "minimum": -EXACT, "maximum": EXACT}
_LARGE: Schema = {"type": "string", "pattern": "^-?[1-9][0-9]{15,999}$", "description": "a whole number beyond 2^53"}
_WHOLE: Schema = {"anyOf": [_SMALL, _LARGE]}
_REAL: Schema = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}


class SchemaWriter:
    """Writes forms as schemas. Structures go into `definitions` by name and are referred to below `prefix`."""

    def __init__(self, prefix: str = "#/$defs/") -> None:
        self.definitions: dict[str, Schema] = {}
        self._prefix = prefix

    def describe(self, form: Form) -> Schema:
        """The schema of the form; raises TypeError for a form that has none."""
        match form:
            case Null():
                return {"type": "null"}
            case Boolean():
                return {"type": "boolean"}
            case Whole():
                return _WHOLE
            case Number() | Real():
                return _REAL
            case Written():
                pattern = PATTERNS.get(form.name)
                return {"type": "string", "pattern": f"^({pattern})$"} if pattern else {"type": "string"}
            case Choice():
                return {"enum": list(form.members)}
            case Open():
                return {}
            case FileText():
                return self._refer(form.name, form.texts)
            case Structure():
                return self._refer(form.name, form)
            case Union():
                return {"anyOf": [*map(self.describe, form.plain), *map(self._describe_tagged, form.tagged.items())]}
            case _:
                return self._describe_collection(form)

    def describe_fields(self, members: Mapping[str, StructureMember]) -> Schema:
        """An object with these fields, and no others."""
        schema: Schema = {
            "type": "object",
            "properties": {name: self.describe(member.form) for name, member in members.items()},
            "additionalProperties": False,
        }
        required = [name for name, member in members.items() if member.required]
        return {**schema, "required": required} if required else schema

    def _describe_collection(self, form: Form) -> Schema:
        match form:
            case Unordered():
                return {"type": "array", "items": self.describe(form.member), "uniqueItems": True}
            case Array():
                return {"type": "array", "items": self.describe(form.member)}
            case FixedTuple():
                items = [self.describe(member) for member in form.members]
                return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
            case ByText():
                return {"type": "object", "additionalProperties": self.describe(form.member)}
            case ByValue():
                return self.describe(form.pairs)
            case _:
                raise TypeError(f"{form.name} has no schema")

    def _describe_tagged(self, item: tuple[str, Form]) -> Schema:
        tag, form = item
        properties = {tag: self.describe(form)}
        return {"type": "object", "properties": properties, "required": [tag], "additionalProperties": False}

    def _refer(self, name: str, form: Form) -> Schema:
        if name not in self.definitions:
            self.definitions[name] = {}  # a structure may contain itself
            self.definitions[name] = self.describe_fields(cast("Structure", form).members)
        return {"$ref": self._prefix + name}
