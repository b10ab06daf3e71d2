"""The page of product.yaml's fields, asked from the words that the loader knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from data_platform.spec.product.duration import UNITS
from data_platform.spec.product.editor_schema import make_editor_schema
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary import (
    ACCESS,
    AUTO_APPROVE,
    EXPECTATION_OPTIONS,
    INPUT,
    OUTPUT,
    PRODUCT,
    READER,
    RULE,
    SLA,
    SLA_PROPERTY,
)
from data_platform.spec.product.yaml.vocabulary.watching import ALERT, ONCALL, QUIET_HOURS
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.metrics import ARGUMENTS
from data_platform.spec.text.file import LARGEST
from data_platform.spec.text.names import NAME, NAME_RULE
from data_platform.spec.text.yaml.tree import MAX_DEPTH, MAX_NODES

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "mapping",
}

INTRODUCTION = f"""\
# product.yaml

<!-- Written by `make docs` from docs/product_page.py. -->

Four fields make a product:

    name: my-data-product
    domain: my-domain
    owner: my-team@company.com
    outputs:
      - name: my_table

`data-platform validate .` tells all problems of the file and of its schemas at once, each with its line and column.
[product.schema.json](product.schema.json) is the same for editors.

**Names** of domains, products and outputs are safe as folder, as quoted SQL identifier and in a URL: `{NAME.pattern}`,
{NAME_RULE}. Names of Windows devices (`con`, `nul`, …) are refused.

**Text** that YAML reads as something else is refused until it is quoted: `domain: no`, `version: 1.10`. Descriptions
and tags are free text; names, owners and columns hold no hidden characters.

**YAML** is UTF-8, one document, at most {LARGEST:,} bytes, {MAX_NODES:,} values (aliases written out) and {MAX_DEPTH}
levels. Tags, merge keys and directives are refused, and so are unknown fields.

**Also written as** names what ODCS 3.2.0 and ODPS 1.1.0 call the same; where both stand, the file is refused.
"""

AFTER_OUTPUT = """
An output without `schema` takes it from its first publish; from then on it is the contract, and `primary_key`,
`partition_by`, `pii_columns` and the columns of rules are judged by it then. A schema file lies beside or below
product.yaml; a link that leaves the folder is refused.
"""

AFTER_SLA = f"""
A duration is one number and one unit: {", ".join(f"{unit}s" for unit in UNITS)}. Months and years have no fixed length:
write days.
"""

AFTER_PROMISES = """
`slaProperties` instead of `sla` is ODCS's list as a whole: latency (or freshness) and availability in it are what we
measure, and the `element` of latency names the column.
"""

AFTER_ACCESS = """
`masks` and the columns of `readers` that the product declares may belong to one of its outputs alone; a row filter has
to fit every output. `rows` is a condition over columns, constants and attributes of the principal:
`region = principal.region and amount < 1000`. It is made of `=`, `<>`, `<`, `<=`, `>`, `>=`, `IN (…)`, `BETWEEN`,
`IS NULL`, `AND`, `OR`, `NOT` and parentheses; constants are text, numbers, TRUE, FALSE, DATE '2026-01-31' and
TIMESTAMP '2026-01-31 12:00:00'. A principal without an attribute that it names sees no row.
"""

EXPECT = """
An entry names an [expectation](expectations.md) over its column, its list of columns, or its arguments. Options stand
beside it:

    expect:
      - expect_column_values_to_not_be_null: order_id
      - expect_column_values_to_be_between: {column: total_amount, min_value: 0}
        severity: warning
"""


def product_page() -> str:
    """docs/reference/product-yaml.md."""
    return "\n".join(
        [
            INTRODUCTION,
            _section("The product", PRODUCT),
            _section("`outputs`", OUTPUT) + AFTER_OUTPUT,
            _section("`sla`", SLA) + AFTER_SLA,
            _section("`sla.properties`", SLA_PROPERTY) + AFTER_PROMISES,
            _section("`quality_rules`", RULE) + _metrics(),
            "## `expect`\n" + EXPECT,
            _table(EXPECTATION_OPTIONS) + _expectations(),
            _section("`inputs`", INPUT),
            _section("`alerts`", ALERT),
            _section("`alerts.quiet_hours`", QUIET_HOURS),
            _section("`oncall`", ONCALL),
            _section("`access`", ACCESS) + AFTER_ACCESS,
            _section("`access.readers`", READER),
            _section("`access.auto_approve`", AUTO_APPROVE),
        ]
    )


def product_schema() -> str:
    """docs/reference/product.schema.json."""
    return json.dumps(make_editor_schema(), indent=2, ensure_ascii=False) + "\n"


def _section(title: str, words: Words) -> str:
    return f"## {title}\n\n{_table(words)}"


def _table(words: Words) -> str:
    rows = [f"| `{w.name}` | {_type(w)} | {w.meaning} | {_example(w)} | {_aliases(w)} |" for w in words.words]
    head = ["| Field | Type | Meaning | Example | Also written as |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _type(word: Word) -> str:
    return f"{_kind(word.shape)}, **required**" if word.required else _kind(word.shape)


def _kind(shape: Mapping[str, Any]) -> str:
    """A JSON Schema in a word or two."""
    if "enum" in shape:
        return "one of " + ", ".join(f"`{value}`" for value in shape["enum"])
    if choices := shape.get("anyOf") or shape.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_kind, choices)))
    kinds = shape.get("type", ())
    return " or ".join(TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _example(word: Word) -> str:
    return "" if word.example == "…" else f"`{word.example}`"


def _aliases(word: Word) -> str:
    return ", ".join(f"`{alias}`" for alias in word.aliases)


def _metrics() -> str:
    rows = [f"| `{metric}` | {', '.join(f'`{a}`' for a in known)} |" for metric, known in ARGUMENTS.items()]
    return "\n".join(["", "| Metric | Its `arguments` |", "|---|---|", *rows, ""])


def _expectations() -> str:
    rows = [f"| `{name}` | {(build.__doc__ or '').partition(chr(10))[0]} |" for name, build in EXPECTATIONS.items()]
    return "\n".join(["", "| Expectation | Holds when |", "|---|---|", *rows, ""])
