"""checklist: how ready a product is to be relied on, and the mesh by domain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from data_platform.governance.readiness import Evidence, Point, anti_patterns, points
from data_platform.quality.constraints import all_rules
from data_platform.record import departures, incidents, lineage, outputs, policies, products
from data_platform.record.outputs import OutputRow
from data_platform.record.products import ProductRow
from data_platform.spec.contract import Contract
from data_platform.spec.policies import PolicySet, read_policies
from data_platform.spec.product import Product, Status
from data_platform.spec.rules import Rule
from data_platform.spec.schema_record import schema_from_json
from data_platform.spec.types import TableSchema
from data_platform.verbs.lookup import product_row, row_of, with_major
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.policy_incidents import CAUSE
from data_platform.verbs.redirecting import current_input
from data_platform.verbs.request import Request
from data_platform.verbs.results import DomainReadiness, Readiness
from data_platform.verbs.standing import standing


@dataclass(frozen=True, slots=True)
class Checklist(Request[Readiness]):
    """The production checklist of one product."""

    product: str


@dataclass(frozen=True, slots=True)
class ListReadiness(Request[list[DomainReadiness]]):
    """The readiness of the mesh, by domain."""


def checklist(mesh: Mesh, request: Checklist) -> Readiness:
    """Every point and anti-pattern, measured now; raises NotFound."""
    permit(mesh, "read", request.product)
    with mesh.record.reading() as conn:
        return _Survey(mesh, conn).readiness(product_row(conn, request.product))


def list_readiness(mesh: Mesh, request: ListReadiness) -> list[DomainReadiness]:
    """The domains by name; products that are retired or archived are left out."""
    permit(mesh, "read", "mesh")
    found: defaultdict[str, list[Readiness]] = defaultdict(list)
    with mesh.record.reading() as conn:
        survey, closed = _Survey(mesh, conn), products.archived(conn)
        for row in products.all(conn):
            if row.status != Status.RETIRED and row.name not in closed:
                found[row.domain].append(survey.readiness(row))
    return [_of_domain(name, known) for name, known in sorted(found.items())]


def _of_domain(name: str, known: Sequence[Readiness]) -> DomainReadiness:
    checked = [point for each in known for point in (*each.points, *each.anti_patterns)]
    missing = Counter(point.key for point in checked if not point.met)
    score = 100 * sum(point.met for point in checked) / len(checked)
    ready = sum(each.ready for each in known)
    return DomainReadiness(name, len(known), ready, round(score, 1), dict(missing.most_common()))


@dataclass
class _Survey:
    """What the mesh knows beside a product's contract, each read once."""

    mesh: Mesh
    conn: Connection

    def readiness(self, row: ProductRow) -> Readiness:
        """The product, measured."""
        evidence = self.evidence(row)
        listed, avoided = points(evidence), anti_patterns(evidence)
        met = _met(listed)
        ready = met == len(listed) and _met(avoided) == len(avoided)
        return Readiness(row.name, row.domain, row.owner, row.status, listed, avoided, met, ready)

    def evidence(self, row: ProductRow) -> Evidence:
        """What is known of the product."""
        contract = Contract.from_json(row.spec)
        product, rows = contract.product, self._newest(row, contract.product)
        schemas = {name: schema for name, each in rows.items() if (schema := _schema(contract, name, each))}
        return Evidence(
            product=replace(product, inputs=tuple(current_input(self.conn, each) for each in product.inputs)),
            schemas=schemas,
            rules={name: len(_rules(product, name, schemas.get(name))) for name in rows},
            published={name: each.version for name, each in rows.items()},
            sources=self._sources(row.name, rows),
            policies=len(self._policies.of_domain(row.domain)) if self._policies else 0,
            violated=self._violated[row.name],
            untold=self._untold[row.name],
            owned=self._owned[row.owner],
            domains=self._domains,
            gone=self._gone,
        )

    @cached_property
    def products(self) -> tuple[ProductRow, ...]:
        """Every product."""
        return products.all(self.conn)

    def _newest(self, row: ProductRow, product: Product) -> dict[str, OutputRow]:
        known = [with_major(each, row) for each in outputs.of_product(self.conn, row.name)]
        names = dict.fromkeys(output.name for output in product.outputs)
        newest = {name: product.output(name) for name in names}
        return {name: found for name, each in newest.items() if each and (found := row_of(known, product, each))}

    def _sources(self, product: str, rows: dict[str, OutputRow]) -> list[tuple[str, str | None]]:
        """Where the newest versions came from; an output of the mesh by its name in product.yaml."""
        edges = lineage.above(self.conn, {(product, each.name) for each in rows.values()})
        return [(e.source_name, e.source_output.partition("@")[0] if e.source_output else None) for e in edges]

    @cached_property
    def _policies(self) -> PolicySet | None:
        held = policies.current(self.conn)
        return read_policies(held.text, held.file).set if held else None

    @cached_property
    def _untold(self) -> Counter[str]:
        """How many broken promises each product has that no incident tells of."""
        told = {each.key for each in self._open}
        return Counter(key[0] for key in standing(self.conn, self.mesh.clock()).broken if key not in told)

    @cached_property
    def _gone(self) -> tuple[str, ...]:
        return tuple(each.principal for each in departures.all(self.conn))

    @cached_property
    def _open(self) -> tuple[incidents.Incident, ...]:
        return incidents.history(self.conn, open_only=True)

    @cached_property
    def _told(self) -> set[incidents.Key]:
        return {each.key for each in self._open}

    @cached_property
    def _violated(self) -> defaultdict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for each in self._open:
            if each.cause.startswith(CAUSE):
                found[each.product].append(each.cause.removeprefix(CAUSE))
        return found

    @cached_property
    def _owned(self) -> defaultdict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for owner, domain in sorted(products.owned_domains(self.conn)):
            found[owner].append(domain)
        return found

    @cached_property
    def _domains(self) -> int:
        return len({domain for _, domain in products.owned_domains(self.conn)})


def _met(found: Sequence[Point]) -> int:
    return sum(point.met for point in found)


def _schema(contract: Contract, name: str, row: OutputRow) -> TableSchema | None:
    """The schema as written, else as the first data has shown it."""
    written = contract.schemas.get(name)
    return schema_from_json(row.schema) if written is None and row.schema else written


def _rules(product: Product, name: str, schema: TableSchema | None) -> Sequence[Rule]:
    output = product.output(name)
    return all_rules(output, schema or TableSchema(())) if output else ()
