"""checklist: the production readiness of a product, and of the mesh by domain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from data_platform.governance.readiness import Evidence, Point, judge_anti_patterns, judge_points
from data_platform.quality.constraints import list_rules
from data_platform.record.access import grants
from data_platform.record.catalog import departures, outputs, products, redirects
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import policies
from data_platform.record.governance.broken_policies import CAUSE
from data_platform.record.lineage import lineage
from data_platform.record.lineage.lineage import Edge
from data_platform.record.operations import channel_tests, clock, incidents
from data_platform.spec.policies import PolicySet, read_policies
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input, Product, ProductStatus
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import find_output_row, resolve_product, with_major
from data_platform.verbs.core.lookup.undeclared_inputs import collect_edge_reads, compare_inputs
from data_platform.verbs.core.request import Request
from data_platform.verbs.quality.sla_status import SlaStatus, evaluate_slas
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


def build_checklist(context: Context, request: Checklist) -> Readiness:
    """Every point and anti-pattern, measured now; raises NotFound."""
    with context.record.reading() as conn:
        (readiness,) = _Survey(context, conn).measure([resolve_product(conn, request.product)])
        return readiness


def list_readiness(context: Context, request: ListReadiness) -> list[DomainReadiness]:
    """The domains by name; products that are retired or archived are left out."""
    by_domain: defaultdict[str, list[Readiness]] = defaultdict(list)
    with context.record.reading() as conn:
        survey, closed = _Survey(context, conn), products.list_archived(conn)
        visible = survey.part.select(products.list_all(conn), lambda row: row.name)
        rows = [row for row in visible if row.status != ProductStatus.RETIRED and row.name not in closed]
        for at in range(0, len(rows), BATCH):
            for readiness in survey.measure(rows[at : at + BATCH]):
                by_domain[readiness.domain].append(readiness)
    return [_build_domain_readiness(name, products_of_domain) for name, products_of_domain in sorted(by_domain.items())]


def _build_domain_readiness(name: str, products_of_domain: Sequence[Readiness]) -> DomainReadiness:
    checked = [point for readiness in products_of_domain for point in (*readiness.points, *readiness.anti_patterns)]
    missing = Counter(point.key for point in checked if not point.met)
    score = 100 * sum(point.met for point in checked) / len(checked)
    ready = sum(readiness.ready for readiness in products_of_domain)
    return DomainReadiness(name, len(products_of_domain), ready, round(score, 1), dict(missing.most_common()))


def _select_base(edge: Edge) -> str | None:
    """An output of the mesh by its name in product.yaml."""
    return edge.source_output.partition("@")[0] if edge.source_output else None


@dataclass
class _Survey:
    """Facts of the mesh beside a product's contract, each read once."""

    context: Context
    conn: Connection

    def measure(self, rows: Sequence[ProductRow]) -> list[Readiness]:
        """The readiness of some hundreds of products at most, read in a few queries."""
        contracts = {row.name: row.contract for row in rows}
        outputs_by_product = outputs.group_by_product(self.conn, contracts)
        newest = {
            row.name: _select_newest(contracts[row.name].product, row, outputs_by_product[row.name]) for row in rows
        }
        sources = self._find_sources(
            {(name, output_row.name) for name, those in newest.items() for output_row in those.values()}
        )
        return [
            self._build_readiness(
                row, self._collect_evidence(row, contracts[row.name], newest[row.name], sources[row.name])
            )
            for row in rows
        ]

    def _build_readiness(self, row: ProductRow, evidence: Evidence) -> Readiness:
        listed, avoided = judge_points(evidence), judge_anti_patterns(evidence)
        met = _count_met(listed)
        ready = met == len(listed) and _count_met(avoided) == len(avoided)
        return Readiness(row.name, row.domain, row.owner, row.status, listed, avoided, met, ready)

    def _collect_evidence(
        self, row: ProductRow, contract: Contract, rows: dict[str, OutputRow], edges: Sequence[Edge]
    ) -> Evidence:
        product = contract.product
        schemas = {
            name: schema for name, output_row in rows.items() if (schema := _find_schema(contract, name, output_row))
        }
        inputs = tuple(map(self._resolve_input, product.inputs))
        visible_inputs = tuple(needed for needed in inputs if needed.data_product not in self.part.hidden)
        current = replace(product, inputs=visible_inputs)
        return Evidence(
            product=current,
            schemas=schemas,
            rules={name: len(_list_rules(product, name, schemas.get(name))) for name in rows},
            published={name: output_row.version for name, output_row in rows.items()},
            sources=[(edge.source_name, _select_base(edge)) for edge in edges],
            undeclared=compare_inputs(current, collect_edge_reads(edges)),
            policies=len(self._policies.resolve_domain(row.domain)) if self._policies else 0,
            violated=self._violated[row.name],
            unreported=self._unreported[row.name],
            measured=self._status.measured[row.name],
            clock_runs=self._clock_runs,
            tested=frozenset(name for name in self._tested if self.context.settings.channels[name].takes(row.domain)),
            owned=self._owned[row.owner],
            domains=self._domains,
            gone=self._gone,
            endless=self._endless[row.name],
        )

    def _find_sources(self, ports: set[lineage.Port]) -> defaultdict[str, list[Edge]]:
        """Where these versions came from, by product."""
        sources: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in lineage.find_above(self.conn, ports):
            if edge.kind == "product" and not self.part.shows(edge.source_name):
                continue
            sources[edge.product].append(edge)
        return sources

    def _resolve_input(self, needed: Input) -> Input:
        """The input by the name that its product has now."""
        return replace(needed, data_product=self._renamed.get(needed.data_product, needed.data_product))

    @cached_property
    def _endless(self) -> defaultdict[str, list[str]]:
        """The open grants that have neither an end nor a review, by product."""
        endless: defaultdict[str, list[str]] = defaultdict(list)
        for grant in grants.list_open(self.conn, self.context.clock()):
            if grant.ends_at is None and grant.review_at is None:
                endless[grant.product].append(grant.id)
        return endless

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {redirect.name: redirect.product for redirect in redirects.list_all(self.conn)}

    @cached_property
    def _policies(self) -> PolicySet | None:
        current = policies.find_current(self.conn)
        return read_policies(current.text, current.file, recorded=True).set if current else None

    @cached_property
    def _unreported(self) -> Counter[str]:
        """How many broken promises without an incident each product has."""
        return Counter(key[0] for key in self._status.broken if key not in self._told)

    @cached_property
    def _status(self) -> SlaStatus:
        return evaluate_slas(self.conn, self.context.clock())

    @cached_property
    def _clock_runs(self) -> bool:
        lateness = self.context.settings.server.clock_lateness
        return clock.find_state(self.conn).has_run_within(lateness, self.context.clock())

    @cached_property
    def _tested(self) -> frozenset[str]:
        return frozenset(channel_tests.map_all(self.conn)) & self.context.settings.channels.keys()

    @cached_property
    def _gone(self) -> tuple[str, ...]:
        return tuple(departure.principal for departure in departures.list_all(self.conn))

    @cached_property
    def _open(self) -> tuple[incidents.Incident, ...]:
        return incidents.list_history(self.conn, open_only=True)

    @cached_property
    def _told(self) -> set[incidents.Key]:
        return {incident.key for incident in self._open}

    @cached_property
    def _violated(self) -> defaultdict[str, list[str]]:
        violated: defaultdict[str, list[str]] = defaultdict(list)
        for incident in self._open:
            if incident.cause.startswith(CAUSE):
                violated[incident.product].append(incident.cause.removeprefix(CAUSE))
        return violated

    @cached_property
    def _owned(self) -> defaultdict[str, list[str]]:
        owned: defaultdict[str, list[str]] = defaultdict(list)
        for owner, domain in sorted(self._owned_domains):
            owned[owner].append(domain)
        return owned

    @cached_property
    def _domains(self) -> int:
        return len({domain for _, domain in self._owned_domains})

    @cached_property
    def _owned_domains(self) -> list[tuple[str, str]]:
        listed = products.list_owned_domains(self.conn)
        return [(owner, domain) for owner, domain in listed if self.part.shows_domain(domain)]

    @cached_property
    def part(self) -> VisiblePart:
        """What the caller finds: nothing else is evidence."""
        return find_visible_part(self.context, self.conn)


def _select_newest(product: Product, row: ProductRow, rows: Sequence[OutputRow]) -> dict[str, OutputRow]:
    """The newest major of each output that product.yaml lists, by the name that it has there."""
    all_rows = [with_major(output_row, row) for output_row in rows]
    newest = {name: product.find_output(name) for name in dict.fromkeys(output.name for output in product.outputs)}
    return {
        name: newest_row
        for name, output in newest.items()
        if output and (newest_row := find_output_row(all_rows, product, output))
    }


def _count_met(points: Sequence[Point]) -> int:
    return sum(point.met for point in points)


def _find_schema(contract: Contract, name: str, row: OutputRow) -> TableSchema | None:
    """The declared schema, else the inferred one."""
    written = contract.schemas.get(name)
    return row.schema if written is None and row.schema else written


def _list_rules(product: Product, name: str, schema: TableSchema | None) -> Sequence[Rule]:
    output = product.find_output(name)
    return list_rules(output, schema or TableSchema(())) if output else ()
