"""Reads `expectations` of an input: what this product needs of what it reads."""

from __future__ import annotations

from data_platform.spec.product.model import Expectations
from data_platform.spec.product.yaml.claims import PlacedRule
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.rules import Readable, read_rule
from data_platform.spec.product.yaml.vocabulary import EXPECTED, MOST_EXPECTED, NAME_LENGTH, SEVERITIES
from data_platform.spec.rules.model import Rule, Severity
from data_platform.spec.text.names import shown


def read_expectations(entry: Fields, output: str) -> Expectations:
    """The expectations of the input `entry`; the SQL of their rules reads its `output` and nothing else."""
    node = entry.mapping("expectations")
    if node is None:
        return Expectations()
    fields = Fields(entry.report, node, EXPECTED, "`expectations`")
    return Expectations(
        columns=fields.texts("columns", NAME_LENGTH),
        rules=_rules(fields, output),
        enforcement=fields.choice("enforcement", Severity, SEVERITIES),
    )


def _rules(fields: Fields, output: str) -> tuple[Rule, ...]:
    written = fields.items("rules", '[{rule: NAME, sql: "SELECT …", threshold: 0}]', MOST_EXPECTED)
    first: dict[str, PlacedRule] = {}
    for node in written:
        found = read_rule(fields.report, node, Readable(output, ()))
        if found is None:
            continue
        name = found.rule.name
        if name and name in first:
            message = f"the rule {shown(name)} stands twice, first in line {first[name].place.line}"
            fields.report.error(found.place, message, "give each rule of an input a name of its own")
        first.setdefault(name, found)
    return tuple(found.rule for found in first.values())
