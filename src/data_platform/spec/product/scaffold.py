"""Writes a first product: files that validate and publish unchanged, and say what to change."""

from __future__ import annotations

import json

import sqlglot

from data_platform.errors import BadInput
from data_platform.spec.text.names import NAME, find_hidden_character, name_problem, quote_text, suggest_valid_name
from data_platform.spec.text.yaml.scalars import ScalarKind, detect_kind

_PRODUCT = """\
# A data product: change what you like, then run `data-platform validate .`
name: {name}
domain: {domain}
owner: {owner}
description: "TODO: what the product is for, and for whom."
version: "0.1.0"  # MAJOR.MINOR.PATCH, in quotes

outputs:
  - name: {output}
    type: table
    description: "TODO: what one row is."
    schema: schemas/{table}.json
    primary_key: id
    sla:
      freshness: "1 day"
      availability: "99%"
    quality_rules:
      # The SQL counts what is wrong; more than `threshold` refuses the publish.
      - rule: no_negative_amounts
        sql: "SELECT COUNT(*) FROM {table} WHERE amount < 0"
        threshold: 0
    expect:
      - expect_column_values_to_not_be_null: amount
        severity: warning  # recorded, and does not refuse

# What the product reads from others:
# inputs:
#   - data_product: customers-data-product
#     output: customers_dim

tags: [{domain}]
pii_columns: [email]  # encrypted from the first byte
"""

_SCHEMA = """\
{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "{table}",
  "description": "TODO: what one row is.",
  "type": "object",
  "required": ["id", "created_at"],
  "additionalProperties": false,
  "properties": {{
    "id": {{"type": "integer", "description": "TODO: who gives the number."}},
    "email": {{"type": ["string", "null"], "format": "email"}},
    "amount": {{"type": ["number", "null"], "description": "In CHF."}},
    "created_at": {{"type": "string", "format": "date-time"}}
  }}
}}
"""

_SAMPLE = """\
id,email,amount,created_at
1,ann@example.org,12.5,2026-01-31T08:15:00Z
2,bob@example.org,7.25,2026-01-31T09:30:00Z
3,,19.9,2026-01-31T11:45:00Z
"""

_PIPELINE = '''\
"""Builds {table}: `data-platform run ./product.yaml`."""

from pathlib import Path

from data_platform import DataProduct

HERE = Path(__file__).parent
product = DataProduct.load(HERE / "product.yaml")


@product.pipeline(output={quoted})
def build():
    """Return the rows to publish: a file as here, a DataFrame of `product.consume(…)`, Arrow, polars or pandas."""
    return HERE / "data" / "{table}.csv"
'''


def make_scaffold(name: str, domain: str, owner: str, output: str | None = None) -> dict[str, str]:
    """The files of a new product by relative path; BadInput when a name is none. The output is named after it."""
    for what, text in (("product", name), ("domain", domain), ("output", output or name)):
        if problem := name_problem(text):
            suggestion = suggest_valid_name(text)
            raise BadInput(f"the {what} {quote_text(text)} {problem}", hint=suggestion and f"write {suggestion}")
    if find_hidden_character(owner) or not owner.strip():
        raise BadInput(f"the owner {quote_text(owner)} is no line of text", hint="write a team's or a person's address")
    table = _name_table(output or name)
    values = {"name": name, "domain": domain, "owner": owner, "output": output or table}
    words = {
        "table": table,
        "quoted": json.dumps(output or table),
        **{word: _quote_yaml(text) for word, text in values.items()},
    }
    return {
        "product.yaml": _PRODUCT.format(**words),
        f"schemas/{table}.json": _SCHEMA.format(**words),
        f"data/{table}.csv": _SAMPLE,
        "pipeline.py": _PIPELINE.format(**words),
    }


def _quote_yaml(text: str) -> str:
    """The text as YAML reads it back: quoted unless it is a plain word that means nothing else."""
    return (
        text if NAME.fullmatch(text) and detect_kind(text) is ScalarKind.TEXT else json.dumps(text, ensure_ascii=False)
    )


def _name_table(product: str) -> str:
    """The product's name as a table's: without its ending, and readable in SQL without quotes."""
    full = product.replace("-", "_")
    table = full.removesuffix("_data_product")
    if name_problem(table) or table in sqlglot.Dialect.get_or_raise("duckdb").generator().RESERVED_KEYWORDS:
        return f"{table[:58]}_rows"
    return table
