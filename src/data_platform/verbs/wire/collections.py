"""The forms of collections: arrays, objects, and values of any type."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from data_platform.verbs.wire.form import (
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    Form,
    FormMismatch,
    Json,
    describe_json,
)
from data_platform.verbs.wire.scalars import EXACT, SCALARS, check_text

_WHOLE = SCALARS[int]


def demand_array(value: Json) -> list[Any]:
    """The array; raises Mismatch for other JSON."""
    if not isinstance(value, list):
        raise FormMismatch(f"must be an array, and not {describe_json(value)}")
    return value


def demand_object(value: Json) -> dict[str, Any]:
    """The object; raises Mismatch for other JSON."""
    if not isinstance(value, dict):
        raise FormMismatch(f"must be an object, and not {describe_json(value)}")
    return value


class Array(Form):
    """Members of one type in order, collected by `make`: a tuple, a list."""

    kinds = frozenset({ARRAY})

    def __init__(self, name: str, member: Form, make: Callable[[list[Any]], Any]) -> None:
        self.name = name
        self.member, self._make = member, make

    def matches(self, value: object) -> bool:
        """A tuple, a list or another sequence; text is none."""
        return isinstance(value, Sequence) and not isinstance(value, str | bytes)

    def encode(self, value: Any) -> Json:
        """The members' JSON."""
        if not self.matches(value):
            raise self.refuse(value)
        return self._each(value, self.member.encode)

    def decode(self, value: Json) -> Any:
        """The members."""
        return self._make(self._each(demand_array(value), self.member.decode))

    def _each(self, values: Collection[Any], convert: Callable[[Any], Any]) -> list[Any]:
        converted = []
        for place, member in enumerate(values):
            try:
                converted.append(convert(member))
            except FormMismatch as mismatch:
                raise mismatch.inside(place) from None
        return converted


class Unordered(Array):
    """A set: its members stand in the order of their JSON, each once."""

    def __init__(self, member: Form) -> None:
        super().__init__("set", member, frozenset)

    def matches(self, value: object) -> bool:
        """A set."""
        return isinstance(value, frozenset | set)

    def encode(self, value: Any) -> Json:
        """The members' JSON, sorted."""
        return sorted(super().encode(value), key=_sorting_key)

    def decode(self, value: Json) -> Any:
        """The members; raises Mismatch for one that is there twice."""
        members = super().decode(value)
        if len(members) < len(value):
            raise FormMismatch("must have each member once")
        return members


def _sorting_key(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


class FixedTuple(Form):
    """A tuple of a fixed length, each place with a type of its own."""

    kinds = frozenset({ARRAY})

    def __init__(self, members: Sequence[Form]) -> None:
        self.name = f"tuple of {len(members)}"
        self.members = members

    def matches(self, value: object) -> bool:
        """A tuple of that length."""
        return isinstance(value, tuple | list) and len(value) == len(self.members)

    def encode(self, value: Any) -> Json:
        """The members' JSON."""
        if not self.matches(value):
            raise self.refuse(value)
        return [self._step(place, form.encode, value[place]) for place, form in enumerate(self.members)]

    def decode(self, value: Json) -> Any:
        """The members."""
        if len(demand_array(value)) != len(self.members):
            raise FormMismatch(f"must have {len(self.members)} members, and not {len(value)}")
        return tuple(self._step(place, form.decode, value[place]) for place, form in enumerate(self.members))

    def _step(self, place: int, convert: Callable[[Any], Any], value: Any) -> Any:
        try:
            return convert(value)
        except FormMismatch as mismatch:
            raise mismatch.inside(place) from None


class ByText(Form):
    """A mapping by text: an object."""

    name, kinds = "mapping", frozenset({OBJECT})

    def __init__(self, member: Form) -> None:
        self.member = member

    def matches(self, value: object) -> bool:
        """A mapping."""
        return isinstance(value, Mapping)

    def encode(self, value: Any) -> Json:
        """The object."""
        if not self.matches(value):
            raise self.refuse(value)
        return self._each(value, self.member.encode)

    def decode(self, value: Json) -> Any:
        """The mapping."""
        return self._each(demand_object(value), self.member.decode)

    def _each(self, values: Mapping[Any, Any], convert: Callable[[Any], Any]) -> dict[str, Any]:
        converted = {}
        for key, member in values.items():
            if not isinstance(key, str):
                raise FormMismatch(f"has a key that is no text, but {type(key).__name__}")
            try:
                converted[check_text(str.__str__(key))] = convert(member)
            except FormMismatch as mismatch:
                raise mismatch.inside(key) from None
        return converted


class ByValue(Form):
    """A mapping by something else than text: an array of pairs."""

    name, kinds = "mapping", frozenset({ARRAY})

    def __init__(self, key: Form, member: Form) -> None:
        self.pairs = Array("pairs", FixedTuple((key, member)), dict)

    def matches(self, value: object) -> bool:
        """A mapping."""
        return isinstance(value, Mapping)

    def encode(self, value: Any) -> Json:
        """The pairs, in the order of the mapping."""
        if not self.matches(value):
            raise self.refuse(value)
        return self.pairs.encode(list(value.items()))

    def decode(self, value: Json) -> Any:
        """The mapping; raises Mismatch for a key that is there twice."""
        mapping = self.pairs.decode(value)
        if len(mapping) < len(value):
            raise FormMismatch("must have each key once")
        return mapping


class Open(Form):
    """A value whose type is not declared: JSON as it is, and other values as `{"$TYPE": …}`.

    An object whose only key begins with `$` is wrapped as `{"$object": …}`. A tuple is read back as a list.
    """

    name, kinds = "any", frozenset({NULL, BOOLEAN, NUMBER, TEXT, ARRAY, OBJECT})

    def __init__(self) -> None:
        self._read_array = Array("array", self, list)
        self._object = ByText(self)
        self._tagged = {"$int": _WHOLE} | {
            f"${kind.__name__}": SCALARS[kind] for kind in (float, datetime, date, timedelta, Decimal)
        }

    def matches(self, value: object) -> bool:
        """Every value."""
        return True

    def encode(self, value: Any) -> Json:
        """The value, tagged where JSON has no such kind."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return check_text(str.__str__(value))
        if isinstance(value, int):
            written = _WHOLE.encode(value)
            return {"$int": written} if isinstance(written, str) else written
        if isinstance(value, Mapping):
            written = self._object.encode(value)
            return {"$object": written} if _is_tagged(written) else written
        if isinstance(value, list | tuple):
            return self._read_array.encode(value)
        for tag, form in self._tagged.items():
            if form.matches(value):
                written = form.encode(value)
                return written if isinstance(written, int | float) else {tag: written}
        raise FormMismatch(f"has no JSON form: {type(value).__name__}")

    def decode(self, value: Json) -> Any:
        """The value."""
        if isinstance(value, list):
            return self._read_array.decode(value)
        if isinstance(value, dict):
            return self._decode_tagged(value) if _is_tagged(value) else self._object.decode(value)
        if isinstance(value, str):
            return check_text(value)
        if isinstance(value, int) and not -EXACT <= value <= EXACT:
            raise FormMismatch('must be {"$int": "…"}, since it is beyond 2^53')
        return value

    def _decode_tagged(self, value: dict[str, Any]) -> Any:
        ((tag, inner),) = value.items()
        try:
            if tag == "$object":
                return self._object.decode(demand_object(inner))
            if tag in self._tagged:
                return self._tagged[tag].decode(inner)
        except FormMismatch as mismatch:
            raise mismatch.inside(tag) from None
        raise FormMismatch(f"{tag[:60]!a} is no type")


def _is_tagged(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")
