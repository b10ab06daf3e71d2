"""Reads `expectations` of an input: what this product needs of what it reads."""

from __future__ import annotations

from data_platform.spec.product.model import Expectations
from data_platform.spec.product.yaml.declaration import PlacedRule
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.rules import Readable, read_rule
from data_platform.spec.product.yaml.vocabulary import EXPECTED, MOST_EXPECTED, NAME_LENGTH, SEVERITIES
from data_platform.spec.rules.model import Rule, Severity
from data_platform.spec.text.names import quote_text


def read_expectations(entry: Fields, output: str) -> Expectations:
    """The expectations of the input `entry`; the SQL of their rules reads its `output` and nothing else."""
    node = entry.read_mapping("expectations")
    if node is None:
        return Expectations()
    fields = Fields(entry.report, node, EXPECTED, "`expectations`")
    return Expectations(
        columns=fields.read_texts("columns", NAME_LENGTH),
        rules=_read_rules(fields, output),
        enforcement=fields.read_choice("enforcement", Severity, SEVERITIES),
    )


def _read_rules(fields: Fields, output: str) -> tuple[Rule, ...]:
    written = fields.read_items("rules", '[{rule: NAME, sql: "SELECT …", threshold: 0}]', MOST_EXPECTED)
    first: dict[str, PlacedRule] = {}
    for node in written:
        placed = read_rule(fields.report, node, Readable(output, ()))
        if placed is None:
            continue
        name = placed.rule.name
        if name and name in first:
            message = f"the rule {quote_text(name)} appears twice, first in line {first[name].place.line}"
            fields.report.error(placed.place, message, "give each rule of an input a name of its own")
        first.setdefault(name, placed)
    return tuple(placed.rule for placed in first.values())
