"""checklist: how ready a product is to be relied on, and the mesh by domain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from data_platform.governance.readiness import Evidence, Point, anti_patterns, points
from data_platform.quality.constraints import all_rules
from data_platform.record.catalog import departures, outputs, products, redirects
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import policies
from data_platform.record.lineage import lineage
from data_platform.record.lineage.lineage import Edge
from data_platform.record.operations import incidents
from data_platform.spec.policies import PolicySet, read_policies
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input, Product, Status
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.record import schema_from_json
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.resolve import product_row, row_of, with_major
from data_platform.verbs.core.undeclared_inputs import compare_inputs, edge_reads
from data_platform.verbs.policies.violations import CAUSE
from data_platform.verbs.quality.sla_status import standing
from data_platform.verbs.results import DomainReadiness, Readiness

"""Where data came from: a product and its output, or the name of something outside the mesh."""

BATCH = 500
"""Products that are looked at together."""


@dataclass(frozen=True, slots=True)
class Checklist(Request[Readiness]):
    """The production checklist of one product."""

    product: str


@dataclass(frozen=True, slots=True)
class ListReadiness(Request[list[DomainReadiness]]):
    """The readiness of the mesh, by domain."""


def checklist(context: Context, request: Checklist) -> Readiness:
    """Every point and anti-pattern, measured now; raises NotFound."""
    with context.record.reading() as conn:
        (found,) = _Survey(context, conn).readiness([product_row(conn, request.product)])
        return found


def list_readiness(context: Context, request: ListReadiness) -> list[DomainReadiness]:
    """The domains by name; products that are retired or archived are left out."""
    found: defaultdict[str, list[Readiness]] = defaultdict(list)
    with context.record.reading() as conn:
        survey, closed = _Survey(context, conn), products.archived(conn)
        rows = [each for each in products.all(conn) if each.status != Status.RETIRED and each.name not in closed]
        for at in range(0, len(rows), BATCH):
            for each in survey.readiness(rows[at : at + BATCH]):
                found[each.domain].append(each)
    return [_of_domain(name, known) for name, known in sorted(found.items())]


def _of_domain(name: str, known: Sequence[Readiness]) -> DomainReadiness:
    checked = [point for each in known for point in (*each.points, *each.anti_patterns)]
    missing = Counter(point.key for point in checked if not point.met)
    score = 100 * sum(point.met for point in checked) / len(checked)
    ready = sum(each.ready for each in known)
    return DomainReadiness(name, len(known), ready, round(score, 1), dict(missing.most_common()))


def _base(edge: Edge) -> str | None:
    """An output of the mesh by its name in product.yaml."""
    return edge.source_output.partition("@")[0] if edge.source_output else None


@dataclass
class _Survey:
    """What the mesh knows beside a product's contract, each read once."""

    context: Context
    conn: Connection

    def readiness(self, rows: Sequence[ProductRow]) -> list[Readiness]:
        """Some hundreds of products at most, measured; what is theirs alone is asked for at once."""
        contracts = {row.name: Contract.from_json(row.spec) for row in rows}
        known = outputs.of_products(self.conn, contracts)
        newest = {row.name: _newest(contracts[row.name].product, row, known[row.name]) for row in rows}
        sources = self._sources({(name, each.name) for name, those in newest.items() for each in those.values()})
        return [
            self._measured(row, self._evidence(row, contracts[row.name], newest[row.name], sources[row.name]))
            for row in rows
        ]

    def _measured(self, row: ProductRow, evidence: Evidence) -> Readiness:
        listed, avoided = points(evidence), anti_patterns(evidence)
        met = _met(listed)
        ready = met == len(listed) and _met(avoided) == len(avoided)
        return Readiness(row.name, row.domain, row.owner, row.status, listed, avoided, met, ready)

    def _evidence(
        self, row: ProductRow, contract: Contract, rows: dict[str, OutputRow], edges: Sequence[Edge]
    ) -> Evidence:
        product = contract.product
        schemas = {name: schema for name, each in rows.items() if (schema := _schema(contract, name, each))}
        current = replace(product, inputs=tuple(map(self._current, product.inputs)))
        return Evidence(
            product=current,
            schemas=schemas,
            rules={name: len(_rules(product, name, schemas.get(name))) for name in rows},
            published={name: each.version for name, each in rows.items()},
            sources=[(edge.source_name, _base(edge)) for edge in edges],
            undeclared=compare_inputs(current, edge_reads(edges)),
            policies=len(self._policies.of_domain(row.domain)) if self._policies else 0,
            violated=self._violated[row.name],
            untold=self._untold[row.name],
            owned=self._owned[row.owner],
            domains=self._domains,
            gone=self._gone,
        )

    def _sources(self, ports: set[lineage.Port]) -> defaultdict[str, list[Edge]]:
        """Where these versions came from, by product."""
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in lineage.above(self.conn, ports):
            found[edge.product].append(edge)
        return found

    def _current(self, needed: Input) -> Input:
        """The input by the name that its product has now."""
        return replace(needed, data_product=self._renamed.get(needed.data_product, needed.data_product))

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {each.name: each.product for each in redirects.all(self.conn)}

    @cached_property
    def _policies(self) -> PolicySet | None:
        held = policies.current(self.conn)
        return read_policies(held.text, held.file, recorded=True).set if held else None

    @cached_property
    def _untold(self) -> Counter[str]:
        """How many broken promises each product has that no incident tells of."""
        broken = standing(self.conn, self.context.clock()).broken
        return Counter(key[0] for key in broken if key not in self._told)

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


def _newest(product: Product, row: ProductRow, rows: Sequence[OutputRow]) -> dict[str, OutputRow]:
    """The newest major of each output that product.yaml lists, by the name that it has there."""
    known = [with_major(each, row) for each in rows]
    newest = {name: product.output(name) for name in dict.fromkeys(output.name for output in product.outputs)}
    return {name: found for name, each in newest.items() if each and (found := row_of(known, product, each))}


def _met(found: Sequence[Point]) -> int:
    return sum(point.met for point in found)


def _schema(contract: Contract, name: str, row: OutputRow) -> TableSchema | None:
    """The schema as written, else as the first data has shown it."""
    written = contract.schemas.get(name)
    return schema_from_json(row.schema) if written is None and row.schema else written


def _rules(product: Product, name: str, schema: TableSchema | None) -> Sequence[Rule]:
    output = product.output(name)
    return all_rules(output, schema or TableSchema(())) if output else ()
