"""The page of expectations and library metrics, asked from the functions themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import get_args, get_type_hints

from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.expectations.declaration import Options, RangeOptions, RowOptions
from data_platform.spec.rules.expectations.unsupported import UNSUPPORTED
from data_platform.spec.rules.metrics import ARGUMENTS
from data_platform.spec.rules.model import AT_MOST_NONE, DIMENSIONS, Operator, Rule

HEAD = """\
# Expectations and metrics

<!-- Written by `make docs` from docs/expectation_page.py. -->

Typed rules, for those who would rather not write SQL. In product.yaml they stand under `expect` and `quality_rules`
([fields](product-yaml.md#expect)); on a pipeline they are functions of `data_platform.quality`:

    from data_platform.quality import expect_column_values_to_be_between

    @product.pipeline(output="orders", expectations=[expect_column_values_to_be_between("amount", min_value=0)])

Names, arguments and meaning are those of Great Expectations 1.x: a null is passed over except where nulls are the
subject, `mostly` is the share of the non-null values that must conform, a regular expression (RE2) matches anywhere in
the text.

## Expectations

"""

OPTIONS = {
    Options: "all of them",
    RowOptions: "those about single rows",
    RangeOptions: "those about a measured number",
}
MEANINGS = {
    "severity": "`blocking` (the default) refuses the publish, `warning` is recorded",
    "name": "the rule's name; by default the expectation's, with its columns",
    "description": "why the rule exists",
    "dimension": f"one of ODCS's: {', '.join(DIMENSIONS)}; each expectation has its own by default",
    "mostly": "the share, from 0 to 1, of the rows that must conform; 1 by default",
    "strict_min": "whether `min_value` is itself out",
    "strict_max": "whether `max_value` is itself out",
}

METRICS = {
    "nullValues": "rows in which `column` is null",
    "missingValues": "rows in which `column` is null or one of `missingValues`",
    "invalidValues": "rows in which `column` is none of `validValues`, or has no match of `pattern`; nulls are valid",
    "duplicateValues": "rows beyond the first of those with equal values in `column`, or in all of `properties`",
    "rowCount": "rows of the table",
}
SIGNS = {
    Operator.MUST_BE: "= N",
    Operator.MUST_NOT_BE: "≠ N",
    Operator.GREATER: "> N",
    Operator.GREATER_OR_EQUAL: "≥ N",
    Operator.LESS: "< N",
    Operator.LESS_OR_EQUAL: "≤ N; `threshold: N` says the same",
    Operator.BETWEEN: "from LOW to HIGH, both included; written `[LOW, HIGH]`",
    Operator.NOT_BETWEEN: "below LOW or above HIGH",
}


def expectation_page() -> str:
    """docs/reference/expectations.md."""
    parts = [
        HEAD,
        *map(_entry, EXPECTATIONS.values()),
        "## Options\n\n",
        _options(),
        _refused(),
        _metrics(),
        _operators(),
    ]
    return "".join(parts)


def _entry(build: Callable[..., Rule]) -> str:
    name, meaning = build.__name__, " ".join((build.__doc__ or "").split())
    return f"### `{name}`\n\n    {name}({', '.join(_parameters(build))})\n\n{meaning}\n\n"


def _parameters(build: Callable[..., Rule]) -> Iterator[str]:
    for parameter in inspect.signature(build).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            (options,) = get_args(get_type_hints(build, include_extras=True)[parameter.name]) or (Options,)
            yield from (f"{name}=…" for name in _own(options))
            yield "**options"
        else:
            yield str(parameter.replace(annotation=inspect.Parameter.empty))


def _own(options: type) -> list[str]:
    """The options that not every expectation takes."""
    return [name for name in options.__annotations__ if name not in Options.__annotations__]


def _options() -> str:
    rows = [(name, MEANINGS[name], who) for kind, who in OPTIONS.items() for name in _new(kind)]
    return _table(("Option", "Meaning", "Taken by"), rows)


def _new(options: type) -> list[str]:
    return _own(options) if options is not Options else list(Options.__annotations__)


def _refused() -> str:
    head = "\n## Not judged here\n\nThese core expectations of Great Expectations are refused by name:\n\n"
    return head + _table(("Expectation", "Why, and what says it"), list(UNSUPPORTED.items()))


def _metrics() -> str:
    rows = [
        (metric, METRICS[metric], ", ".join(f"`{word}`" for word in known) or "none")
        for metric, known in ARGUMENTS.items()
    ]
    return "\n## Library metrics\n\nThe five of ODCS 3.2.0, under `quality_rules`.\n\n" + _table(
        ("`metric`", "Counts", "Its `arguments`"), rows
    )


def _operators() -> str:
    head = f"\n## Operators\n\nWhat the measured value must be; without one, at most {AT_MOST_NONE.value}.\n\n"
    return head + _table(("Operator", "The value is"), [(each.value, SIGNS[each]) for each in Operator])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| `{first}` | {' | '.join(rest)} |" for first, *rest in rows), ""])
