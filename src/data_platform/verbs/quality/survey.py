"""The facts of the mesh by which the readiness of products is judged, each read once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from data_platform.governance.readiness import Point, judge_anti_patterns, judge_points
from data_platform.governance.readiness_evidence import Evidence
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
from data_platform.record.operations.incidents import Incident
from data_platform.spec.policies import PolicySet, read_policies
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input, Product
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import find_output_row, with_major
from data_platform.verbs.core.lookup.undeclared_inputs import collect_edge_reads, compare_inputs
from data_platform.verbs.quality.sla_status import SlaStatus, evaluate_slas
from data_platform.verbs.results import Readiness


def _select_base(edge: Edge) -> str | None:
    """An output of the mesh by its name in product.yaml."""
    return edge.source_output.partition("@")[0] if edge.source_output else None


@dataclass
class Survey:
    """Facts of the mesh beside a product's contract, each read once.

    `in_run`: the clock asks, in the run that measures the promises and opens the incidents of broken ones.
    """

    context: Context
    conn: Connection
    in_run: bool = False

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
        now = self._observe(contracts)
        return [
            self._build_readiness(
                row, self._collect_evidence(row, contracts[row.name], newest[row.name], sources[row.name], now)
            )
            for row in rows
        ]

    def _observe(self, names: Collection[str]) -> _Observed:
        """The promises and open incidents of these products."""
        status = evaluate_slas(self.conn, self.context.clock(), names)
        open_incidents = incidents.list_history(self.conn, open_only=True, among=names)
        return _Observed.of(status, open_incidents, is_reported=self.in_run)

    def _build_readiness(self, row: ProductRow, evidence: Evidence) -> Readiness:
        listed, avoided = judge_points(evidence), judge_anti_patterns(evidence)
        met = _count_met(listed)
        ready = met == len(listed) and _count_met(avoided) == len(avoided)
        return Readiness(row.name, row.domain, row.owner, row.status, listed, avoided, met, ready)

    def _collect_evidence(
        self,
        row: ProductRow,
        contract: Contract,
        rows: dict[str, OutputRow],
        edges: Sequence[Edge],
        now: _Observed,
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
            policies=self.count_policies(row.domain),
            violated=now.violated[row.name],
            unreported=now.unreported[row.name],
            measured=now.measured[row.name],
            clock_runs=self.clock_runs,
            tested=self.list_tested(row.domain),
            owned=self.owned[row.owner],
            domains=self.domains,
            gone=self.gone,
            endless=self.endless[row.name],
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
        return replace(needed, data_product=self.renamed.get(needed.data_product, needed.data_product))

    def count_policies(self, domain: str) -> int:
        """How many policies bind the products of a domain."""
        return len(self._policies.resolve_domain(domain)) if self._policies else 0

    @cached_property
    def endless(self) -> defaultdict[str, list[str]]:
        """The open grants that have neither an end nor a review, by product."""
        endless: defaultdict[str, list[str]] = defaultdict(list)
        for grant in grants.list_endless(self.conn):
            endless[grant.product].append(grant.id)
        return endless

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The names of today by former names."""
        return {redirect.name: redirect.product for redirect in redirects.list_all(self.conn)}

    @cached_property
    def _policies(self) -> PolicySet | None:
        current = policies.find_current(self.conn)
        return read_policies(current.text, current.file, recorded=True).set if current else None

    @cached_property
    def clock_runs(self) -> bool:
        """Whether the clock ran within its interval."""
        lateness = self.context.settings.server.clock_lateness
        return self.in_run or clock.find_state(self.conn).has_run_within(lateness, self.context.clock())

    def list_tested(self, domain: str) -> frozenset[str]:
        """The channels of alerts that take messages of a domain, and took a test message."""
        channels = self.context.settings.channels
        return frozenset(name for name in self._tested if channels[name].takes(domain))

    @cached_property
    def _tested(self) -> frozenset[str]:
        return frozenset(channel_tests.map_all(self.conn)) & self.context.settings.channels.keys()

    @cached_property
    def gone(self) -> tuple[str, ...]:
        """The people who have left."""
        return tuple(departure.principal for departure in departures.list_all(self.conn))

    @cached_property
    def owned(self) -> defaultdict[str, list[str]]:
        """The domains in which an owner has products, by owner."""
        owned: defaultdict[str, list[str]] = defaultdict(list)
        for owner, domain in sorted(self._owned_domains):
            owned[owner].append(domain)
        return owned

    @cached_property
    def domains(self) -> int:
        """The number of domains that have products."""
        return len({domain for _, domain in self._owned_domains})

    @cached_property
    def _owned_domains(self) -> list[tuple[str, str]]:
        listed = products.list_owned_domains(self.conn)
        return [(owner, domain) for owner, domain in listed if self.part.shows_domain(domain)]

    @cached_property
    def part(self) -> VisiblePart:
        """What the caller finds: nothing else is evidence."""
        return find_visible_part(self.context, self.conn)


@dataclass(frozen=True, slots=True)
class _Observed:
    """By product: promises that can be measured, broken ones without an incident, and policies with one."""

    measured: Counter[str]
    unreported: Counter[str]
    violated: defaultdict[str, list[str]]

    @classmethod
    def of(cls, status: SlaStatus, open_incidents: Sequence[Incident], *, is_reported: bool) -> _Observed:
        """From what was measured now; `is_reported`: what is broken gets its incident in this run of the clock."""
        keys = {incident.key for incident in open_incidents}
        unreported = Counter(key[0] for key in status.broken if key not in keys and not is_reported)
        violated: defaultdict[str, list[str]] = defaultdict(list)
        for incident in open_incidents:
            if incident.cause.startswith(CAUSE):
                violated[incident.product].append(incident.cause.removeprefix(CAUSE))
        return cls(status.measured, unreported, violated)


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
