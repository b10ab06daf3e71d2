"""The outputs that a contract lists: what refuses them, and their rows in the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.governance.changes import UNPROMISED
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.declared_columns import check_partitions, tag_pii
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.lookup.effective_contract import is_listed
from data_platform.verbs.core.lookup.resolve import find_output_row


def refuse_retired(product: str, rows: Iterable[OutputRow], new: Contract) -> None:
    """Raises Refused for a retired major: its readers have moved."""
    for output in new.product.outputs:
        row = find_output_row(rows, new.product, output)
        if row is not None and row.closed:
            label = f"{output.name}@{row.major}"
            raise Refused(
                f"{product}.{label} was retired, and product.yaml lists it",
                hint=f"remove it from the file, or raise its version to {(row.major or 0) + 1}.0.0",
            )


def refuse_shared_topics(tx: Connection, new: Contract) -> None:
    """Raises Refused for a topic of another stream: its readers would get two schemas."""
    product = new.product
    for output in product.outputs:
        if output.type is not OutputType.STREAM:
            continue
        topic, major = product.topic(output), product.major(output)
        for row in outputs.list_with_topic(tx, topic):
            own = row.product == product.name and (is_listed(product, row) or row.version == 0)
            if not own:
                raise Refused(
                    f"the topic {topic} of {output.name} is that of {row.product}.{row.name}, too",
                    hint=f"write `topic: {topic}.v{major}` below it, or another of its own",
                )


def warn_of_unencrypted(rows: Iterable[OutputRow], new: Contract) -> Iterator[str]:
    """Columns that are personal data from now on, and lie in clear in the versions published so far."""
    for label, output in ((new.product.label(output), output) for output in new.product.outputs):
        row, schema = find_output_row(rows, new.product, output), new.schemas.get(label)
        if row is None or row.version == 0 or schema is None or row.schema is None:
            continue
        clear = {column.name for column in row.schema if not column.encrypted}
        names = [column.name for column in schema if column.encrypted and column.name in clear]
        if names:
            columns = ", ".join(names)
            yield f"{label} holds {columns} in clear up to version {row.version}, beyond the reach of key erasure"


def save_outputs(
    tx: Connection, contract: Contract, revision: int, existing: Sequence[OutputRow], old: Contract | None = None
) -> list[OutputRow]:
    """Makes a row for each major that is listed; the first of an output has its plain name for a key. Returns all."""
    product, rows = contract.product, list(existing)
    for output in sorted(product.outputs, key=product.major):
        row = find_output_row(rows, product, output) or _build_output_row(product, output, rows)
        row = replace(_update_output_row(contract, output, row), revision=revision)
        outputs.save(tx, row)
        rows.append(row)
    for row in existing:
        if is_listed(product, row) or row.retired:
            continue
        highest = product.find_output(row.base)
        beyond = highest is None or product.major(highest) < (row.major or 0)
        free = old is not None and old.product.effective_status in UNPROMISED
        if row.version == 0 or (free and beyond):
            row = replace(row, retired=True, deprecated_at=None, ends_at=None)  # no act closed it: it may come back
        outputs.save(tx, row)
    return rows


def _build_output_row(product: Product, output: Output, rows: Iterable[OutputRow]) -> OutputRow:
    major = product.major(output)
    name = f"{output.name}@{major}" if any(row.base == output.name for row in rows) else output.name
    return OutputRow(product.name, name, output.type.value, None, None, False, {}, 0, output=output.name, major=major)


def _update_output_row(contract: Contract, output: Output, row: OutputRow) -> OutputRow:
    label = contract.product.label(output)
    schema = contract.schemas.get(label) or _find_inferred_schema(contract, row)
    topic = contract.product.topic(output) if output.type is OutputType.STREAM else None
    row = replace(row, type=output.type.value, topic=topic, retired=False)
    if schema is None:
        return row
    check_partitions(f"{contract.product.name}.{label}", schema, output.partition_by)
    ids, last = assign_ids(schema, row.field_ids, row.last_column_id)
    inferred = label not in contract.schemas
    stored = StoredSchema.of(schema)
    return replace(row, stored_schema=stored, inferred=inferred, field_ids=ids, last_column_id=last)


def _find_inferred_schema(contract: Contract, row: OutputRow) -> TableSchema | None:
    """What first data has shown; columns that the product calls personal by now are sealed from now on."""
    if row.schema is None or not row.inferred:
        return None
    return tag_pii(row.schema, contract.product.pii_columns)
