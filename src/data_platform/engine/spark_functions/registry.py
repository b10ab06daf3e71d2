"""The functions by Spark's names: rules that translate argument values to the value of the call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from data_platform.engine.spark_functions.fold import Fold
from data_platform.engine.spark_functions.value import Value
from data_platform.errors import FrameError

Rule = Callable[..., Value]

RULES: dict[str, Rule] = {}
"""Every function of values, by its name in lower case."""
FOLDS: set[str] = set()
"""The functions over many rows; the first argument of their rule is a Fold."""
RANKINGS: set[str] = set()
"""The functions that need a window with an order."""
HIGHER_ORDER: dict[str, Callable[..., Value]] = {}
"""Functions over lambdas; their rule takes the walk and the arguments' expressions."""


def register_rule(*names: str) -> Callable[[Rule], Rule]:
    """Registers a function of one row's values."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return register


def register_fold(*names: str, ranking: bool = False) -> Callable[[Rule], Rule]:
    """Registers an aggregate or a window function."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        FOLDS.update(names)
        if ranking:
            RANKINGS.update(names)
        return function

    return register


def register_higher_order(name: str) -> Callable[[Rule], Rule]:
    """Registers a function over lambdas."""

    def register(function: Rule) -> Rule:
        HIGHER_ORDER[name] = function
        return function

    return register


def read_name(node: exp.Expr) -> str:
    """The function's name in lower case."""
    return str(node.name).lower()


def apply(name: str, values: Sequence[Value], fold: Fold | None = None) -> Value:
    """The function of these values; FrameError for a wrong number of them."""
    function = RULES[name]
    arguments: list[Any] = [fold or Fold(name), *values] if name in FOLDS else list(values)
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        raise FrameError(f"{name}: {len(values)} arguments are not what it takes") from error
    return function(*arguments)


def make_unknown_function_error(name: str) -> FrameError:
    """The error for a function that frames do not support."""
    return FrameError(f"there is no function {name!r} for frames", hint="those of data_platform.functions are there")
