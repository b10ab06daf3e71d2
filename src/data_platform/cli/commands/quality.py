"""quality: what a product is worth, and what went wrong."""

from __future__ import annotations

import click

from data_platform.cli.as_json import print_json
from data_platform.cli.options import json_option
from data_platform.cli.paper import Paper, Styled, answer
from data_platform.cli.session import opened
from data_platform.cli.sparkline import sparkline
from data_platform.cli.text import amount
from data_platform.spec.rules import demand
from data_platform.verbs.results import IncidentInfo, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint


@click.command()
@click.argument("product")
@json_option
def quality(product: str, as_json: bool) -> None:
    """Show a product's score, promises, rules and incidents.

    The bars are the mean scores of the days of the last 30 with a publish.

    \b
    Example:
      data-platform quality orders-data-product
    """
    with opened() as mesh:
        metrics = mesh.quality_metrics(product)
    if as_json:
        print_json(metrics)
    else:
        _tell(answer(), metrics)


def _tell(paper: Paper, metrics: QualityMetrics) -> None:
    score = metrics.current_score
    known = Styled(f"{score:g} of 100", _score_style(score)) if score is not None else "nothing was judged yet"
    paper.line(Styled(metrics.product, "bold"), "  ", known)
    _trend(paper, metrics.quality_trend)
    if metrics.sla_compliance:
        paper.heading("Promises")
        paper.table(("output", "promise", "target", "actual", "kept"), map(_promise, metrics.sla_compliance))
    if metrics.rules:
        paper.heading("Rules, as last judged")
        paper.table(("output", "rule", "severity", "value", "threshold", "result"), map(_rule, metrics.rules))
    if metrics.incidents:
        paper.heading("Incidents")
        paper.table(("output", "opened", "resolved", "times", "cause", "what"), map(_incident, metrics.incidents))


def _trend(paper: Paper, trend: tuple[TrendPoint, ...]) -> None:
    if trend:
        publishes = amount(sum(point.publishes for point in trend), "publish", "publishes")
        days = f"{trend[0].day} to {trend[-1].day}" if len(trend) > 1 else str(trend[0].day)
        bars = sparkline(point.score for point in trend)
        paper.line("30 days  ", Styled(bars, "cyan"), f"  {publishes} on {amount(len(trend), 'day')}, {days}")


def _score_style(score: float) -> str:
    return "green" if score >= 90 else "yellow" if score >= 70 else "red"


def _promise(sla: SlaCompliance) -> tuple[object, ...]:
    kept = "not measured yet" if sla.met is None else Styled("yes", "green") if sla.met else Styled("no", "red")
    return sla.output, sla.promise, sla.target, sla.actual, kept


def _rule(status: RuleStatus) -> tuple[object, ...]:
    wanted = demand(status.operator, status.threshold, status.unit)
    passed = Styled("passed", "green") if status.passed else Styled(status.error or "failed", "red")
    return status.output, status.rule, status.severity, status.value, wanted, passed


def _incident(incident: IncidentInfo) -> tuple[object, ...]:
    resolved = incident.resolved_at or Styled("open", "red")
    return (
        incident.output,
        incident.opened_at,
        resolved,
        incident.occurrences,
        incident.cause,
        incident.summary,
    )
