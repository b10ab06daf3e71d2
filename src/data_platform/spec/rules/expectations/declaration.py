"""Declaration of expectations: a function from its arguments to a `Rule`, checked, named and listed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, ParamSpec, TypedDict, get_args, get_type_hints

from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.model import AT_MOST_NONE, Bound, Declared, Measure, Rule, Severity

P = ParamSpec("P")
_EXPECTATIONS: dict[str, Callable[..., Rule]] = {}
EXPECTATIONS: Mapping[str, Callable[..., Rule]] = _EXPECTATIONS
"""Every expectation by its name; called with wrong arguments it raises ValueError."""


class Options(TypedDict, total=False):
    """The options of every expectation; `severity` is blocking (default) or warning."""

    severity: Severity | str
    name: str
    description: str
    dimension: str


class RowOptions(Options, total=False):
    """The option of an expectation about single rows: the share (0 to 1) of them that must conform."""

    mostly: float


class RangeOptions(Options, total=False):
    """The options of an expectation about a measured number: whether the ends are excluded."""

    strict_min: bool
    strict_max: bool


AnyOptions = Options | RowOptions | RangeOptions


def register_expectation(dimension: str) -> Callable[[Callable[P, Rule]], Callable[P, Rule]]:
    """Enter the function in `EXPECTATIONS`, check its arguments, and give its rule a name and a dimension."""

    def declare(build: Callable[P, Rule]) -> Callable[P, Rule]:
        @functools.wraps(build)
        def judged(*args: P.args, **kwargs: P.kwargs) -> Rule:
            declared = Declared(build.__name__, _judge_arguments(build, args, kwargs))
            try:
                rule = build(*args, **kwargs)
            except ValueError as error:
                raise ValueError(f"{build.__name__}: {error}") from error
            name = build.__name__ + (f"({', '.join(rule.columns)})" if rule.columns else "")
            named = replace(rule, name=rule.name or name, dimension=rule.dimension or dimension)
            return replace(named, declared=declared)

        _EXPECTATIONS[build.__name__] = judged
        return judged

    return declare


def make_rule(measure: Measure, columns: tuple[str, ...], options: AnyOptions, bound: Bound = AT_MOST_NONE) -> Rule:
    """The rule of a measure under the caller's options; `mostly` turns the bound into a share in percent."""
    mostly = options.get("mostly")
    if mostly is not None:
        bound = arguments.make_share_bound(mostly)
    return Rule(
        name=arguments.check_text("name", options.get("name")) or "",
        measure=measure,
        bound=bound,
        severity=arguments.parse_severity(options.get("severity", Severity.BLOCKING)),
        unit=arguments.resolve_unit(mostly),
        dimension=arguments.check_dimension(options.get("dimension")),
        description=arguments.check_text("description", options.get("description")),
        columns=columns,
        origin="expect",
    )


def _judge_arguments(
    build: Callable[P, Rule], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> dict[str, Any]:
    """The arguments by name as JSON values, without the options that a rule has fields for."""
    accepted = list_argument_names(build)
    for name in kwargs:
        if name not in accepted:
            near = get_close_matches(name, accepted, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(accepted)}"
            raise ValueError(f"{build.__name__} takes no argument {name!r}: {hint}")
    try:
        bound = inspect.signature(build).bind(*args, **kwargs).arguments
    except TypeError as error:
        raise ValueError(f"{build.__name__}: {error}; it takes {', '.join(accepted)}") from error
    given = {**bound, **bound.pop("options", {})}
    given.pop("options", None)
    return {name: arguments.to_json(value) for name, value in given.items() if name not in _FIELDS}


_FIELDS = get_type_hints(Options)
"""The options that become fields of the rule."""


def list_argument_names(build: Callable[..., Rule]) -> tuple[str, ...]:
    """All arguments that the expectation takes, its own first."""
    parameters = inspect.signature(build).parameters.values()
    own = [p.name for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    (shared,) = get_args(get_type_hints(build)["options"])
    return (*own, *get_type_hints(shared))
