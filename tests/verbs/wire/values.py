"""Hypothesis strategies for values of every type that requests and answers use, made of their annotations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st

from data_platform.settings.read_options import ReadOptions
from data_platform.spec.policies.loading import PolicyFile, read_policies
from data_platform.spec.product.loading import ProductFile, parse_product
from data_platform.verbs.wire.generate import resolve_fields
from tests.strategies import texts

SCHEMA = '{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}'
PRODUCT = "name: {}\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n    schema: schemas/t.json\n"
POLICIES = "policies:\n  - name: {}\n"
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
ZONES = st.none() | st.just(dt.UTC) | st.integers(-86_399, 86_399).map(lambda s: dt.timezone(dt.timedelta(seconds=s)))
OPTIONS = (
    ReadOptions(),
    ReadOptions(delimiter=";", decimal=",", thousands="."),
    ReadOptions(header=False, columns=("a", "b"), nulls=("-",)),
    ReadOptions(date_format="%d.%m.%Y", zone="Europe/Zurich", encoding="utf-16"),
)


def _product(name: str) -> ProductFile:
    return parse_product(Path("shop/product.yaml"), PRODUCT.format(name), {"schemas/t.json": SCHEMA})


def _plain_values() -> st.SearchStrategy[Any]:
    simple = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.dates() | DECIMALS | MOMENTS
    keys = texts | st.sampled_from(["$int", "$object", "$nothing"])
    return st.recursive(
        simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
    )


DECIMALS = st.decimals().filter(lambda value: not value.is_snan())
MOMENTS = st.datetimes(timezones=ZONES)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    None: st.none(),
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(),
    str: texts,
    dt.datetime: MOMENTS,
    dt.date: st.dates(),
    dt.timedelta: st.timedeltas(),
    Decimal: DECIMALS,
    Path: texts.map(Path),
    ReadOptions: st.sampled_from(OPTIONS),
    ProductFile: NAMES.map(_product),
    PolicyFile: NAMES.map(lambda name: read_policies(POLICIES.format(name), "policies.yaml")),
}
DEEPEST = 3
ANYTHING = _plain_values()


def values_of(annotation: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of the annotated type; types that contain themselves end after two levels."""
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    if annotation is Any or annotation is object:
        return ANYTHING
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return st.one_of([values_of(argument, depth) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    kind = origin or annotation
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if is_dataclass(kind) or (issubclass(kind, list) and kind is not list):
        return st.deferred(lambda: _instances(kind, arguments, depth + 1))
    if kind is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*(values_of(argument, depth) for argument in arguments))
    if depth > DEEPEST:
        return st.builds(dict if issubclass(kind, Mapping) else frozenset if issubclass(kind, Set) else _empty(kind))
    if issubclass(kind, Mapping):
        return st.dictionaries(*(values_of(argument, depth) for argument in arguments), max_size=2)
    members = st.lists(values_of(arguments[0], depth), max_size=2)
    if issubclass(kind, Set):
        return members.map(frozenset)
    return members if kind is list else members.map(tuple)


def _empty(kind: type) -> type:
    return list if kind is list else tuple


def _instances(kind: type, arguments: tuple[Any, ...], depth: int) -> st.SearchStrategy[Any]:
    resolved = resolve_fields(kind, arguments)
    return st.builds(kind, **{name: values_of(type_, depth) for name, (type_, _) in resolved.items()})


def is_same(one: Any, other: Any) -> bool:
    """Whether both are equal and of one type, all through; NaN is NaN."""
    if isinstance(one, Sequence) and not isinstance(one, str) and len(one) != len(other):
        return False
    if isinstance(one, float | Decimal) and one != one:
        return type(one) is type(other) and other != other
    if type(one) is not type(other) and not isinstance(one, dt.tzinfo):
        return False
    if isinstance(one, dt.datetime):
        return one == other and one.utcoffset() == other.utcoffset()
    if isinstance(one, ProductFile):
        return one == other and one.schema_texts == other.schema_texts and one.claims == other.claims
    if is_dataclass(one):
        return all(is_same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one) if each.compare)
    if isinstance(one, Mapping):
        pairs = zip(sorted(one.items(), key=repr), sorted(other.items(), key=repr), strict=True)
        return len(one) == len(other) and all(is_same(a, b) for a, b in pairs)
    if isinstance(one, Set):
        return len(one) == len(other) and all(
            is_same(a, b) for a, b in zip(sorted(one, key=repr), sorted(other, key=repr), strict=True)
        )
    if isinstance(one, list | tuple):
        return all(is_same(a, b) for a, b in zip(one, other, strict=True)) and vars_of(one) == vars_of(other)
    return bool(one == other)


def vars_of(value: Any) -> dict[str, Any]:
    """The attributes of a list that has some."""
    return getattr(value, "__dict__", {})
