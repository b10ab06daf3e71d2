"""Shows the quality of a product: bars for dimensions and days, marks for results. It is readable without colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.sparkline import draw_sparkline
from data_platform.cli.console.text import format_count, format_minute
from data_platform.cli.views.erasures import describe_erased_column
from data_platform.quality.score import DimensionScore
from data_platform.quality.sla import Budget
from data_platform.spec.rules.model import describe_demand
from data_platform.verbs.results import IncidentInfo, OutputScore, QualityMetrics, RuleStatus, SlaCompliance

MARKS = {"passed": "✓", "failed": "✗", "error": "!"}
GAP = "·"
WIDTH = 20
_BAR = 22 + WIDTH + 2
"""The indent of text beside a bar."""
RESOLVED_SHOWN = 5
_BESIDE = 14
"""The indent of text that belongs to an incident, beside its number and severity."""
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow"}


def draw_quality(console: Console, metrics: QualityMetrics, *, explain: bool = False) -> None:
    """Writes all metrics; with `explain` also the points of each rule."""
    score = metrics.current_score
    unknown = "not scored: it has no rules" if metrics.scores else "nothing was published yet"
    rating = unknown if score is None else Styled(f"{score:g} of 100", score_style(score))
    console.write_line(Styled(metrics.product, "bold"), "  ", rating)
    _draw_trend(console, metrics)
    for output_score in metrics.scores:
        _draw_dimensions(console, output_score, explain=explain)
    if metrics.sla_compliance:
        _draw_promises(console, metrics)
    if metrics.rules:
        _draw_rules(console, metrics.rules)
    if metrics.erased:
        console.write_heading("Erased")
        for column in metrics.erased:
            console.write_line(describe_erased_column(column), hang=2)
    if metrics.incidents:
        _draw_recent_incidents(console, metrics)


def _draw_recent_incidents(console: Console, metrics: QualityMetrics) -> None:
    """Writes the open incidents, and the most recent resolved ones."""
    console.write_heading("Incidents")
    over = [incident for incident in metrics.incidents if incident.resolved_at is not None]
    listed = [incident for incident in metrics.incidents if incident not in over[RESOLVED_SHOWN:]]
    draw_incidents(console, listed)
    if len(listed) < len(metrics.incidents):
        more = len(metrics.incidents) - len(listed)
        console.write_line(Styled(f"{more} more: data-platform incidents {metrics.product}", "dim"))


def draw_incidents(console: Console, incidents: Iterable[IncidentInfo]) -> None:
    """Writes two lines per incident: its state, and its summary."""
    for incident in incidents:
        draw_incident(console, incident)
        console.write_line(incident.summary, indent=_BESIDE)


def draw_incident(console: Console, incident: IncidentInfo) -> None:
    """Writes one line: number, severity, cause and state."""
    times = f" {incident.occurrences} times" if incident.occurrences > 1 else ""
    console.write_line(
        Styled(f"#{incident.id:<4} ", "bold"),
        Styled(f"{incident.severity or '–':<8}", SEVERITY_STYLES.get(incident.severity or "", "")),
        f"{incident.cause}{times} on {incident.place}, ",
        _describe_state(incident),
        hang=_BESIDE,
    )


def _describe_state(incident: IncidentInfo) -> Styled | str:
    if incident.resolved_at is not None:
        return f"resolved {format_minute(incident.resolved_at)}"
    since = format_minute(incident.opened_at)
    if incident.acknowledged_by is not None:
        return Styled(f"acknowledged by {incident.acknowledged_by}, since {since}", "yellow")
    return Styled(f"open since {since}", "red")


def score_style(score: float) -> str:
    """Returns the colour of a score."""
    return "green" if score >= 90 else "yellow" if score >= 70 else "red"


def _draw_trend(console: Console, metrics: QualityMetrics) -> None:
    """Writes one bar per day for scores from 0 to 100, and a dot for a day without a publish."""
    points = {point.day: point for point in metrics.quality_trend}
    if not points:
        return
    days = [metrics.first_day + timedelta(days=number) for number in range(metrics.window_days)]
    bars = "".join(draw_sparkline([points[day].score]) if day in points else GAP for day in days)
    publishes = format_count(sum(point.publishes for point in metrics.quality_trend), "publish", "publishes")
    console.write_line(
        f"{format_count(metrics.window_days, 'day')}  ", Styled(bars, "cyan"), f"  {days[0]} to {days[-1]}"
    )
    console.write_line(
        Styled(f"{publishes} judged on {format_count(len(points), 'day')}; {GAP} a day without one", "dim")
    )


def _draw_dimensions(console: Console, score: OutputScore, *, explain: bool) -> None:
    scored = "has no rules" if score.score is None else f"scored {score.score:g}"
    console.write_heading(f"{score.output} version {score.version} {scored}")
    for dimension in score.dimensions:
        failed = [rule.rule for rule in dimension.rules if rule.points < 100]
        suffix = f"  {', '.join(failed)}" if failed else ""
        console.write_line(
            *_draw_bar(dimension.dimension, dimension.score), Styled(suffix, "dim") if suffix else "", hang=_BAR
        )
    if score.timeliness is not None:
        console.write_line(
            *_draw_bar("timeliness", score.timeliness), Styled("  as of now, no part of the score", "dim"), hang=_BAR
        )
    if explain and score.score is not None:
        _explain(console, score.dimensions, score.score)


def _draw_bar(name: str, score: float) -> tuple[str, Styled]:
    full = round(score / 100 * WIDTH)
    return f"{name:<13} {score:>6g}  ", Styled("█" * full + "░" * (WIDTH - full), score_style(score))


def _explain(console: Console, dimensions: Sequence[DimensionScore], score: float) -> None:
    console.write_line()
    rows = [
        (dimension.dimension, rule.rule, rule.points, rule.weight)
        for dimension in dimensions
        for rule in dimension.rules
    ]
    console.write_table(("dimension", "rule", "points", "weight"), rows)
    parts = " + ".join(f"{dimension.weight} × {dimension.score:g}" for dimension in dimensions)
    console.write_line(f"score = ({parts}) / {sum(dimension.weight for dimension in dimensions)} = {score:g}")


def _draw_rules(console: Console, rules: Sequence[RuleStatus]) -> None:
    console.write_heading("Rules, and their last ten results, the newest at the right")
    console.write_table(("output", "rule", "severity", "value", "demanded", "results"), map(_format_rule, rules))
    for rule in rules:
        if rule.error is not None:
            console.write_line(Styled(f"! {rule.rule}: ", "red"), rule.error, hang=2)
        elif rule.note is not None:
            console.write_line(Styled(f"✗ {rule.rule}: ", "red"), rule.note, hang=2)


def _format_rule(status: RuleStatus) -> tuple[object, ...]:
    marks = "".join(MARKS[result] for result in status.last)
    wanted = describe_demand(status.operator, status.threshold, status.unit)
    style = "green" if status.passed else "red"
    return status.output, status.rule, status.severity, status.value, wanted, Styled(marks, style)


def _draw_promises(console: Console, metrics: QualityMetrics) -> None:
    console.write_heading(f"Promises over {format_count(metrics.window_days, 'day')}")
    header = ("output", "promise", "kept", "now", "compliance", "budget left", "measured since")
    console.write_table(header, map(_format_promise, metrics.sla_compliance))
    for sla in metrics.sla_compliance:
        for line in _describe_outlook(sla):
            console.write_line(Styled(f"{sla.output} {sla.promise}: ", "dim"), line, hang=2)


def _format_promise(sla: SlaCompliance) -> tuple[object, ...]:
    kept = "not measured yet" if sla.met is None else Styled("yes", "green") if sla.met else Styled("no", "red")
    share = None if sla.compliance is None else _format_share(sla)
    return (
        sla.output,
        f"{sla.promise} {sla.target}",
        kept,
        sla.actual,
        share,
        _format_budget_left(sla.budget),
        sla.since and format_minute(sla.since),
    )


def _format_share(sla: SlaCompliance) -> Styled:
    share = sla.compliance or 0.0
    return Styled(f"{_truncate_percent(share):g}% of {sla.objective:g}%", "green" if share >= sla.objective else "red")


def _truncate_percent(share: float) -> float:
    """Rounds down, so that 100 % is shown only for a complete share."""
    return math.floor(round(share * 100, 6)) / 100


def _format_budget_left(budget: Budget | None) -> Styled | None:
    """Formats the remaining error budget, or by how much it is exceeded."""
    if budget is None or (not budget.allowed and not budget.used):
        return None
    rest = abs(budget.remaining)
    amount_left = f"{rest:,.1f} reads" if budget.unit == "reads" else _format_span(rest)
    if budget.remaining > 0:
        return Styled(amount_left, "green")
    return Styled(f"exhausted, {amount_left} over" if rest else "exhausted", "red")


def _describe_outlook(sla: SlaCompliance) -> list[str]:
    """Describes the development if nothing more is published."""
    if sla.stale_at is None:
        return []
    stale = f"stale {'from' if sla.met else 'since'} {format_minute(sla.stale_at)}"
    gone = f"out of budget {'already' if sla.gone_at is None else f'at {format_minute(sla.gone_at)}'}"
    end = "" if sla.at_end is None else f", {_truncate_percent(sla.at_end):g}% by the end of today"
    return [f"{stale}, {gone}{end} if nothing more is published"]


def _format_span(seconds: float) -> str:
    """Formats a duration in its two largest units, such as 7 h 12 min; a fraction of a second is rounded up."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 10) / 10:g} s"
    rest = seconds
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count:.0f} {unit}")
    return " ".join(parts[:2])
