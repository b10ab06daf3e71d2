"""quality: the score and its parts, the trend, SLA compliance over a window, and incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.access.decision import Decision
from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.errors import BadInput, NotFound
from data_platform.quality.score import (
    Score,
    calculate_mean,
    calculate_timeliness,
    score_recorded_results,
    to_dimension,
)
from data_platform.quality.sla import SlaWindow, load_zone
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import judgements
from data_platform.record.governance.judgements import AuditRow, JudgementScore
from data_platform.record.operations import incidents
from data_platform.spec.product.model import Output, Product
from data_platform.spec.rules.model import Rule
from data_platform.verbs.contracts.consumer_expectations import (
    NOT_JUDGED,
    ConsumerExpectations,
    find_current_expectations,
)
from data_platform.verbs.core.authorization.measurements import hide_measurement
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import list_erased_columns
from data_platform.verbs.core.lookup.effective_contract import build_effective_contract
from data_platform.verbs.core.lookup.resolve import (
    OutputLabels,
    find_output_row,
    resolve_output,
    resolve_product,
    with_major,
)
from data_platform.verbs.core.request import Request
from data_platform.verbs.incidents.blast_radius import build_incident_info, hide_incident_texts
from data_platform.verbs.quality.sla_compliance import measure_compliance, read_publish_log
from data_platform.verbs.results import IncidentInfo, OutputScore, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint

DAYS, MOST_DAYS = 30, 366
LAST_RESULTS = 10
T = TypeVar("T", OutputScore, RuleStatus, SlaCompliance)


@dataclass(frozen=True, slots=True)
class Quality(Request[QualityMetrics]):
    """The quality of a product, or of one of its outputs, over the last `days` days."""

    product: str
    output: str | None = None
    days: int = DAYS


def show_quality(context: Context, request: Quality) -> QualityMetrics:
    """Score, SLAs, trend, incidents, and each rule's last findings; raises NotFound, BadInput."""
    if not 1 <= request.days <= MOST_DAYS:
        raise BadInput(f"a window of {request.days} days is not between 1 and {MOST_DAYS}")
    now = context.clock()
    with context.record.reading() as conn:
        product = _load_product(conn, resolve_product(conn, request.product))
        mine = _select_outputs(conn, product, request.output)
        key, part = mine[0].name if request.output else None, find_visible_part(context, conn)
        window = SlaWindow.from_days(now, request.days, _find_common_zone(mine))
        scores = _with_labels(conn, product, _score_outputs(conn, product, mine, now))
        return QualityMetrics(
            product=product.name,
            current_score=calculate_mean(score.score for score in scores),
            sla_compliance=_with_labels(conn, product, measure_compliance(conn, product.name, mine, now, request.days)),
            quality_trend=build_trend(judgements.list_scores(conn, product.name, key, window.begin), window.zone),
            incidents=tuple(_list_incidents(context, conn, part, product.name, key, window.begin)),
            rules=_with_labels(
                conn,
                product,
                (
                    status
                    for output in mine
                    for status in _list_rules(context, conn, product, output)
                    if part.shows_rule(status.rule)
                ),
            ),
            scores=scores,
            window_days=request.days,
            first_day=window.begin.astimezone(window.zone).date(),
            erased=list_erased_columns(
                conn, context.folder(product.name), partial(OutputLabels(conn).label, product.name), key
            ),
        )


def calculate_score(conn: Connection, product: str) -> float | None:
    """The mean score of the newest versions of the outputs in use; None where no rule judged any.

    It scores the data that is read; refusals show in trend and incidents only. Freshness is not in it, since it changes
    with time.
    """
    mine = [row.name for row in outputs.list_by_product(conn, product) if not row.retired]
    rows = (_find_newest(conn, product, name, published=True) for name in mine)
    return calculate_mean(read_score(row).value for row in rows if row)


def read_score(row: AuditRow | JudgementScore) -> Score:
    """What a judgement scored on its day; one that is older than scores is scored by today's formula."""
    if row.score is None:
        return score_recorded_results(row.outcome, row.results or [])
    return Score.from_json(row.score, (row.dimensions or {}) if isinstance(row, AuditRow) else {})


def _select_outputs(conn: Connection, product: Product, name: str | None) -> Sequence[Output]:
    if name is None:
        return product.outputs
    key = resolve_output(conn, product.name, name).name
    selected = tuple(output for output in product.outputs if output.name == key)
    if not selected:
        raise NotFound(f"product.yaml lists {product.name}.{name} no more, so nothing of it is measured")
    return selected


def _load_product(conn: Connection, row: ProductRow) -> Product:
    """The product with every output in use, under its key in the record."""
    rows = [with_major(output_row, row) for output_row in outputs.list_by_product(conn, row.name)]
    product = build_effective_contract(conn, row.contract, rows).product
    named = ((output, find_output_row(rows, product, output)) for output in product.outputs)
    return replace(product, outputs=tuple(_rename_output(output, mine.name) for output, mine in named if mine))


def _rename_output(output: Output, name: str) -> Output:
    return output if output.name == name else replace(output, name=name)


def _with_labels(conn: Connection, product: Product, items: Iterable[T]) -> tuple[T, ...]:
    """The same with the outputs' labels in place of their keys."""
    labels = OutputLabels(conn)
    return tuple(replace(item, output=labels.label(product.name, item.output)) for item in items)


def _find_common_zone(outputs: Sequence[Output]) -> tzinfo:
    """The zone of whose days the trend is drawn: the outputs' own, if they have one in common."""
    zones = {output.sla.effective_timezone for output in outputs}
    return load_zone(zones.pop() if len(zones) == 1 else "UTC")


def _find_newest(conn: Connection, product: str, output: str, *, published: bool = False) -> AuditRow | None:
    return next(iter(judgements.list_history(conn, product, output, limit=1, published=published)), None)


def _score_outputs(
    conn: Connection, product: Product, outputs: Sequence[Output], now: datetime
) -> Iterator[OutputScore]:
    for output in outputs:
        row = _find_newest(conn, product.name, output.name, published=True)
        if row is not None and row.version is not None:
            score = read_score(row)
            timely = _calculate_timeliness(conn, product.name, output, now)
            yield OutputScore(output.name, row.version, score.value, score.dimensions, timely)


def _calculate_timeliness(conn: Connection, product: str, output: Output, now: datetime) -> float | None:
    if output.sla.freshness is None:
        return None
    log = read_publish_log(conn, product, output.name, output.sla, now)
    newest = log[-1].newest if log else None
    return None if newest is None else calculate_timeliness(now - min(newest, log[-1].at), output.sla.freshness)


def build_trend(rows: Sequence[JudgementScore], zone: tzinfo) -> tuple[TrendPoint, ...]:
    """The mean of the scores of each day of a zone, the oldest first."""
    days: dict[date, list[float]] = defaultdict(list)
    for row in rows:
        if (score := read_score(row).value) is not None:
            days[row.at.astimezone(zone).date()].append(score)
    return tuple(TrendPoint(day, calculate_mean(scores) or 0.0, len(scores)) for day, scores in sorted(days.items()))


def _list_incidents(
    context: Context, conn: Connection, part: VisiblePart, product: str, output: str | None, since: datetime
) -> Iterator[IncidentInfo]:
    """Those that are open, and those that were in the window."""
    labels, names = OutputLabels(conn), ReaderNames(context, conn)
    for row in incidents.list_history(conn, product, output=output):
        if row.resolved_at is None or row.resolved_at >= since:
            yield hide_incident_texts(build_incident_info(row, labels, names), part)


def _list_rules(context: Context, conn: Connection, product: Product, output: Output) -> Iterator[RuleStatus]:
    """The rules of the newest judgement that came to any, each with what it found before."""
    history = judgements.list_history(conn, product.name, output.name, limit=LAST_RESULTS)
    if not history:
        return
    mine = outputs.find(conn, product.name, output.name)
    expected = find_current_expectations(conn, mine, context.clock()) if mine else ConsumerExpectations()
    rows = [row for row in history if row.results]
    before = defaultdict[str, list[str]](list)
    for row in reversed(rows):
        for result in row.results:
            before[result["rule"]].append(_describe_result(result))
    if rows:
        view = _find_view(mine, context.decision)
        for status in _build_rule_statuses(rows[0], before):
            yield hide_measurement(status, view, (*output.rules, *expected.rules))
    yield from _list_unjudged(output, expected.unjudged, history[0].at)


def _find_view(row: OutputRow | None, decision: Decision | None) -> TableView:
    """What a reader sees of an output as it is declared now."""
    if decision is None or row is None or row.schema is None:
        return WHOLE_TABLE
    return decision.view_columns(row.name, row.schema, row.schema.masked)


def _list_unjudged(output: Output, rules: Iterable[Rule], at: datetime) -> Iterator[RuleStatus]:
    """What consumers expect of an output, and no publish judges."""
    for rule in rules:
        bound = (rule.bound.operator.value, rule.bound.value, rule.unit.value)
        dimension = to_dimension(rule.dimension or "")
        severity = rule.severity.value
        yield RuleStatus(output.name, rule.name, severity, False, None, *bound, NOT_JUDGED, at, dimension, ())


def _build_rule_statuses(newest: AuditRow, before: Mapping[str, list[str]]) -> Iterator[RuleStatus]:
    dimensions = {
        rule.rule: dimension.dimension for dimension in read_score(newest).dimensions for rule in dimension.rules
    }
    recorded = ("rule", "severity", "passed", "value", "operator", "threshold", "unit", "error")
    for result in newest.results:
        name = result["rule"]
        facts = {field: result[field] for field in recorded}
        dimension = dimensions.get(name) or to_dimension(result["dimension"] or "")  # a consumer's rule is in no score
        yield RuleStatus(
            newest.output, at=newest.at, dimension=dimension, last=tuple(before[name]), note=result.get("note"), **facts
        )


def _describe_result(result: dict[str, object]) -> str:
    return "passed" if result["passed"] else "error" if result.get("error") else "failed"
