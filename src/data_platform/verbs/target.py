"""The contract that one publish is held against, as it stood when the publish looked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import BadInput, ContractMoved, Refused
from data_platform.quality.constraints import all_rules
from data_platform.record import outputs
from data_platform.record.outputs import OutputRow
from data_platform.spec.contract import Contract
from data_platform.spec.declared_columns import settled
from data_platform.spec.field_ids import assign_ids
from data_platform.spec.product import Output, OutputType, Product
from data_platform.spec.rules import Rule
from data_platform.spec.schema_record import schema_from_json, schema_to_json
from data_platform.spec.types import FieldIds, TableSchema
from data_platform.verbs.lookup import no_output, product_row


@dataclass(frozen=True, slots=True)
class Target:
    """One output under its contract; `schema` is None until the first publish of an output that declares none."""

    product: Product
    output: Output
    revision: int
    row: OutputRow
    schema: TableSchema | None
    others: Mapping[str, TableSchema]
    extra_rules: tuple[Rule, ...] = ()

    @property
    def subject(self) -> str:
        """How messages name it."""
        return f"{self.product.name}.{self.output.name}"

    @property
    def contract(self) -> TableSchema:
        """The schema, once there is one."""
        if self.schema is None:
            raise BadInput(f"{self.subject} has no schema yet")
        return self.schema

    @property
    def ids(self) -> FieldIds:
        """Iceberg field ids by path."""
        return self.row.field_ids

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the output: written, of the pipeline, of the schema, of the primary key."""
        return all_rules(self.output, self.contract, self.extra_rules)

    def inferred_from(self, schema: TableSchema, inherited: Collection[str] = ()) -> Target:
        """The target under a schema that its first data shows; raises what could not be judged at register.

        `inherited` columns hold personal data of the products that the rows came from.
        """
        tagged = settled(self.product, self.output, schema, self.others, inherited)
        ids, last = assign_ids(tagged, self.row.field_ids, self.row.last_column_id)
        row = replace(self.row, schema=schema_to_json(tagged), inferred=True, field_ids=ids, last_column_id=last)
        return replace(self, schema=tagged, row=row)


def find_target(conn: Connection, product: str, output: str, extra_rules: tuple[Rule, ...] = ()) -> Target:
    """The output's contract now; raises NotFound, and Refused for what cannot be published into."""
    known = product_row(conn, product)
    contract = Contract.from_json(known.spec)
    declared, row = contract.product.output(output), outputs.find(conn, product, output)
    if declared is None or row is None:
        raise no_output(conn, product, output)
    if declared.type is OutputType.STREAM:
        raise Refused(
            f"{product}.{output} is a stream, and this version publishes tables only",
            hint="its contract is registered; publish to a table output",
        )
    schemas = {r.name: schema_from_json(r.schema) for r in outputs.of_product(conn, product) if r.schema is not None}
    schema = schemas.pop(output, None)
    return Target(contract.product, declared, known.revision, row, schema, schemas, extra_rules)


def refreshed(conn: Connection, target: Target) -> Target:
    """The target under the contract that stands now; raises ContractMoved when what was staged no longer fits it."""
    now = find_target(conn, target.product.name, target.output.name, target.extra_rules)
    unwritten = target.row.inferred and now.schema is None
    if unwritten:
        return replace(target, product=now.product, output=now.output, revision=now.revision)
    if (now.schema, now.ids) != (target.schema, target.ids) or now.output.partition_by != target.output.partition_by:
        raise ContractMoved(f"the contract of {target.subject} changed during the publish", hint="publish again")
    return now
