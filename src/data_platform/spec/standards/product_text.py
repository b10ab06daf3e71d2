"""Writes product.yaml from a product, in our form: what is undeclared is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.spec.access.written_form import write_access
from data_platform.spec.product.model import Expectations, Input, Output, OutputType, Product, Sla
from data_platform.spec.product.sla_properties import serialize_promise
from data_platform.spec.product.watching import serialize_alerts, serialize_oncall
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.metrics import ARGUMENTS
from data_platform.spec.rules.model import Bound, Declared, Operator, Rule, Severity, Unchecked, Unit
from data_platform.spec.standards.odcs.checks_out import measure_sql
from data_platform.spec.standards.yaml_out import write_yaml

Json = dict[str, Any]
_APART = ("outputs", "inputs", "tags", "odps")
"""The fields before which a line is left empty."""


def write_product_text(product: Product) -> str:
    """The text of product.yaml."""
    fields = write_product_fields(product)
    parts = [write_yaml({name: value}) for name, value in fields.items()]
    return "".join(f"\n{part}" if name in _APART else part for name, part in zip(fields, parts, strict=True))


def write_product_fields(product: Product) -> Json:
    """The product as the fields of product.yaml."""
    return _filter_set(
        {
            "name": product.name,
            "domain": product.domain,
            "owner": product.owner,
            "description": product.description,
            "id": product.id,
            "version": product.version,
            "status": product.status and product.status.value,
            "retention_days": product.retention_days,
            "oncall": serialize_oncall(product.oncall, product.handover),
            "alerts": serialize_alerts(product.alerts, product.alert_terms),
            "outputs": [_write_output(output) for output in product.outputs],
            "inputs": [_write_input(entry) for entry in product.inputs],
            "tags": list(product.tags),
            "pii_columns": list(product.pii_columns),
            "access": write_access(product.access),
            "odps": product.odps,
        }
    )


def _filter_set(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def _write_output(output: Output) -> Json:
    rules = [rule for rule in output.rules if not _is_expectation(rule)]
    return _filter_set(
        {
            "name": output.name,
            "type": output.type.value,
            "description": output.description,
            "version": output.version,
            "schema": output.schema_path,
            "topic": output.topic if output.type is OutputType.STREAM else None,
            "primary_key": _write_columns(output.primary_key),
            "partition_by": _write_columns(output.partition_by),
            "sla": _write_sla(output.sla),
            "quality_rules": [_write_rule(rule, output.name) for rule in rules],
            "expect": [_write_expectation(rule) for rule in output.rules if _is_expectation(rule)],
            "unchecked": [_write_unchecked(check) for check in output.unchecked],
            "tags": list(output.tags),
            "contract_id": output.contract_id,
            "access": write_access(output.access),
            "odcs": output.odcs,
            "odps": output.odps,
        }
    )


def _write_columns(columns: tuple[str, ...]) -> str | list[str]:
    return columns[0] if len(columns) == 1 else list(columns)


def _write_sla(sla: Sla) -> Json:
    return _filter_set(
        {
            "freshness": sla.freshness_text,
            "freshness_column": sla.freshness_column,
            "availability": sla.availability_text,
            "timezone": sla.timezone,
            "properties": [
                {key: value for key, value in serialize_promise(promise).items() if value is not None}
                for promise in sla.properties
            ],
        }
    )


def _is_expectation(rule: Rule) -> bool:
    return rule.declared is not None and rule.declared.name in EXPECTATIONS


def _write_rule(rule: Rule, table: str) -> Json:
    metric = rule.declared if rule.declared is not None and rule.declared.name in ARGUMENTS else None
    listed = metric is not None and "properties" in metric.arguments
    what = {
        "rule": rule.name,
        "sql": None if metric else measure_sql(rule, table),
        "metric": metric and metric.name,
        "column": None if listed else rule.column,
        "arguments": dict(metric.arguments) if metric else None,
    }
    return _filter_set(what) | _write_judgement(rule)


def _write_judgement(rule: Rule) -> Json:
    unit = rule.unit.value if rule.unit is Unit.PERCENT else None
    severity = rule.severity.value if rule.severity is Severity.WARNING else None
    rest = {"unit": unit, "severity": severity, "dimension": rule.dimension, "description": rule.description}
    return {**_write_bound(rule.bound), **_filter_set({**rest, "odcs": rule.odcs})}


def _write_bound(bound: Bound) -> Json:
    word = "threshold" if bound.operator is Operator.LESS_OR_EQUAL else bound.operator.value
    return {word: list(bound.value) if isinstance(bound.value, tuple) else bound.value}


def _write_expectation(rule: Rule) -> Json:
    declared = rule.declared or Declared("")
    built = EXPECTATIONS[declared.name](**declared.arguments)
    alone = declared.arguments.keys() == {"column"}
    given: Mapping[str, Any] | str = declared.arguments["column"] if alone else dict(declared.arguments)
    different = {
        field: getattr(rule, field)
        for field in ("name", "severity", "dimension", "description")
        if getattr(rule, field) != getattr(built, field)
    }
    return {
        declared.name: given,
        **{key: str(value) for key, value in different.items()},
        **_filter_set({"odcs": rule.odcs}),
    }


def _write_unchecked(check: Unchecked) -> Json:
    return _filter_set({"name": check.name, "column": check.column, "why": check.why, "check": check.check})


def _write_input(entry: Input) -> Json:
    fields = {"data_product": entry.data_product, "output": entry.output}
    expectations = write_expectations(entry.expectations, entry.output)
    return _filter_set({**fields, "version": entry.version, "expectations": expectations, "odps": entry.odps})


def write_expectations(wanted: Expectations, output: str) -> Json:
    """What is expected of an input, in product.yaml's words; empty when nothing is."""
    rules = [_write_rule(rule, output) for rule in wanted.rules]
    enforcement = wanted.enforcement and wanted.enforcement.value
    return _filter_set({"columns": list(wanted.columns), "rules": rules, "enforcement": enforcement})
