"""A request is typed data that says which answer it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from pathlib import PurePath
from types import NoneType
from typing import Any, Generic, TypeVar, get_type_hints

from data_platform.errors import BadInput
from data_platform.spec.runtime_types import Checked, is_instance
from data_platform.spec.text.names import describe_character, find_unstorable_character, quote_text, quote_value
from data_platform.verbs.core.timestamps import to_utc

Answer = TypeVar("Answer", covariant=True)
LARGEST = 2**63 - 1
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "datetime": (datetime,),
    "date": (date,),
    "Moment": (date, str),
    "None": (NoneType,),
    "Sequence[str]": (Sequence,),
    "Path": (PurePath,),
    "tuple[str, ...]": (tuple, list),
}
"""What may be handed in for a field's type, by its name in the request's class."""
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "Path": "a path",
    "datetime": "a moment",
    "date": "a date",
    "Moment": "a moment",
    "Sequence[str]": "a list of texts",
    "tuple[str, ...]": "a list of texts",
}


_LISTS = frozenset(["Sequence[str]", "tuple[str, ...]"])
_MOMENTS = frozenset(["date", "Moment"])
"""Types of fields in which the verb itself reads a moment without a zone."""


class Request(Generic[Answer]):
    """The base of every verb's request; `Request[X]` is answered by an X."""

    __slots__ = ()


def check_request(request: object) -> None:
    """Raises BadInput for a field that holds another type than it declares, or what no record can hold."""
    if not isinstance(request, Request):
        raise BadInput(f"{quote_value(request)} is no request", hint="DataProduct.publish(output, data) makes one")
    _check_fields(request)


def _check_fields(request: Any) -> None:
    for field in fields(request):
        kinds = [part.strip() for part in str(field.type).split("|")]
        value = getattr(request, field.name)
        if all(kind in _KINDS for kind in kinds):
            _check_type(field.name, value, kinds)
        else:
            if not is_instance(value, _load_hints(request.__class__)[field.name]):
                raise BadInput(f"{field.name} must be {field.type}, and not {quote_value(value)}")
            for part in value if isinstance(value, tuple | list) else (value,):
                if isinstance(part, Checked):
                    _check_fields(part)
        _check_value(field.name, value)


@cache
def _load_hints(kind: type) -> Mapping[str, Any]:
    """The types of the fields; reading them takes longer than a statement of SQL."""
    return get_type_hints(kind)


def _check_type(name: str, value: Any, kinds: list[str]) -> None:
    allowed = tuple(kind for part in kinds for kind in _KINDS[part])
    fits = isinstance(value, allowed) and not (isinstance(value, bool) and bool not in allowed)
    if not fits or (not _LISTS.isdisjoint(kinds) and value is not None and not _is_list_of_texts(value)):
        words = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds if kind in _WORDS))
        raise BadInput(f"{name} must be {words}, and not {quote_value(value)}")
    if isinstance(value, datetime) and value.tzinfo is None and _MOMENTS.isdisjoint(kinds):
        raise BadInput(f"{name} {value} names no time zone", hint="such as datetime.now(UTC)")


def _is_list_of_texts(value: Any) -> bool:
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return listed and all(isinstance(item, str) for item in value)


def _check_value(name: str, value: Any) -> None:
    if isinstance(value, str):
        character = find_unstorable_character(value)
        if character is not None:
            raise BadInput(
                f"{name} {quote_text(value)} holds the character {describe_character(character)}", hint="remove it"
            )
    elif isinstance(value, datetime) and value.tzinfo is not None:
        to_utc(value)
    elif isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise BadInput(f"{name} is too large: {quote_text(str(value))}")
    elif isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, str):
                _check_value(name, item)
