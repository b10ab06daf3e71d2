"""Reads `expect` of an output: expectations by their names, as typed rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from data_platform.spec.product.yaml.declaration import PlacedRule
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node, read_plain
from data_platform.spec.product.yaml.vocabulary import (
    DESCRIPTION_LENGTH,
    EXPECTATION,
    EXPECTATION_OPTIONS,
    NAME_LENGTH,
    OVERLAY_LENGTH,
    SEVERITIES,
)
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.expectations.unsupported import UNSUPPORTED
from data_platform.spec.rules.measure_sql import query_problems
from data_platform.spec.rules.model import DIMENSIONS, Rule, Severity
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.scalars import ScalarKind
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar


def read_expectation(report: Report, node: Node, inputs: Collection[tuple[str, str]] = ()) -> PlacedRule | None:
    """One entry of `expect`: an expectation's name over its column or its arguments, with options beside it."""
    if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
        report.error(node.place, f"{quote_text(node.text)} names no column", f"write {node.text[:60]}: COLUMN")
        return None
    if not isinstance(node, Mapping):
        example = "write expect_column_values_to_not_be_null: COLUMN"
        report.error(node.place, f"an expectation must be a mapping, not {describe_node(node)}", example)
        return None
    key = _find_named_expectation(report, node)
    if key is None:
        return None
    fields = Fields(report, node, EXPECTATION, "the expectation")
    given = fields.find_node(key.text)
    rule = None if given is None else _read_expectation(report, key.text, given)
    if rule is not None and given is not None:
        for problem in query_problems(rule, inputs):
            report.error(given.place, problem.message, problem.hint)
    return None if rule is None else PlacedRule(_with_options(fields, rule), key.place)


def _find_named_expectation(report: Report, node: Mapping) -> Scalar | None:
    """The one expectation that the mapping names; other keys are reported."""
    keys = [key for key, _ in node.entries if key.text not in EXPECTATION_OPTIONS.names]
    named = [key for key in keys if key.text in EXPECTATIONS]
    others = [key for key in keys if key.text not in EXPECTATIONS]
    if len(named) > 1:
        both = " and ".join(key.text for key in named[:2])
        report.error(named[1].place, f"an entry of `expect` names one expectation, not {both}", "begin each with `- `")
    elif named and others:
        hint = f"write {named[0].text}: {{column: …, {others[0].text[:60]}: …}}"
        report.error(
            others[0].place, f"{quote_text(others[0].text)} is written beside the expectation, not inside it", hint
        )
    elif others and others[0].text in UNSUPPORTED:
        message = f"{others[0].text} of Great Expectations is not judged here"
        report.error(others[0].place, message, UNSUPPORTED[others[0].text])
    elif others:
        near = find_nearest(others[0].text, EXPECTATIONS)
        hint = f"did you mean {near}?" if near else "`expect_column_values_to_not_be_null` is one"
        report.error(others[0].place, f"there is no expectation {quote_text(others[0].text)}", hint)
    elif not named:
        report.error(node.place, "an entry of `expect` names no expectation", "begin it with one")
    return named[0] if len(keys) == len(named) == 1 else None


def _read_expectation(report: Report, name: str, value: Node) -> Rule | None:
    before = len(report.problems)
    given = read_plain(report, value, "an argument")
    if len(report.problems) > before:
        return None
    build = EXPECTATIONS[name]
    try:
        if isinstance(given, dict):
            return build(**given)
        return build(given)
    except ValueError as error:
        report.error(value.place, str(error))
        return None


def _with_options(fields: Fields, rule: Rule) -> Rule:
    return replace(
        rule,
        origin="expect",
        name=fields.read_text("name", NAME_LENGTH) or rule.name,
        severity=fields.read_choice("severity", Severity, SEVERITIES) or rule.severity,
        dimension=fields.read_word("dimension", DIMENSIONS) or rule.dimension,
        description=fields.read_text("description", DESCRIPTION_LENGTH, one_line=False) or rule.description,
        odcs=fields.read_plain("odcs", OVERLAY_LENGTH),
    )
