"""quality: the score now and over 30 days, each SLA as it stands, the incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from data_platform.quality.score import mean, score
from data_platform.record import audits, incidents, versions
from data_platform.record.audits import AuditRow
from data_platform.record.incidents import Incident
from data_platform.spec.contract import Contract
from data_platform.spec.product import Output, Product
from data_platform.verbs.lookup import product_row
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.request import Request
from data_platform.verbs.results import IncidentInfo, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Quality(Request[QualityMetrics]):
    """The quality of a product."""

    product: str


def show_quality(mesh: Mesh, request: Quality) -> QualityMetrics:
    """Score, SLAs, trend, incidents, and each rule's last finding; raises NotFound."""
    permit(mesh, "read", request.product)
    now = mesh.clock()
    with mesh.record.reading() as conn:
        product = Contract.from_json(product_row(conn, request.product).spec).product
        judged = [newest for output in product.outputs if (newest := _newest(conn, product, output))]
        return QualityMetrics(
            product=product.name,
            current_score=current_score(conn, product),
            sla_compliance=tuple(_slas(conn, product, now)),
            quality_trend=_trend(audits.history(conn, product.name, since=now - WINDOW)),
            incidents=tuple(_incident(row) for row in incidents.history(conn, product.name)),
            rules=tuple(status for row in judged for status in _rules(row)),
        )


def current_score(conn: Connection, product: Product) -> float | None:
    """The mean over the outputs of what their newest version scored; None before anything was published.

    It says how good the data is that one reads; refusals, which nobody reads, show in trend and incidents.
    """
    rows = (_newest(conn, product, output, published=True) for output in product.outputs)
    return mean(score(row.outcome, row.results) for row in rows if row)


def _newest(conn: Connection, product: Product, output: Output, *, published: bool = False) -> AuditRow | None:
    return next(iter(audits.history(conn, product.name, output.name, limit=1, published=published)), None)


def _trend(rows: Sequence[AuditRow]) -> tuple[TrendPoint, ...]:
    days: dict[date, list[float]] = defaultdict(list)
    for row in rows:
        days[row.at.date()].append(score(row.outcome, row.results))
    return tuple(TrendPoint(day, mean(scores) or 0.0, len(scores)) for day, scores in sorted(days.items()))


def _rules(row: AuditRow) -> Iterator[RuleStatus]:
    for result in row.results:
        told = ("rule", "severity", "passed", "value", "operator", "threshold", "unit", "error")
        yield RuleStatus(row.output, at=row.at, **{name: result[name] for name in told})


def _slas(conn: Connection, product: Product, now: datetime) -> Iterator[SlaCompliance]:
    """Availability is not measured before reads are probed; it is told as promised."""
    for output in product.outputs:
        sla = output.sla
        if sla.freshness is not None:
            newest = versions.latest(conn, product.name, output.name)
            age = now - newest.published_at if newest else None
            met = None if age is None else age <= sla.freshness
            actual = None if age is None else f"{_words(age)} old"
            yield SlaCompliance(output.name, "freshness", sla.freshness_text or str(sla.freshness), actual, met)
        if sla.availability is not None:
            target = sla.availability_text or f"{sla.availability}%"
            yield SlaCompliance(output.name, "availability", target, None, None)


def _words(age: timedelta) -> str:
    seconds = max(int(age.total_seconds()), 0)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _incident(row: Incident) -> IncidentInfo:
    return IncidentInfo(row.output, row.cause, row.summary, row.opened_at, row.resolved_at, row.occurrences)
