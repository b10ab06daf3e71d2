"""register: a product's contract becomes known to the mesh, or is refused with what it would break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.errors import BadInput, ContractMoved, IncompatibleChange, OwnershipConflict, Refused
from data_platform.governance.changes import contract_breaks, contract_changes
from data_platform.record import domains, outputs, products
from data_platform.record.domains import Domain
from data_platform.record.outputs import OutputRow
from data_platform.record.products import ProductRow
from data_platform.spec.contract import Contract
from data_platform.spec.declared_columns import check_partitions, tag_pii
from data_platform.spec.field_ids import assign_ids
from data_platform.spec.loading import ProductFile, load_product
from data_platform.spec.product import OutputType
from data_platform.spec.schema_record import schema_from_json, schema_to_json
from data_platform.spec.types import TableSchema
from data_platform.verbs import auditing, telling
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.request import Request
from data_platform.verbs.results import Registration

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Register(Request[Registration]):
    """Register what a product.yaml says; doing it twice changes nothing."""

    file: ProductFile

    @classmethod
    def of(cls, product: str | Path | ProductFile) -> Register:
        """The request for a product.yaml, its folder, or what was loaded of it; raises InvalidSpec."""
        return cls(product if isinstance(product, ProductFile) else load_product(product))


def register(mesh: Mesh, request: Register) -> Registration:
    """Judges the contract against the registered one and records it, in one transaction.

    Raises OwnershipConflict, IncompatibleChange, ContractMoved.
    """
    permit(mesh, "register", request.file.product.name)
    try:
        return looking_again(mesh, lambda tx: register_within(mesh, tx, request.file))
    except Refused as refusal:
        with mesh.record.transaction() as tx:
            auditing.contract_refused(mesh, tx, request.file.product.name, refusal)
        raise


def looking_again(mesh: Mesh, story: Callable[[Connection], T]) -> T:
    """Runs a story that registers, in one transaction; who came second to another registration looks once more."""
    try:
        with mesh.record.transaction() as tx:
            return story(tx)
    except ContractMoved:
        with mesh.record.transaction() as tx:
            return story(tx)


def register_within(mesh: Mesh, tx: Connection, file: ProductFile) -> Registration:
    """The same inside the caller's transaction."""
    new = file.contract
    known = products.find(tx, new.product.name)
    warnings = (*map(str, file.warnings), *_unknown_inputs(tx, new))
    domain_created = _ensure_domain(mesh, tx, new)
    if known is None:
        row = _row(mesh, new, revision=1)
        products.save(tx, row)
        _save_outputs(tx, new)
        telling.registered(mesh, tx, new)
        auditing.registered(mesh, tx, row)
        return Registration(new.product.name, new.product.domain, 1, True, domain_created, (), warnings)
    old = Contract.from_json(known.spec)
    _judge(tx, known, old, new)
    warnings = (*warnings, *_in_clear_so_far(tx, known.name, new))
    if old.to_json() == new.to_json():
        return Registration(known.name, known.domain, known.revision, False, False, (), warnings)
    changes = tuple(contract_changes(old, new)) or ("the file's form changed, its meaning did not",)
    row = _row(mesh, new, known.revision + 1)
    if not products.replace(tx, row, known.revision, changes):
        raise ContractMoved(f"{known.name} was registered by somebody else just now", hint="register it again")
    _save_outputs(tx, new)
    rows = {row.name: row for row in outputs.of_product(tx, known.name)}
    altered = [name for name, schema in new.schemas.items() if old.schemas.get(name, schema) != schema]
    telling.registered(mesh, tx, _with_inferred(new, rows), altered)
    auditing.registered(mesh, tx, row, changes)
    return Registration(row.name, row.domain, row.revision, False, domain_created, changes, warnings)


def is_registered(conn: Connection, file: ProductFile) -> bool:
    """Whether the file's contract is the registered one."""
    known = products.find(conn, file.product.name)
    return known is not None and known.spec == file.contract.to_json()


def _judge(tx: Connection, known: ProductRow, old: Contract, new: Contract) -> None:
    if known.owner != new.product.owner:
        holder = f"{known.owner} (domain {known.domain})"
        raise OwnershipConflict(
            f"the product name {known.name} belongs to {holder}, not to {new.product.owner}",
            hint="choose another name, or ask the owner to change the product",
        )
    rows = {row.name: row for row in outputs.of_product(tx, known.name)}
    breaks = contract_breaks(_with_inferred(old, rows), new)
    if breaks:
        raise IncompatibleChange(
            known.name,
            breaks,
            hint="keep what readers rely on and add beside it; a product with status draft may change freely",
        )


def _with_inferred(contract: Contract, rows: dict[str, OutputRow]) -> Contract:
    """What readers rely on: a schema inferred at the first publish counts like a written one."""
    inferred = {name: schema_from_json(row.schema) for name, row in rows.items() if row.inferred and row.schema}
    return replace(contract, schemas={**inferred, **contract.schemas})


def _unknown_inputs(tx: Connection, contract: Contract) -> Iterator[str]:
    for needed in contract.product.inputs:
        if products.find(tx, needed.data_product) is None:
            yield f"input {needed.data_product}.{needed.output} is not registered yet"
        elif outputs.find(tx, needed.data_product, needed.output) is None:
            yield f"input {needed.data_product} has no output {needed.output} yet"


def _in_clear_so_far(tx: Connection, product: str, new: Contract) -> Iterator[str]:
    """Columns that are personal data from now on, and lie in clear in the versions published so far."""
    for row in outputs.of_product(tx, product):
        schema = new.schemas.get(row.name)
        if row.version == 0 or schema is None or row.schema is None:
            continue
        before = schema_from_json(row.schema)
        names = [c.name for c in schema if c.encrypted and (known := before.get(c.name)) and not known.encrypted]
        if names:
            columns = ", ".join(names)
            yield f"{row.name} holds {columns} in clear up to version {row.version}, beyond the reach of key erasure"


def _ensure_domain(mesh: Mesh, tx: Connection, contract: Contract) -> bool:
    name = contract.product.domain
    if domains.find(tx, name) is not None:
        return False
    domains.save(tx, Domain(name, None, None, (), mesh.clock()))
    return True


def _row(mesh: Mesh, contract: Contract, revision: int) -> ProductRow:
    product = contract.product
    return ProductRow(
        name=product.name,
        domain=product.domain,
        owner=product.owner,
        description=product.description,
        tags=product.tags,
        status=product.effective_status.value,
        version=product.effective_version,
        revision=revision,
        spec=contract.to_json(),
        registered_at=mesh.clock(),
        registered_by=mesh.principal.name,
    )


def _save_outputs(tx: Connection, contract: Contract) -> None:
    known = {row.name: row for row in outputs.of_product(tx, contract.product.name)}
    for output in contract.product.outputs:
        outputs.save(tx, _output_row(contract, output.name, known.get(output.name)))
    for name, row in known.items():
        if contract.product.output(name) is None:
            outputs.save(tx, replace(row, retired=True))


def _output_row(contract: Contract, name: str, known: OutputRow | None) -> OutputRow:
    output = contract.product.output(name)
    if output is None:
        raise BadInput(f"{contract.product.name} has no output {name}")
    schema = contract.schemas.get(name) or _inferred_schema(contract, known)
    topic = contract.product.topic(output) if output.type is OutputType.STREAM else None
    row = known or OutputRow(contract.product.name, name, output.type.value, topic, None, False, {}, 0)
    row = replace(row, type=output.type.value, topic=topic, retired=False)
    if schema is None:
        return row
    check_partitions(f"{contract.product.name}.{name}", schema, output.partition_by)
    ids, last = assign_ids(schema, row.field_ids, row.last_column_id)
    inferred = name not in contract.schemas
    return replace(row, schema=schema_to_json(schema), inferred=inferred, field_ids=ids, last_column_id=last)


def _inferred_schema(contract: Contract, known: OutputRow | None) -> TableSchema | None:
    """What first data has shown; columns that the product calls personal by now are sealed from now on."""
    if known is None or known.schema is None or not known.inferred:
        return None
    return tag_pii(schema_from_json(known.schema), contract.product.pii_columns)
