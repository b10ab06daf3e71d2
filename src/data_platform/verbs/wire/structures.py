"""The forms of dataclasses, of lists with attributes, and of unions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from data_platform.errors import BadInput
from data_platform.verbs.wire.collections import demand_object
from data_platform.verbs.wire.form import OBJECT, Form, FormMismatch, Json, describe_json, kind_of


class StructureMember(NamedTuple):
    """One field of a structure; `read` takes its value from an instance."""

    form: Form
    required: bool
    read: Callable[[Any], Any]


class Structure(Form):
    """A class with named fields: an object with all of them. A field that has a default may be absent.

    `load` gives the fields when they are first needed, since a class may contain itself.
    """

    kinds = frozenset({OBJECT})

    def __init__(self, kind: type, load: Callable[[], Mapping[str, StructureMember]]) -> None:
        self.name = kind.__name__
        self._kind, self._load = kind, load
        self._members: Mapping[str, StructureMember] | None = None

    @property
    def members(self) -> Mapping[str, StructureMember]:
        """The fields by name."""
        if self._members is None:
            self._members = self._load()
        return self._members

    def matches(self, value: object) -> bool:
        """An instance of this very class."""
        return type(value) is self._kind

    def encode(self, value: Any) -> Json:
        """The object."""
        if not self.matches(value):
            raise self.refuse(value)
        written = {}
        for name, member in self.members.items():
            try:
                written[name] = member.form.encode(member.read(value))
            except FormMismatch as mismatch:
                raise mismatch.inside(name) from None
        return written

    def decode(self, value: Json) -> Any:
        """The instance; raises Mismatch for a field that is unknown or missing, and for what the class refuses."""
        demand_object(value)
        for name in value:
            if name not in self.members:
                fields = ", ".join(self.members) or "none"
                raise FormMismatch(f"is no field of {self.name}, which has {fields}").inside(name)
        values = {}
        for name, member in self.members.items():
            if name in value:
                try:
                    values[name] = member.form.decode(value[name])
                except FormMismatch as mismatch:
                    raise mismatch.inside(name) from None
            elif member.required:
                raise FormMismatch(f"{self.name} needs this field").inside(name)
        try:
            return self._kind(**values)
        except BadInput as error:
            raise FormMismatch(error.message) from None


class Union(Form):
    """A value of one of several types.

    A member is written plainly where its kind of JSON shows which one it is; the others are written as `{"NAME": …}`.
    Text beside other types that are written as text is plain.
    """

    def __init__(self, members: Sequence[Form]) -> None:
        self.plain, self.tagged = _split(members)
        self.name = " or ".join(form.name for form in members)
        tags = {OBJECT} if self.tagged else set()
        self.kinds = frozenset(tags.union(*(form.kinds for form in self.plain)))
        if len(self.tagged) + len(self.plain) < len(members):
            raise TypeError(f"the types of {self.name} need different names")

    def matches(self, value: object) -> bool:
        """A value of one of the types."""
        return any(form.matches(value) for form in (*self.plain, *self.tagged.values()))

    def encode(self, value: Any) -> Json:
        """The value's JSON in the form of its type."""
        for tag, form in self.tagged.items():
            if form.matches(value):
                return {tag: form.encode(value)}
        for form in self.plain:
            if form.matches(value):
                return form.encode(value)
        raise self.refuse(value)

    def decode(self, value: Json) -> Any:
        """The value."""
        kind = kind_of(value)
        for form in self.plain:
            if kind in form.kinds:
                return form.decode(value)
        if not self.tagged or not isinstance(value, dict):
            raise FormMismatch(f"must be {self.name}, and not {describe_json(value)}")
        if len(value) != 1 or (form := self.tagged.get(next(iter(value)))) is None:  # type: ignore[assignment]
            raise FormMismatch(f"must have one field: {' or '.join(self.tagged)}")
        ((tag, inner),) = value.items()
        try:
            return form.decode(inner)
        except FormMismatch as mismatch:
            raise mismatch.inside(tag) from None


def _split(members: Sequence[Form]) -> tuple[list[Form], dict[str, Form]]:
    """The members that are written plainly, and those that need their name."""
    plain = [form for form in members if form.name == "str" or _is_distinct(form, members)]
    if len(plain) < len(members):
        plain = [form for form in plain if OBJECT not in form.kinds]
    return plain, {form.name: form for form in members if form not in plain}


def _is_distinct(form: Form, members: Sequence[Form]) -> bool:
    return all(form.kinds.isdisjoint(other.kinds) for other in members if other is not form)
