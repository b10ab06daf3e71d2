"""The fields of a JSON object as its schema declares them: named, by pattern, and the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data_platform.governance.json_shapes import Undecidable

_HARMLESS = re.compile(r"\^?[\w-]*(?:\.?[*+]?)[\w-]*\$?")


class Fields:
    """What an object's schema says of its fields; `others` is the schema of those without a place (True, False too)."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.named: Mapping[str, Any] = words.get("properties", {})
        self.patterns: Mapping[str, Any] = words.get("patternProperties", {})
        self.required: frozenset[str] = frozenset(words.get("required", ()))
        self.others: Any = words.get("additionalProperties", words.get("unevaluatedProperties", True))

    @property
    def is_open(self) -> bool:
        """Whether anything may stand under a name that is not declared."""
        return not self.patterns and (self.others is True or self.others == {})

    @property
    def demanded(self) -> frozenset[str]:
        """The required fields that no default stands in for."""
        return frozenset(name for name in self.required if not self._has_default(name))

    def unnamed(self, name: str) -> Any:
        """The schema of a field that is not among the named ones."""
        for pattern, schema in self.patterns.items():
            if _matches(pattern, name):
                return schema
        return self.others

    def _has_default(self, name: str) -> bool:
        schema = self.named.get(name)
        return isinstance(schema, dict) and "default" in schema


def _matches(pattern: str, name: str) -> bool:
    """Whether a name matches, where that is certain to take no time: letters, anchors and single repetitions."""
    if _HARMLESS.fullmatch(pattern) is None:
        raise Undecidable(f"the pattern {pattern!r} of patternProperties")
    return re.search(pattern, name) is not None
