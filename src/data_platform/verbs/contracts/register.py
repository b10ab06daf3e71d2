"""register: a product's contract becomes known to the mesh, or is refused with a list of what it would break."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, ContractMoved, IncompatibleChange, OwnershipConflict, Refused
from data_platform.governance.changes import list_contract_changes
from data_platform.governance.majors import list_backward_versions
from data_platform.governance.policies import ActivePolicies
from data_platform.lineage.facets.envelope import Json
from data_platform.record.catalog import domains, outputs, products
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import policies
from data_platform.record.identity import owners
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import ProductFile, bind_columns, load_product
from data_platform.spec.product.model import Output, Product, ProductStatus
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.contracts.anonymisations import settle_anonymisations
from data_platform.verbs.contracts.domain_adoption import describe_adoption, find_adopter
from data_platform.verbs.contracts.input_warnings import warn_of_inputs
from data_platform.verbs.contracts.link_warnings import warn_of_links
from data_platform.verbs.contracts.registered_outputs import (
    refuse_retired,
    refuse_shared_topics,
    save_outputs,
    warn_of_unencrypted,
)
from data_platform.verbs.contracts.unchanged import confirm_unchanged, is_registered
from data_platform.verbs.contracts.unknown_majors import resolve_unknown_majors
from data_platform.verbs.core.authorization.authorize import authorize_again, refuse_hidden_name
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.effective_contract import build_effective_contract
from data_platform.verbs.core.lookup.renamed_products import refuse_former
from data_platform.verbs.core.lookup.resolve import find_output_row, refuse_archived, with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.outcomes import ActOutcome, describe_contract_refusal, describe_registration
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies import violations
from data_platform.verbs.policies.consumer_names import conceal_consumers
from data_platform.verbs.policies.evaluate import evaluate_register, load_active_policies, with_inferred
from data_platform.verbs.policies.schema_evolution import ChangeAssessment, ChangeAssessor, list_bindings
from data_platform.verbs.results import Registration

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Register(Request[Registration]):
    """Register what a product.yaml says; doing it twice changes nothing.

    With `after`, the contract of that revision must hold, and 0 is no contract.
    """

    file: ProductFile
    after: int | None = None

    @property
    def product(self) -> str:
        """The name that the file gives the product."""
        return self.file.product.name

    @classmethod
    def of(cls, product: str | Path | ProductFile) -> Register:
        """The request for a product.yaml, its folder, or what was loaded of it; raises InvalidSpec."""
        return cls(product if isinstance(product, ProductFile) else load_product(product))


@dataclass(frozen=True, slots=True)
class CheckColumns(Request[None]):
    """Hold the columns that a product.yaml names against those that its outputs' data has shown."""

    file: ProductFile

    @property
    def product(self) -> str:
        """The name that the file gives the product."""
        return self.file.product.name


def check_columns(context: Context, request: CheckColumns) -> None:
    """Nothing is written; raises InvalidSpec with every column that is missing."""
    product = request.file.product.name
    with context.record.reading() as conn:
        registered = products.find(conn, product)
        rows = [with_major(row, registered) for row in outputs.list_by_product(conn, product)] if registered else []
    bind_columns(request.file, with_inferred(request.file.contract, rows).schemas)


def register(context: Context, request: Register) -> Registration:
    """Judges the contract against the registered one and records it, in one transaction; an unchanged one is only read.

    Raises OwnershipConflict, IncompatibleChange, PolicyViolation, ContractMoved.
    """
    try:
        if request.after is not None:
            return _register_after(context, request.file, request.after)
        unchanged = confirm_unchanged(context, request.file)
        return unchanged or retry_on_contract_change(context, lambda tx: register_within(context, tx, request.file))
    except AccessDenied:
        raise
    except Refused as refusal:
        with context.record.transaction() as tx:
            record_outcomes(context, tx, describe_contract_refusal(request.file.product.name, refusal))
        raise


def _register_after(context: Context, file: ProductFile, after: int) -> Registration:
    """Registers it over that revision; raises ContractMoved where another one holds, and nothing is recorded."""
    with context.record.transaction() as tx:
        done = register_within(context, tx, file)
        present = done.revision - done.changed
        if present != after:
            what = (
                f"revision {present} of {done.product} holds, and not {after}" if present else f"{done.product} is new"
            )
            raise ContractMoved(what, hint="see what changed: data-platform changes; then register it again")
        return done


def retry_on_contract_change(context: Context, operation: Callable[[Connection], T]) -> T:
    """Runs an operation that registers, in one transaction; retries it once after ContractMoved."""
    try:
        with context.record.transaction() as tx:
            return operation(tx)
    except ContractMoved:
        with context.record.transaction() as tx:
            return operation(tx)


def register_within(context: Context, tx: Connection, file: ProductFile) -> Registration:
    """The same inside the caller's transaction."""
    recorded = record_contract(context, tx, file)
    recorded.record(context, tx)
    return recorded.registration


@dataclass(frozen=True, slots=True)
class RecordedContract:
    """A contract that was judged and saved in a transaction; `outcomes` are still to be recorded."""

    registration: Registration
    outcomes: tuple[ActOutcome, ...]
    policy_revision: int

    def record(self, context: Context, tx: Connection, *others: ActOutcome) -> None:
        """Records it, and the other outcomes of the transaction after it.

        The audit log has one writer at a time. Raises ContractMoved when policies were applied since the contract was
        judged.
        """
        record_outcomes(context, tx, *self.outcomes, *others)
        if self.registration.changed and policies.find_revision(tx) != self.policy_revision:
            what = f"policies were applied while {self.registration.product} was judged"
            raise ContractMoved(what, hint="register it again")


def record_contract(context: Context, tx: Connection, file: ProductFile) -> RecordedContract:
    """Judges the contract and saves it; what is to be recorded of it is in the answer."""
    new = file.contract
    refuse_hidden_name(context, tx, new.product.name)
    refuse_former(context, tx, new.product.name)
    locked = outputs.lock_all(tx, new.product.name)
    active = load_active_policies(context, tx)
    refuse_shared_topics(tx, new)
    warnings = (*map(str, file.warnings), *warn_of_inputs(context, tx, new), *warn_of_links(context, tx, file))
    domain_created = ensure_domain(context, tx, new)
    authorize_again(context, tx)
    adoption = describe_adoption(context, new.product.domain) if domain_created else ()
    if (present := products.find(tx, new.product.name)) is None:
        governed = evaluate_register(context, tx, active, new, None)
        row = ProductRow.of(new, 1, context.clock(), context.principal.name)
        added = _add(context, tx, row, new)
        settled = violations.update_incidents(context, tx, [(row.name, governed)])
        all_warnings = (*warnings, *governed.warnings)
        done = Registration(row.name, row.domain, 1, True, domain_created, (), all_warnings)
        return RecordedContract(done, (*adoption, *added, *settled.outcomes), governed.revision)
    registered, present = present, resolve_unknown_majors(present, locked, new)
    old = present.contract
    rows = [with_major(output_row, present) for output_row in locked]
    bind_columns(file, with_inferred(new, rows).schemas)
    tolerated = (
        *_check_change(context, tx, active, present, new, rows),
        *list_backward_versions(old.product, new.product),
    )
    governed = evaluate_register(context, tx, active, with_inferred(new, rows), with_inferred(old, rows))
    settled = violations.update_incidents(context, tx, [(present.name, governed)])
    warnings = (*warnings, *tolerated, *warn_of_unencrypted(rows, new), *governed.warnings)
    if is_registered(registered, file):
        done = Registration(present.name, present.domain, present.revision, False, False, (), warnings)
        return RecordedContract(done, settled.outcomes, governed.revision)
    refuse_archived(present)
    changes = tuple(list_contract_changes(old, new)) or ("the file's form changed, its meaning did not",)
    row = present.revise(new, context.clock(), context.principal.name)
    if not products.replace(tx, row, present.revision, changes):
        raise ContractMoved(f"{present.name} was registered again just now", hint="register it again")
    save_outputs(tx, new, row.revision, rows, old)
    after = outputs.list_by_product(tx, present.name)
    were, are = _map_written_schemas(old, rows), _map_written_schemas(new, after)
    altered = [name for name, schema in are.items() if were.get(name, schema) != schema]
    declared = settle_anonymisations(context, tx, row.name, were, are)
    outcome = _describe_change(context, tx, row, changes, with_inferred(new, after), after, altered)
    done = Registration(row.name, row.domain, row.revision, False, domain_created, changes, warnings)
    return RecordedContract(done, (*adoption, outcome, *declared, *settled.outcomes), governed.revision)


def save_draft(context: Context, tx: Connection, product: Product) -> tuple[ActOutcome, ...]:
    """Saves a draft for a product whose first publish was refused; nothing if the product is registered.

    It is a draft with its outputs' names, and promises nothing: no schema, no rule, no SLA, no input.
    """
    if products.find(tx, product.name) is not None:
        return ()
    ports = tuple(
        Output(output.name, output.type, version=output.version, topic=output.topic) for output in product.outputs
    )
    draft = Contract(replace(product, outputs=ports, inputs=(), pii_columns=(), status=ProductStatus.DRAFT), {})
    is_new = ensure_domain(context, tx, draft)
    added = _add(context, tx, ProductRow.of(draft, 1, context.clock(), context.principal.name), draft)
    return (*(describe_adoption(context, product.domain) if is_new else ()), *added)


def _add(context: Context, tx: Connection, row: ProductRow, contract: Contract) -> tuple[ActOutcome, ...]:
    products.save(tx, row)
    scope = context.principal.scope
    if scope is not None and scope.team is not None:
        owners.record_team(tx, row.name, scope.team)
    added = save_outputs(tx, contract, row.revision, [])
    declared = settle_anonymisations(context, tx, row.name, {}, _map_written_schemas(contract, added))
    return (_describe_change(context, tx, row, (), contract, added), *declared)


def describe_revision(context: Context, tx: Connection, row: ProductRow, changes: Sequence[str]) -> ActOutcome:
    """A revision that was just saved, and changed no output."""
    rows = [with_major(output_row, row) for output_row in outputs.list_by_product(tx, row.name)]
    return _describe_change(context, tx, row, changes, row.contract, rows)


def _describe_change(
    context: Context,
    tx: Connection,
    row: ProductRow,
    changes: Sequence[str],
    contract: Contract,
    rows: Sequence[OutputRow],
    altered: Collection[str] = (),
) -> ActOutcome:
    def build_body() -> list[Json]:
        return lineage_bodies.build_registration_body(context, tx, contract, rows, altered)

    return describe_registration(row, contract, changes, build_body)


def _check_change(
    context: Context,
    tx: Connection,
    active: ActivePolicies,
    current: ProductRow,
    new: Contract,
    rows: Sequence[OutputRow],
) -> Iterator[str]:
    """What breaks and is tolerated, in words; raises OwnershipConflict, IncompatibleChange."""
    if current.owner != new.product.owner:
        holder = f"{current.owner} (domain {current.domain})"
        raise OwnershipConflict(
            f"the product name {current.name} belongs to {holder}, not to {new.product.owner}",
            hint=f"choose another name, or ask the owner for it: data-platform transfer {current.name} --to OWNER",
        )
    refuse_retired(current.name, rows, new)
    judged, now = assess_change(context, tx, active, current, new, rows), context.clock()
    if judged.refused:
        ways = ("keep what readers rely on and add beside it", *judged.wanted)
        hint = f"{'; or '.join(ways)}; a product with status draft may change freely"
        raise IncompatibleChange(current.name, [change.to_break(now) for change in judged.refused], hint=hint)
    return (str(change.to_break(now)) for change in judged.tolerated)


def assess_change(
    context: Context,
    conn: Connection,
    active: ActivePolicies,
    registered: ProductRow,
    new: Contract,
    rows: Sequence[OutputRow],
) -> ChangeAssessment:
    """The change from the effective contract, assessed by the active policies and by the readers it affects."""
    old = build_effective_contract(conn, registered.contract, rows)
    change = ChangeAssessor(conn, with_inferred(old, rows), with_inferred(new, rows), rows, context.clock())
    assessed = change.assess(list_bindings(active, registered.domain, new.product.domain))
    return conceal_consumers(context, conn, registered.name, assessed)


def _map_written_schemas(contract: Contract, rows: Iterable[OutputRow]) -> dict[str, TableSchema]:
    """The schemas that the contract writes down, by the keys of their rows."""
    product = contract.product
    row_by_label = {product.label(output): find_output_row(rows, product, output) for output in product.outputs}
    return {row.name: contract.schemas[name] for name, row in row_by_label.items() if row and name in contract.schemas}


def ensure_domain(context: Context, tx: Connection, contract: Contract) -> bool:
    """Records the domain of a contract, of the caller where it becomes its own; False where it was known."""
    name = contract.product.domain
    if domains.find(tx, name) is not None:
        return False
    return domains.add(tx, Domain(name, None, find_adopter(context, name), (), context.clock()))
