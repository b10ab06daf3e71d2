"""Writes ODCS 3.2.0: one contract for each output, or for the outputs that share a `contract_id`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_platform.spec.product.model import Output, OutputType, Product, Sla
from data_platform.spec.product.sla_properties import promises_of
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.custom import UNDECLARED, custom_properties
from data_platform.spec.standards.odcs.checks_out import (
    about,
    is_expectation,
    is_unique,
    rule_to_odcs,
    unchecked_to_odcs,
)
from data_platform.spec.standards.odcs.columns_out import column_to_odcs
from data_platform.spec.standards.overlay import OWN, laid
from data_platform.spec.standards.team import description_of, team_of

API_VERSION = "v3.2.0"
PHYSICAL = {OutputType.TABLE: "table", OutputType.STREAM: "topic"}
RETENTION_ID = "retentionDays"

Json = dict[str, Any]


def contracts_of(product: Product, schemas: Mapping[str, TableSchema]) -> list[Json]:
    """The product's contracts, in the order of its outputs."""
    groups: dict[str, list[Output]] = {}
    for output in product.outputs:
        groups.setdefault(product.contract_id(output), []).append(output)
    return [contract_of(product, outputs, schemas) for outputs in groups.values()]


def contract_of(product: Product, outputs: Sequence[Output], schemas: Mapping[str, TableSchema]) -> Json:
    """The contract of outputs that share one, with what they say of it beyond ours."""
    contract = bare_contract(product, outputs, schemas)
    for output in outputs:
        contract = laid(contract, {key: value for key, value in output.odcs.items() if key not in ("schema", OWN)})
    return contract


def bare_contract(product: Product, outputs: Sequence[Output], schemas: Mapping[str, TableSchema]) -> Json:
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
        **description_of(product.description),
        **({"tags": list(product.tags)} if product.tags else {}),
        "team": team_of(product.owner),
        "schema": [table_of(product, output, schemas.get(product.label(output))) for output in outputs],
    }
    promises = _promises(outputs)
    if product.retention_days is not None:
        promises.append({"id": RETENTION_ID, "property": "retention", "value": product.retention_days, "unit": "days"})
    if promises:
        contract["slaProperties"] = promises
    named = product.name if product.effective_id != product.name else None
    return contract | custom_properties({"dataProductId": product.effective_id, "dataProductName": named})


def _promises(outputs: Sequence[Output]) -> list[Json]:
    """What the outputs promise; in a contract of several tables an element says which, unless all promise the same."""
    first = outputs[0].sla
    if len(outputs) == 1 or (first.freshness_column is None and all(_same(o.sla, first) for o in outputs)):
        return promises_of(first, outputs[0].name)
    promises = [promise for output in outputs for promise in promises_of(output.sla, output.name, alone=False)]
    return [promise for at, promise in enumerate(promises) if promise not in promises[:at]]


def _same(one: Sla, other: Sla) -> bool:
    """Equal but for the time zone, which stands at the table."""
    return replace(one, timezone=None) == replace(other, timezone=None)


def table_of(product: Product, output: Output, schema: TableSchema | None) -> Json:
    """The output as a schema object, with what was said of it beyond ours."""
    over = output.odcs.get("schema", {})
    table = bare_table(product, output, schema)
    return dict(laid(table, over)) if isinstance(over, Mapping) else table


def bare_table(product: Product, output: Output, schema: TableSchema | None) -> Json:
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
        table["properties"] = [column_to_odcs(c, output.primary_key, output.partition_by) for c in schema]
    _place_checks(table, output)
    return table | custom_properties(_ours(output, schema))


def _place_checks(table: Json, output: Output) -> None:
    """Put each check at its column, or at the table when it is about none (or about one of an unknown schema)."""
    properties = {column["name"]: column for column in table.get("properties", ())}
    unique = [rule for rule in output.rules if is_unique(rule) and rule.column in properties]
    for rule in unique:
        properties[rule.column or ""]["unique"] = True
    placed = [(about(rule), rule_to_odcs(rule, output.name)) for rule in output.rules if rule not in unique]
    placed += [(check.column, unchecked_to_odcs(check)) for check in output.unchecked]
    for column, check in placed:
        if column is not None and column not in properties:
            mine = custom_properties({"column": column})["customProperties"]
            check = {**check, "customProperties": [*check.get("customProperties", []), *mine]}
        properties.get(column or "", table).setdefault("quality", []).append(check)


def _ours(output: Output, schema: TableSchema | None) -> Json:
    """What no field of the standard says."""
    names = () if schema is None else schema.names
    listed = {"primaryKey": output.primary_key, "partitionBy": output.partition_by}
    undeclared = [] if output.description or not (schema and schema.description) else ["description"]
    return {
        **{name: list(columns) for name, columns in listed.items() if not set(columns) <= set(names)},
        "schemaDescription": schema.description if schema else None,
        "freshnessColumn": output.sla.freshness_column if output.sla.freshness is None else None,
        "timezone": output.sla.timezone,
        "rules": [rule.name for rule in output.rules] if _out_of_order(output, names) else [],
        "unchecked": [check.name for check in output.unchecked] if _unchecked_out_of_order(output, names) else [],
        UNDECLARED: undeclared,
    }


def _place(column: str | None, names: Sequence[str]) -> int:
    """Where a reader finds a column's checks, after those of the table."""
    return names.index(column) if column in names else -1


def _unchecked_out_of_order(output: Output, names: Sequence[str]) -> bool:
    found = [_place(check.column, names) for check in output.unchecked]
    return found != sorted(found)


def _out_of_order(output: Output, names: Sequence[str]) -> bool:
    """Whether a reader, who finds the table's checks first and then column by column, would see another order."""
    found = [(is_expectation(rule.declared), _place(about(rule), names), not is_unique(rule)) for rule in output.rules]
    return found != sorted(found)
