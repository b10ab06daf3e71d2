"""Checks what product.yaml says about columns against the schemas: PII, keys, partitions, rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.product.access_columns import find_output_problems
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.schema.types import (
    ENCRYPTION,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from data_platform.spec.text.names import find_nearest, quote_text

TAG = "pii"


def tag_pii(schema: TableSchema, pii_columns: Collection[str]) -> TableSchema:
    """The schema with `pii_columns` tagged, and every PII column encrypted unless its file says "none"."""
    return replace(schema, columns=tuple(_tag_column(column, pii_columns) for column in schema.columns))


def _tag_column(column: SchemaColumn, pii_columns: Collection[str]) -> SchemaColumn:
    tags = column.tags if column.name not in pii_columns or TAG in column.tags else (*column.tags, TAG)
    tagged = replace(column, tags=tags)
    return replace(tagged, encryption=tagged.encryption or ENCRYPTION) if tagged.pii else tagged


def find_unknown_pii(product: Product, schemas: Mapping[str, TableSchema]) -> tuple[str, ...]:
    """The PII columns that no output has; none while a table without a schema might still have them."""
    unsettled = any(o.type is OutputType.TABLE and product.label(o) not in schemas for o in product.outputs)
    if unsettled or not schemas:
        return ()
    columns = {name for schema in schemas.values() for name in schema.names}
    return tuple(column for column in product.pii_columns if column not in columns)


def suggest_column(column: str, names: Collection[str]) -> str:
    """A hint that leads from a wrong column name to the right one."""
    near = find_nearest(column, names)
    return f"did you mean {near}?" if near else f"the columns are {', '.join(list(names)[:20])}"


def check_inferred(
    product: Product, output: Output, schema: TableSchema, others: Mapping[str, TableSchema] | None = None
) -> None:
    """Check against the schema of the first data what could not be checked when the product was registered.

    `others` are the schemas of the product's other outputs. Raises SchemaMismatch with every column that is missing.
    """
    wrong = [
        _report_missing(column, f"{what} names it, and the data does not have it", schema.names)
        for what, column in _iterate_named_columns(output)
        if schema.get(column) is None
    ]
    schemas = {**(others or {}), product.label(output): schema}
    columns = [name for schema in schemas.values() for name in schema.names]
    wrong += [
        _report_missing(column, "pii_columns names it, and no output has it", columns)
        for column in find_unknown_pii(product, schemas)
    ]
    wrong += [
        Mismatch(problem.column, "missing" if problem.is_missing else "type", f"`access` {problem.message}")
        for problem in find_output_problems(product, output, schemas)
    ]
    if wrong:
        raise SchemaMismatch(f"{product.name}.{output.name}", wrong)


def settle_schema(
    product: Product,
    output: Output,
    schema: TableSchema,
    others: Mapping[str, TableSchema],
    inherited: Collection[str] = (),
) -> TableSchema:
    """The schema of the first data as the output's own: PII tagged (`inherited` names too), and all checked.

    Raises SchemaMismatch.
    """
    tagged = tag_pii(schema, {*product.pii_columns, *inherited})
    check_inferred(product, output, tagged, others)
    check_partitions(f"{product.name}.{output.name}", tagged, output.partition_by)
    return tagged


def check_partitions(subject: str, schema: TableSchema, partition_by: Sequence[str]) -> None:
    """A partition's value is stored in clear in the table's metadata, and must be equal to itself.

    Raises SchemaMismatch for columns that are sealed, floating (NaN equals nothing), nested or of a fixed length.
    """
    columns = [column for name in partition_by if (column := schema.get(name)) is not None]
    wrong = [
        Mismatch(column.name, "type", f"cannot partition: {why}")
        for column in columns
        if (why := _find_unfit_reason(column))
    ]
    if wrong:
        raise SchemaMismatch(subject, wrong)


def _find_unfit_reason(column: SchemaColumn) -> str | None:
    if column.encrypted:
        return "it is encrypted, and a partition's value is stored in clear"
    floating = column.type in (Primitive(Kind.FLOAT), Primitive(Kind.DOUBLE))
    if floating or isinstance(column.type, ListOf | MapOf | Struct):
        return f"it is {column.type}, whose values are not surely equal or different"
    if isinstance(column.type, Fixed):
        return f"it is {column.type}, and Iceberg's Java library cannot read a table that is partitioned so"
    return None


def _report_missing(column: str, why: str, columns: Collection[str]) -> Mismatch:
    return Mismatch(column, "missing", f"{why}; {suggest_column(column, columns)}")


def _iterate_named_columns(output: Output) -> Iterator[tuple[str, str]]:
    yield from (("primary_key", column) for column in output.primary_key)
    yield from (("partition_by", column) for column in output.partition_by)
    if output.sla.freshness_column is not None:
        yield "freshness_column", output.sla.freshness_column
    yield from ((f"the rule {quote_text(rule.name)}", column) for rule in output.rules for column in rule.columns)
