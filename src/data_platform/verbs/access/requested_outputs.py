"""The outputs that a request names, as the mesh has them now: their columns, personal data, and what `access` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.reading import Occasion
from data_platform.errors import NotFound, Refused
from data_platform.record.catalog import products, redirects
from data_platform.record.catalog.products import ProductRow
from data_platform.settings import Principal
from data_platform.spec.access.model import AccessSpec
from data_platform.spec.product.model import Output
from data_platform.spec.product.reference import Reference
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.authorization.authorize import authorize, find_hidden_products
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import list_majors, output_not_found, product_not_found


@dataclass(frozen=True, slots=True)
class OfferedOutput:
    """An output in all of its majors: the columns in the order of the newest, and which hold personal data."""

    product: ProductRow
    name: str
    columns: tuple[str, ...]
    personal_data: frozenset[str]
    access: AccessSpec

    def __str__(self) -> str:
        return f"{self.product.name}.{self.name}"

    def select_personal_data(self, columns: Sequence[str] | None) -> tuple[str, ...]:
        """Those of the columns (None: all) that hold personal data."""
        asked = self.columns if columns is None else columns
        return tuple(column for column in asked if column in self.personal_data)

    def find_end(self, until: datetime | None, begins_at: datetime) -> datetime | None:
        """The end of a grant that begins then: `until`, but not after the longest time that the product allows."""
        longest = self.access.max_duration
        ends = [until, None if longest is None else begins_at + longest]
        return min((end for end in ends if end is not None), default=None)

    @property
    def terms_digest(self) -> str | None:
        """The SHA-256 of the terms that a requester accepts; None without terms."""
        terms = self.access.terms
        return None if terms is None else f"sha256:{sha256(terms.encode()).hexdigest()}"


def find_offered_outputs(context: Context, conn: Connection, reference: str) -> tuple[OfferedOutput, ...]:
    """The output that `PRODUCT.OUTPUT` names, or each output of `PRODUCT`, if the caller may ask for it.

    Raises NotFound, also for what the caller may not know of, and BadInput.
    """
    parsed = Reference.parse(reference).refuse_version("a request for access")
    product = find_visible_product(context, conn, Action.REQUEST_ACCESS, parsed.product)
    names = [parsed.output] if parsed.output else [output.name for output in product.contract.product.outputs]
    offered = [output for name in dict.fromkeys(names) if (output := find_offered_output(conn, product, name))]
    if not offered:
        raise output_not_found(conn, product.name, parsed.output or "")
    return tuple(offered)


def find_visible_product(context: Context, conn: Connection, action: Action, name: str) -> ProductRow:
    """The product of that name, or that had it, if the caller may do `action` to it.

    Raises AccessDenied, and NotFound in the same words where there is none and where the caller may not know of it.
    """
    row = products.find(conn, name) or products.find(conn, redirects.resolve_name(conn, name))
    if row is not None:
        with suppress(NotFound):
            authorize(context, action, Resource.of(row.name), conn)
            return row
    raise product_not_found(conn, context.find_used_name(name), find_hidden_products(context, conn))


def find_offered_output(conn: Connection, product: ProductRow, name: str) -> OfferedOutput | None:
    """The output of a product; None where it has none of that name, or all of its majors are retired."""
    rows = [row for row in list_majors(conn, product.name, name) if not row.closed]
    declared = next((output for output in product.contract.product.outputs if output.name == name), None)
    if not rows:
        return None
    schemas = [row.schema for row in reversed(rows) if row.schema is not None]
    columns = dict.fromkeys(column for schema in schemas for column in schema.names)
    personal = frozenset(column for schema in schemas for column in schema.masked)
    return OfferedOutput(product, name, tuple(columns), personal, _find_access(product, name, declared))


def find_requested_output(conn: Connection, product: str, name: str) -> OfferedOutput | None:
    """The output that a request named; None where it is there no longer."""
    row = products.find(conn, product)
    return None if row is None else find_offered_output(conn, row, name)


def check_columns(output: OfferedOutput, columns: Sequence[str]) -> list[str]:
    """What is wrong with the columns that a request names."""
    problems = []
    for column in columns:
        if column not in output.columns:
            near = find_nearest(column, output.columns)
            hint = f"did you mean {near}?" if near else f"its columns are {', '.join(output.columns)}"
            problems.append(f"{output} has no column {column}; {hint}")
    return problems


def refuse_denied(context: Context, conn: Connection, outputs: Sequence[OfferedOutput], reader: Principal) -> None:
    """Raises Refused where a line denies an output to the reader: no grant opens it."""
    occasion = Occasion(context.clock(), context.caller.purpose)
    denials = []
    for output in outputs:
        resource = Resource.of(output.product.name, output.name)
        decision = decide(reader, Action.CONSUME, resource, find_facts(conn, resource, reader), occasion)
        if decision.is_forbidden:
            denials.append(f"{reader.name} may not read {output}, and no grant changes that: {decision.reason}")
    if denials:
        raise Refused("\n".join(denials))


def refuse_late_end(outputs: Iterable[OfferedOutput], until: datetime | None, now: datetime) -> None:
    """Raises Refused where an approval at this moment could not last until then: with the latest end of each output."""
    refusals = []
    for output in outputs:
        latest = output.find_end(until, now)
        if until is not None and latest is not None and latest < until:
            longest = output.access.max_duration_text
            refusals.append(f"{output} grants access for at most {longest}: until {latest:%Y-%m-%d %H:%M} UTC")
    if refusals:
        raise Refused("\n".join(refusals), hint="ask for an earlier end, or for none: it is then the latest one")


def _find_access(product: ProductRow, name: str, declared: Output | None) -> AccessSpec:
    """What product.yaml says; an output that it no longer lists has what the product says of all."""
    contract = product.contract.product
    return contract.access if declared is None else contract.find_access(declared)
