"""domain status: the products of a domain, each with its verdict, promises, incidents, readiness and readers.

Every figure is one query for the whole domain, and the same as on the page of the product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.quality.score import calculate_mean, score_recorded_results
from data_platform.quality.sla import IN_USE, SlaWindow
from data_platform.quality.trust import TrustFacts, judge_trust
from data_platform.record.catalog import bulk, outputs, products, publish_log
from data_platform.record.catalog.bulk import NewestAudit, Readers
from data_platform.record.catalog.outputs import OutputHead
from data_platform.record.catalog.products import ProductHead
from data_platform.record.governance import judgements
from data_platform.record.operations import incidents, usage
from data_platform.spec.product.model import ProductStatus
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.core.request import Request
from data_platform.verbs.lifecycle.domains import ListDomains, list_domains
from data_platform.verbs.quality.readiness import Missed, build_domain_readiness, judge_products
from data_platform.verbs.quality.report import DAYS, build_trend
from data_platform.verbs.quality.sla_compliance import measure_promises
from data_platform.verbs.quality.sla_status import list_promised
from data_platform.verbs.quality.survey import Survey
from data_platform.verbs.results import DomainProduct, DomainStatus, SlaCompliance

R = TypeVar("R", OutputHead, NewestAudit)
_ANY_STATUS = tuple(ProductStatus)


@dataclass(frozen=True, slots=True)
class ShowDomain(Request[DomainStatus]):
    """What the products of a domain are like now, and over the last 30 days."""

    name: str


def show_domain(context: Context, request: ShowDomain) -> DomainStatus:
    """The domain with the products that the caller finds; raises NotFound."""
    (info,) = list_domains(context, ListDomains(request.name))
    now = context.clock()
    window = SlaWindow.from_days(now, DAYS, UTC)
    with context.record.reading() as conn:
        survey = Survey(context, conn)
        listed = survey.part.select(products.list_open_heads(conn, info.name), lambda head: head.name)
        heads = sorted(listed, key=lambda head: head.name)
        names = [head.name for head in heads]
        missed = judge_products(survey, heads, names)
        figures = _Figures.read(conn, names, now)
        scores = judgements.list_scores_of(conn, window.begin, names)
        readers = usage.count_readers(conn, names)
    return DomainStatus(
        domain=info,
        readiness=build_domain_readiness(info.name, list(missed.values())),
        products=tuple(figures.build(head, missed[head.name]) for head in heads),
        trend=build_trend(scores, UTC),
        readers=readers,
        window_days=DAYS,
        first_day=window.begin.date(),
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """What was read of the products, by product."""

    outputs: Mapping[str, Sequence[OutputHead]]
    published: Mapping[str, datetime]
    promises: Mapping[str, Sequence[SlaCompliance]]
    audits: Mapping[str, Sequence[NewestAudit]]
    severities: Mapping[str, Sequence[str]]
    usage: Mapping[str, Readers]

    @classmethod
    def read(cls, conn: Connection, names: Collection[str], now: datetime) -> _Figures:
        """The figures of these products, in a constant number of queries."""
        in_use = outputs.list_heads(conn, names)
        keys = {(output.product, output.name) for output in in_use}
        published: dict[str, datetime] = {}
        for port, entry in publish_log.map_newest(conn, names).items():
            if port in keys:
                published[entry.product] = max(published.get(entry.product, entry.at), entry.at)
        audits = [audit for audit in bulk.load_newest_audits(conn, names) if (audit.product, audit.output) in keys]
        severities: defaultdict[str, list[str]] = defaultdict(list)
        for incident in incidents.list_history(conn, open_only=True, among=names):
            severities[incident.product].append(incident.severity or incidents.SEVERITIES[0])
        return cls(
            _group(in_use),
            published,
            _measure(conn, names, keys, now),
            _group(audits),
            {name: sorted(those, key=incidents.SEVERITIES.index, reverse=True) for name, those in severities.items()},
            {row.product: row for row in bulk.count_readers(conn, names)},
        )

    def build(self, head: ProductHead, missed: Missed) -> DomainProduct:
        """The figures of one product."""
        own, promises = self.outputs.get(head.name, ()), self.promises.get(head.name, ())
        score = calculate_mean(map(_read_score, self.audits.get(head.name, ())))
        severities, read = self.severities.get(head.name, ()), self.usage.get(head.name)
        facts = TrustFacts(
            severities=severities,
            breaks_promise=head.status in IN_USE and any(promise.met is False for promise in promises),
            score=score,
            is_published=any(output.version for output in own),
            is_deprecated=bool(own) and all(output.deprecated_at for output in own),
        )
        verdict, _ = judge_trust(facts)
        return DomainProduct(
            name=head.name,
            owner=head.owner,
            status=head.status,
            verdict=verdict,
            score=score,
            published_at=self.published.get(head.name),
            promises=tuple(promises),
            severities=tuple(severities),
            missed=tuple(sorted(missed)),
            reads=read.views if read else 0,
            readers=read.consumers if read else 0,
            last_read=read.last_read if read else None,
        )


def _measure(
    conn: Connection, names: Collection[str], keys: Collection[tuple[str, str]], now: datetime
) -> dict[str, list[SlaCompliance]]:
    """The promises of the outputs in use over the window, by product, under the outputs' labels."""
    promised = {
        (product, key): replace(output, name=key)
        for (product, key), output in list_promised(conn, names, _ANY_STATUS)
        if (product, key) in keys
    }
    labels, measured = OutputLabels(conn), defaultdict[str, list[SlaCompliance]](list)
    for (product, key), compliance in measure_promises(conn, promised, now, DAYS):
        measured[product].append(replace(compliance, output=labels.label(product, key)))
    return measured


def _group(rows: Iterable[R]) -> dict[str, list[R]]:
    grouped: defaultdict[str, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.product].append(row)
    return grouped


def _read_score(audit: NewestAudit) -> float | None:
    return score_recorded_results(audit.outcome, audit.results or []).value if audit.score is None else audit.score
