"""Errors as JSON: the name of the class, and the attributes that it and its parents declare."""

from __future__ import annotations

from typing import get_type_hints

from data_platform import errors
from data_platform.errors import BadInput, DataPlatformError
from data_platform.quality.verdict import DataQualityError
from data_platform.verbs.wire.collections import demand_object
from data_platform.verbs.wire.form import Form, FormMismatch, Json
from data_platform.verbs.wire.generate import form_of

_KINDS: dict[str, type[DataPlatformError]] = {
    kind.__name__: kind
    for kind in (*vars(errors).values(), DataQualityError)
    if isinstance(kind, type) and issubclass(kind, DataPlatformError)
}
"""The public error classes. An error of another class is written as its nearest parent among them."""


def encode_error(error: DataPlatformError) -> Json:
    """The error as an object with its `kind` and attributes.

    Rows of a DataQualityError are masked when the error is made, so they can be sent.
    """
    kind = next(parent for parent in type(error).__mro__ if _KINDS.get(parent.__name__) is parent)
    attributes = {name: form.encode(getattr(error, name)) for name, form in _attributes_of(kind).items()}
    return {"kind": kind.__name__, **attributes}


def decode_error(value: Json) -> DataPlatformError:
    """The error, to be raised; raises BadInput for JSON that describes none."""
    try:
        demand_object(value)
        kind = _KINDS.get(name) if isinstance(name := value.get("kind"), str) else None
        if kind is None:
            raise FormMismatch(f"must be one of {', '.join(sorted(_KINDS))}").inside("kind")
        return _make_error(kind, {name: value[name] for name in value if name != "kind"})
    except FormMismatch as mismatch:
        raise BadInput(f"{mismatch.place} {mismatch.message}") from None


def _make_error(kind: type[DataPlatformError], values: dict[str, Json]) -> DataPlatformError:
    """The error with its attributes as they were: its constructor, which composes the message, is not called."""
    forms = _attributes_of(kind)
    if forms.keys() != values.keys():
        name = min(forms.keys() ^ values.keys())
        raise FormMismatch(f"{kind.__name__} {'needs this field' if name in forms else 'has no such field'}").inside(
            name
        )
    error = kind.__new__(kind)
    for name, form in forms.items():
        try:
            setattr(error, name, form.decode(values[name]))
        except FormMismatch as mismatch:
            raise mismatch.inside(name) from None
    error.args = (error.message,)
    return error


def _attributes_of(kind: type[DataPlatformError]) -> dict[str, Form]:
    return {name: form_of(annotation) for name, annotation in get_type_hints(kind).items()}
