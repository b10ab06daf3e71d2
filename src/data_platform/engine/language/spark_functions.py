"""PySpark's functions, taken from sqlframe one call at a time: Columns go in, a Column comes out.

sqlframe knows how each function reads its arguments and what it is in SQL. Its session is a process-wide singleton
that would decide over names and dialects, so ours is put in place for the moment of the call, and any other restored.
Import costs 0.2 s, so it waits for the first function called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import RLock
from typing import Any

from sqlglot import Dialect, exp

from data_platform.engine.language.column import Column, default_name, value_of
from data_platform.engine.language.dialect import column
from data_platform.errors import FrameError

_lock = RLock()
_NAMED_BY_SPARK = frozenset({"count", "count_distinct", "sum_distinct", "mean", "explode"})
"""Functions whose result Spark names otherwise than by what was written."""
_CASE_SENSITIVE = "spark, normalization_strategy = case_sensitive"


def call(name: str, *args: Any, **options: Any) -> Column:
    """The PySpark function `name`; where it takes a column, text is a column's name, elsewhere a value."""
    function, signature = _function(name)
    try:
        bound = signature.bind(*args, **options)
    except TypeError as error:
        raise FrameError(f"{name}{signature}: {error}") from error
    for key, value in bound.arguments.items():
        takes_column = "ColumnOrName" in str(signature.parameters[key].annotation)
        bound.arguments[key] = _given(value, takes_column=takes_column)
    with _session():
        try:
            result = function(*bound.args, **bound.kwargs)
        except (TypeError, ValueError, AttributeError) as error:
            raise FrameError(f"{name}{signature}: {error}") from error
    made = result.expression.unalias()
    if name not in _NAMED_BY_SPARK:
        made.meta["written"] = f"{name}({', '.join(map(_written, (*args, *options.values())))})"
    return Column(made)


def _written(value: Any) -> str:
    return default_name(value.expression.unalias()) if isinstance(value, Column) else str(value)


@cache
def _function(name: str) -> tuple[Callable[..., Any], inspect.Signature]:
    function = getattr(import_module("sqlframe.base.functions"), name)
    return function, inspect.signature(function)


@cache
def _own_session() -> tuple[type[Any], Any]:
    base = import_module("sqlframe.base.session")._BaseSession
    standalone = import_module("sqlframe.standalone").StandaloneSession
    other, base._instance = base._instance, None
    session = standalone()
    session.input_dialect = Dialect.get_or_raise(_CASE_SENSITIVE)
    base._instance = other
    return base, session


@contextmanager
def _session() -> Iterator[None]:
    with _lock:
        base, session = _own_session()
        other, base._instance = base._instance, session
        try:
            yield
        finally:
            base._instance = other


def _given(value: Any, *, takes_column: bool) -> Any:
    if isinstance(value, Column):
        return _theirs(value.expression.unalias().copy())
    if isinstance(value, str) and takes_column:
        return _theirs(exp.Star() if value == "*" else column(value))
    if isinstance(value, list | tuple):
        return type(value)(_given(item, takes_column=takes_column) for item in value)
    return _Lambda(value) if inspect.isfunction(value) else value


def _theirs(expression: exp.Expr) -> Any:
    return import_module("sqlframe.base.column").Column(expression)


class _Lambda:
    """A user's lambda, called with our Columns; sqlframe reads its parameters' names from the signature."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__signature__ = inspect.signature(function)

    def __call__(self, *columns: Any) -> Any:
        return _theirs(value_of(self._function(*(Column(each.expression) for each in columns))))
