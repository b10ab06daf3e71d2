"""The form of a type, made of its annotations: no verb has a codec of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import partial
from inspect import Parameter, signature
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from typing import Union as TypingUnion

from data_platform.verbs.wire.collections import Array, ByText, ByValue, FixedTuple, Open, Unordered
from data_platform.verbs.wire.files import FILES
from data_platform.verbs.wire.form import Form
from data_platform.verbs.wire.names import NAMES
from data_platform.verbs.wire.scalars import SCALARS, Choice, Number, choice_of
from data_platform.verbs.wire.structures import Structure, StructureMember, Union

_forms: dict[Any, Form] = {}
_SEQUENCES: Mapping[Any, tuple[str, Callable[[list[Any]], Any]]] = {
    tuple: ("tuple", tuple),
    Sequence: ("tuple", tuple),
    list: ("list", list),
}


def form_of(annotation: Any) -> Form:
    """The form of the annotated type; raises TypeError for a type that has none."""
    if annotation not in _forms:
        _forms[annotation] = _make_form(annotation)
    return _forms[annotation]


def resolve_fields(kind: type, arguments: tuple[Any, ...] = ()) -> dict[str, tuple[Any, bool]]:
    """Each field of a class with its type, and whether it is required; `arguments` are those of a generic class."""
    chosen = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=True))
    namespace = {**NAMES, **vars(sys.modules[kind.__module__])}
    if is_dataclass(kind):
        hints = get_type_hints(kind, localns=namespace)
        return {member.name: (_substitute(hints[member.name], chosen), _is_required(member)) for member in fields(kind)}
    hints = get_type_hints(kind.__init__, localns=namespace)  # type: ignore[misc]
    parameters = list(signature(kind).parameters.values())
    return {parameter.name: (hints[parameter.name], parameter.default is Parameter.empty) for parameter in parameters}


def _make_form(annotation: Any) -> Form:
    if annotation in SCALARS:
        return SCALARS[annotation]
    if annotation in FILES:
        return FILES[annotation]
    if annotation is Any or annotation is object:
        return Open()
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (TypingUnion, UnionType):
        return _make_union(arguments)
    if origin is Literal:
        return Choice("Literal", {word: word for word in arguments})
    kind = origin or annotation
    if not isinstance(kind, type):
        raise TypeError(f"{annotation} has no JSON form")
    if issubclass(kind, Enum):
        return choice_of(kind)
    if is_dataclass(kind):
        return Structure(kind, partial(_load_members, kind, arguments))
    if issubclass(kind, list) and kind is not list:
        return Structure(kind, partial(_load_list_members, kind))
    return _make_collection(annotation, kind, arguments)


def _make_collection(annotation: Any, kind: type, arguments: tuple[Any, ...]) -> Form:
    if kind is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        return FixedTuple([form_of(argument) for argument in arguments])
    if kind in _SEQUENCES and arguments:
        name, make = _SEQUENCES[kind]
        return Array(name, form_of(arguments[0]), make)
    if issubclass(kind, Set) and arguments:
        return Unordered(form_of(arguments[0]))
    if issubclass(kind, Mapping) and len(arguments) == 2:
        key, member = arguments
        return ByText(form_of(member)) if key is str else ByValue(form_of(key), form_of(member))
    raise TypeError(f"{annotation} has no JSON form")


def _make_union(arguments: tuple[Any, ...]) -> Form:
    if Any in arguments or object in arguments:
        return form_of(Any)
    kinds = list(arguments)
    numbers: list[Form] = []
    if int in kinds and float in kinds:
        kinds = [kind for kind in kinds if kind not in (int, float)]
        numbers = [Number()]
    forms = [*numbers, *map(form_of, kinds)]
    return forms[0] if len(forms) == 1 else Union(forms)


def _load_members(kind: type, arguments: tuple[Any, ...]) -> dict[str, StructureMember]:
    resolved = resolve_fields(kind, arguments)
    return {
        name: StructureMember(form_of(type_), required, attrgetter(name))
        for name, (type_, required) in resolved.items()
    }


def _load_list_members(kind: type) -> dict[str, StructureMember]:
    """The parameters of a list with attributes: the first takes the members, the others are its attributes."""
    (first, (members, required)), *others = resolve_fields(kind).items()
    read = {first: StructureMember(form_of(_as_list(members)), required, list)}
    return read | {name: StructureMember(form_of(type_), needed, attrgetter(name)) for name, (type_, needed) in others}


def _as_list(annotation: Any) -> Any:
    return list[get_args(annotation)[0]]  # type: ignore[misc]


def _is_required(member: Field[Any]) -> bool:
    return member.default is MISSING and member.default_factory is MISSING


def _substitute(annotation: Any, chosen: Mapping[Any, Any]) -> Any:
    """The annotation with the arguments in place of the type variables."""
    if isinstance(annotation, TypeVar):
        return chosen[annotation]
    parameters = getattr(annotation, "__parameters__", ())
    return annotation[tuple(chosen[parameter] for parameter in parameters)] if parameters and chosen else annotation
