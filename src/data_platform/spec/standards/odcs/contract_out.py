"""Writes ODCS 3.2.0: one contract for each output, or for the outputs that share a `contract_id`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_platform.spec.access.written_form import write_access
from data_platform.spec.product.model import Output, OutputType, Product, Sla
from data_platform.spec.product.sla_properties import list_promises
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.access_text import CUSTOM_ACCESS, write_roles
from data_platform.spec.standards.custom import UNDECLARED, write_custom_properties
from data_platform.spec.standards.odcs.checks_out import (
    convert_rule,
    convert_unchecked,
    find_column,
    is_expectation,
    is_unique,
)
from data_platform.spec.standards.odcs.columns_out import convert_column
from data_platform.spec.standards.overlay import OWN, apply_overlay
from data_platform.spec.standards.team import write_description, write_team

API_VERSION = "v3.2.0"
PHYSICAL = {OutputType.TABLE: "table", OutputType.STREAM: "topic"}
RETENTION_ID = "retentionDays"

Json = dict[str, Any]


def write_contracts(product: Product, schemas: Mapping[str, TableSchema]) -> list[Json]:
    """The product's contracts, in the order of its outputs."""
    groups: dict[str, list[Output]] = {}
    for output in product.outputs:
        groups.setdefault(product.contract_id(output), []).append(output)
    return [write_contract(product, outputs, schemas) for outputs in groups.values()]


def write_contract(product: Product, outputs: Sequence[Output], schemas: Mapping[str, TableSchema]) -> Json:
    """The contract of outputs that share one, with what they say of it beyond ours."""
    contract = write_bare_contract(product, outputs, schemas)
    for output in outputs:
        contract = apply_overlay(
            contract, {key: value for key, value in output.odcs.items() if key not in ("schema", OWN)}
        )
    return contract


def write_bare_contract(product: Product, outputs: Sequence[Output], schemas: Mapping[str, TableSchema]) -> Json:
    """The contract without what was said of it as a whole; its tables are complete."""
    first = outputs[0]
    contract: Json = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": product.contract_id(first),
        "name": first.name,
        "version": product.output_version(first),
        "status": product.effective_status.value,
        "domain": product.domain,
        **write_description(product.description),
        **({"tags": list(product.tags)} if product.tags else {}),
        "team": write_team(product.owner),
        "schema": [write_table(product, output, schemas.get(product.label(output))) for output in outputs],
    }
    promises = _write_promises(outputs)
    if product.retention_days is not None:
        promises.append({"id": RETENTION_ID, "property": "retention", "value": product.retention_days, "unit": "days"})
    if promises:
        contract["slaProperties"] = promises
    named = product.name if product.effective_id != product.name else None
    if roles := write_roles(product.find_access(first)):
        contract["roles"] = roles
    return contract | write_custom_properties({"dataProductId": product.effective_id, "dataProductName": named})


def _write_promises(outputs: Sequence[Output]) -> list[Json]:
    """What the outputs promise; in a contract of several tables an element says which, unless all promise the same."""
    first = outputs[0].sla
    if len(outputs) == 1 or (first.freshness_column is None and all(_is_same_promise(o.sla, first) for o in outputs)):
        return list_promises(first, outputs[0].name)
    promises = [promise for output in outputs for promise in list_promises(output.sla, output.name, alone=False)]
    return [promise for at, promise in enumerate(promises) if promise not in promises[:at]]


def _is_same_promise(one: Sla, other: Sla) -> bool:
    """Equal but for the time zone, which is a property of the table."""
    return replace(one, timezone=None) == replace(other, timezone=None)


def write_table(product: Product, output: Output, schema: TableSchema | None) -> Json:
    """The output as a schema object, with what was said of it beyond ours."""
    over = output.odcs.get("schema", {})
    table = write_bare_table(product, output, schema)
    return dict(apply_overlay(table, over)) if isinstance(over, Mapping) else table


def write_bare_table(product: Product, output: Output, schema: TableSchema | None) -> Json:
    """The output as a schema object."""
    table: Json = {"name": output.name, "logicalType": "object", "physicalType": PHYSICAL[output.type]}
    if output.type is OutputType.STREAM:
        table["physicalName"] = product.topic(output)
    description = output.description or (schema.description if schema else None)
    if description:
        table["description"] = description
    if output.schema_path is not None:
        table["authoritativeDefinitions"] = [{"type": "implementation", "url": output.schema_path}]
    if output.tags:
        table["tags"] = list(output.tags)
    if schema is not None:
        table["properties"] = [convert_column(c, output.primary_key, output.partition_by) for c in schema]
    _insert_checks(table, output)
    return table | write_custom_properties(_collect_ours(product, output, schema))


def _insert_checks(table: Json, output: Output) -> None:
    """Put each check at its column, or at the table when it is about none (or about one of an unknown schema)."""
    properties = {column["name"]: column for column in table.get("properties", ())}
    unique = [rule for rule in output.rules if is_unique(rule) and rule.column in properties]
    for rule in unique:
        properties[rule.column or ""]["unique"] = True
    placed = [(find_column(rule), convert_rule(rule, output.name)) for rule in output.rules if rule not in unique]
    placed += [(check.column, convert_unchecked(check)) for check in output.unchecked]
    for column, check in placed:
        if column is not None and column not in properties:
            mine = write_custom_properties({"column": column})["customProperties"]
            check = {**check, "customProperties": [*check.get("customProperties", []), *mine]}
        properties.get(column or "", table).setdefault("quality", []).append(check)


def _collect_ours(product: Product, output: Output, schema: TableSchema | None) -> Json:
    """The values for which the standard has no field."""
    names = () if schema is None else schema.names
    listed = {"primaryKey": output.primary_key, "partitionBy": output.partition_by}
    undeclared = [] if output.description or not (schema and schema.description) else ["description"]
    return {
        **{name: list(columns) for name, columns in listed.items() if not set(columns) <= set(names)},
        "schemaDescription": schema.description if schema else None,
        "freshnessColumn": output.sla.freshness_column if output.sla.freshness is None else None,
        "timezone": output.sla.timezone,
        "rules": [rule.name for rule in output.rules] if _has_moved_rules(output, names) else [],
        "unchecked": [check.name for check in output.unchecked] if _has_moved_unchecked(output, names) else [],
        CUSTOM_ACCESS: write_access(product.find_access(output)),
        UNDECLARED: undeclared,
    }


def _find_position(column: str | None, names: Sequence[str]) -> int:
    """Where a reader finds a column's checks, after those of the table."""
    return names.index(column) if column in names else -1


def _has_moved_unchecked(output: Output, names: Sequence[str]) -> bool:
    positions = [_find_position(check.column, names) for check in output.unchecked]
    return positions != sorted(positions)


def _has_moved_rules(output: Output, names: Sequence[str]) -> bool:
    """Whether a reader, who finds the table's checks first and then column by column, would see another order."""
    positions = [
        (is_expectation(rule.declared), _find_position(find_column(rule), names), not is_unique(rule))
        for rule in output.rules
    ]
    return positions != sorted(positions)
