"""Type checks at run time, for the annotations that requests use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin


class Checked:
    """The base of what is handed in as a field of a request, and whose own fields are checked like a request's."""

    __slots__ = ()


def is_instance(value: object, annotation: Any) -> bool:
    """Whether `value` is of the annotated type; members of collections are checked, arguments of functions are not."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is NoneType:
        return value is None
    if annotation is Any or origin is Literal or isinstance(annotation, TypeVar):  # a word is judged by its verb
        return True
    if origin in (Union, UnionType):
        return any(is_instance(value, argument) for argument in arguments)
    if origin is Callable or annotation is Callable:
        return callable(value)
    if origin is None:
        return isinstance(value, annotation)
    if not isinstance(value, (tuple, list) if origin is tuple else origin):
        return False
    if isinstance(value, Mapping):
        key, inner = arguments
        return all(is_instance(k, key) and is_instance(v, inner) for k, v in value.items())
    if isinstance(value, Collection) and len(arguments) == (2 if origin is tuple else 1):
        return all(is_instance(member, arguments[0]) for member in value)
    return True
