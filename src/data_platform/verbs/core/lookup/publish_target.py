"""The contract that one publish is checked against, as it was when the publish read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data_platform.errors import BadInput, ContractMoved, NotFound, Refused, StorageFailed
from data_platform.quality.constraints import list_rules
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.spec.product.declared_columns import check_partitions, settle_schema, tag_pii
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import FieldIds, TableSchema
from data_platform.verbs.core.lookup.resolve import (
    find_output_row,
    map_labels,
    output_not_found,
    refuse_archived,
    resolve_output,
    retired_error,
    with_major,
)


@dataclass(frozen=True, slots=True)
class Target:
    """One major of an output under its contract; `schema` is None until the first publish where none is declared.

    `label` separates it from its other majors; `others` are the schemas of the product's other outputs, by label.
    `pending` is the file of a contract that is judged already, and recorded with the version. `inherited` are columns
    that the data of this publish makes personal although a written schema does not say so, each with the warning.
    """

    product: Product
    output: Output
    revision: int
    row: OutputRow
    schema: TableSchema | None
    others: Mapping[str, TableSchema]
    label: str
    extra_rules: tuple[Rule, ...] = ()
    pending: ProductFile | None = None
    inherited: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """How messages name it."""
        return f"{self.product.name}.{self.label}"

    @property
    def name(self) -> str:
        """Its key in the record, in the tables' folders and among the keys; rules see `output.name`."""
        return self.row.name

    @property
    def port(self) -> Output:
        """The output under its key, as lineage events name it."""
        return replace(self.output, name=self.name)

    def with_product_name(self, product: str) -> Target:
        """The target under another name of its product."""
        return replace(self, product=replace(self.product, name=product), row=replace(self.row, product=product))

    @property
    def contract(self) -> TableSchema:
        """The schema, once there is one, with the columns protected that are personal by inheritance."""
        if self.schema is None:
            raise BadInput(f"{self.subject} has no schema yet")
        return tag_pii(self.schema, self.inherited) if self.inherited else self.schema

    @property
    def ids(self) -> FieldIds:
        """Iceberg field ids by path."""
        return self.row.field_ids

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the output: written, of the pipeline, of the schema, of the primary key."""
        return list_rules(self.output, self.contract, self.extra_rules)

    def with_inherited_pii(self, inherited: Mapping[str, str]) -> Target:
        """The target with the columns of its written schema protected that are made of personal data.

        Raises SchemaMismatch for one that partitions the files.
        """
        own = {name: warning for name, warning in inherited.items() if name in self.contract.names}
        target = replace(self, inherited=own)
        check_partitions(self.subject, target.contract, self.output.partition_by)
        return target

    def with_inferred_schema(self, schema: TableSchema, inherited: Collection[str] = ()) -> Target:
        """The target under a schema that its first data shows; raises what could not be judged at register.

        `inherited` columns hold personal data of the products that the rows came from.
        """
        tagged = settle_schema(self.product, self.output, schema, self.others, inherited)
        ids, last = assign_ids(tagged, self.row.field_ids, self.row.last_column_id)
        row = replace(
            self.row, stored_schema=StoredSchema.of(tagged), inferred=True, field_ids=ids, last_column_id=last
        )
        return replace(self, schema=tagged, row=row)


def find_target(conn: Connection, registered: ProductRow, output: str, extra_rules: tuple[Rule, ...] = ()) -> Target:
    """The output's contract now; raises NotFound, and Refused for what cannot be published into."""
    product = registered.name
    refuse_archived(registered)
    contract = registered.contract
    declared = contract.product.find_output(output)
    rows = [with_major(row, registered) for row in outputs.list_by_product(conn, product)]
    row_by_output = (
        (listed_output, find_output_row(rows, contract.product, listed_output))
        for listed_output in contract.product.outputs
    )
    listed = {contract.product.label(listed_output): row for listed_output, row in row_by_output if row is not None}
    row = listed.get(contract.product.label(declared)) if declared else None
    if declared is None or row is None:
        raise _explain_unlisted(conn, output, resolve_output(conn, product, output))
    if row.closed:
        raise retired_error(conn, row)
    subject = map_labels(rows)[row.name]
    if declared.type is OutputType.STREAM:
        raise Refused(
            f"{product}.{subject} is a stream, and this version publishes tables only",
            hint="its contract is registered; publish to a table output",
        )
    schemas = {name: listed_row.schema for name, listed_row in listed.items() if listed_row.schema is not None}
    schema = schemas.pop(contract.product.label(declared), None)
    return Target(contract.product, declared, registered.revision, row, schema, schemas, subject, extra_rules)


def _explain_unlisted(conn: Connection, output: str, row: OutputRow) -> NotFound | Refused:
    """The error for a readable major that product.yaml no longer lists."""
    if row.retired:
        return output_not_found(conn, row.product, output)
    return Refused(
        f"{row.product}.{row.base}@{row.major} is readable, and product.yaml does not list it any more",
        hint="to publish both majors, list the output twice, each with its version",
    )


def refuse_renamed(target: Target, name: str) -> None:
    """Raises StorageFailed where the product has another name by now."""
    if name != target.product.name:
        what = f"{target.product.name} was renamed to {name} during the publish"
        raise StorageFailed(what, hint="publish again under that name; nothing of this publish is visible")


def settle_target(target: Target, now: Target) -> Target:
    """The target under the contract in force `now`; raises ContractMoved when what was staged no longer fits it."""
    refuse_renamed(target, now.product.name)
    unwritten = target.row.inferred and now.schema is None
    if unwritten:
        return replace(target, product=now.product, output=now.output, revision=now.revision, pending=now.pending)
    if (now.schema, now.ids) != (target.schema, target.ids) or now.output.partition_by != target.output.partition_by:
        raise ContractMoved(f"the contract of {target.subject} changed during the publish", hint="publish again")
    return replace(now, inherited=target.inherited)
