"""release: a product's contract is registered in a higher environment, exactly as this one has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from data_platform.errors import BadInput, Refused
from data_platform.record.audit_log import log
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.log import EntryFilter
from data_platform.record.catalog import products, redirects
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Environment
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import FILE_NAME, ProductFile
from data_platform.verbs.contracts.register import record_contract, retry_on_contract_change
from data_platform.verbs.core import environments
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import Registration, Released


@dataclass(frozen=True, slots=True)
class Release(Request[Released]):
    """Register in the environment `to` what this one has of the product; doing it twice changes nothing."""

    product: str
    to: Environment


def release(context: Context, request: Release) -> Released:
    """Registers the contract there if governance there agrees; the data stays where it is.

    Raises NotFound, BadInput for an environment that is not above this one, and whatever register refuses there.
    """
    here, there = _resolve_environments(context, request)
    with context.record.reading() as conn:
        row = resolve_product(conn, request.product)
        former = redirects.list_names(conn, row.name)[1:]
    file = _build_file(context, row.contract)

    def register_there(tx: Connection) -> Registration:
        _require_inputs(there, tx, request, file)
        _require_renamed(tx, request, former)
        recorded = record_contract(there, tx, file)
        done = recorded.registration
        if done.changed:
            details = {"from_environment": here, "from_revision": row.revision, "revision": done.revision}
            recorded.record(there, tx, ActOutcome(EventKind.RELEASED, Subject(request.product), details))
        return done

    done = retry_on_contract_change(there, register_there)
    above, below = _find_last_release(there, row.name), _find_last_release(context, row.name)
    details = {"to_environment": request.to.value, "revision": row.revision, "to_revision": done.revision}
    from_here = (above.get("from_environment"), above.get("revision")) == (here, done.revision)
    if from_here and not details.items() <= below.items():  # or a release that was killed would have no entry here
        with context.record.transaction() as tx:
            record_outcomes(context, tx, ActOutcome(EventKind.RELEASED, Subject(request.product), details))
    return Released(here.value, request.to.value, row.revision, done)


def _find_last_release(context: Context, product: str) -> dict[str, Any]:
    """The audit details of the product's newest release; empty where there was none."""
    with context.record.reading() as conn:
        newest = log.list_newest(conn, EntryFilter(product=product, act=Act.RELEASE), limit=1)
    return dict(json.loads(newest[0].entry)["details"]) if newest else {}


def _resolve_environments(context: Context, request: Release) -> tuple[Environment, Context]:
    this = context.environments.this
    if not request.to.is_above(this):
        raise BadInput(f"{this} is not below {request.to}", hint="releases go up: dev → staging → prod")
    other = context.environment(request.to)
    theirs = other.settings.environments
    if theirs is not None and theirs.this is not request.to:
        file = context.home.settings_file
        raise BadInput(f"the home that {file} calls {request.to} calls itself {theirs.this}", hint="make them agree")
    return this, other


def _build_file(context: Context, contract: Contract) -> ProductFile:
    path = context.home.path / FILE_NAME  # it is never read: the registered contract is released
    return ProductFile(path, contract.product, contract.schemas, (), "", contract.documents)


def _require_inputs(there: Context, tx: Connection, request: Release, file: ProductFile) -> None:
    """A product that would find its inputs in a lower environment only cannot work in the higher one."""
    missing = list(_list_missing_inputs(there, tx, file))
    if missing:
        names = ", ".join(missing)
        raise Refused(
            f"{request.product} reads {names}, and {request.to} does not have {'it' if len(missing) == 1 else 'them'}",
            hint=f"first: data-platform release {missing[0].partition('.')[0]} --to {request.to}",
        )


def _require_renamed(tx: Connection, request: Release, former: Iterable[str]) -> None:
    """Under its new name it would be a second product there."""
    for name in former:
        if products.find(tx, name) is not None:
            raise Refused(
                f"{request.to} still calls {request.product} {name}",
                hint=f"run there: data-platform rename {name} {request.product}",
            )


def _list_missing_inputs(there: Context, tx: Connection, file: ProductFile) -> Iterator[str]:
    for needed in file.product.inputs:
        registered = products.find(tx, redirects.resolve_name(tx, needed.data_product)) is not None
        if not registered and environments.find_if_unregistered(there, needed.data_product) is None:
            yield str(needed)
