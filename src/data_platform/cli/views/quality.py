"""A product's quality, drawn: bars for its dimensions, a little bar a day, a mark a result. It reads without colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from data_platform.cli.console.console import Paper, Styled
from data_platform.cli.console.sparkline import sparkline
from data_platform.cli.console.text import amount, minute
from data_platform.quality.score import DimensionScore
from data_platform.quality.sla import Budget
from data_platform.spec.rules.model import demand
from data_platform.verbs.results import IncidentInfo, OutputScore, QualityMetrics, RuleStatus, SlaCompliance

MARKS = {"passed": "✓", "failed": "✗", "error": "!"}
GAP = "·"
WIDTH = 20
_BAR = 22 + WIDTH + 2
"""The blanks in front of what stands beside a bar."""
RESOLVED_SHOWN = 5
_BESIDE = 14
"""The blanks in front of what belongs to an incident: beside its number and severity."""
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow"}


def draw_quality(paper: Paper, metrics: QualityMetrics, *, explain: bool = False) -> None:
    """Everything; with `explain` also which rules gave what."""
    score = metrics.current_score
    unknown = "not scored: no rule judges it" if metrics.scores else "nothing was published yet"
    known = unknown if score is None else Styled(f"{score:g} of 100", score_style(score))
    paper.line(Styled(metrics.product, "bold"), "  ", known)
    _trend(paper, metrics)
    for each in metrics.scores:
        _dimensions(paper, each, explain=explain)
    if metrics.sla_compliance:
        _promises(paper, metrics)
    if metrics.rules:
        _rules(paper, metrics.rules)
    if metrics.incidents:
        _incidents(paper, metrics)


def _incidents(paper: Paper, metrics: QualityMetrics) -> None:
    """All that are open, and the last few that are not."""
    paper.heading("Incidents")
    over = [each for each in metrics.incidents if each.resolved_at is not None]
    shown = [each for each in metrics.incidents if each not in over[RESOLVED_SHOWN:]]
    draw_incidents(paper, shown)
    if len(shown) < len(metrics.incidents):
        more = len(metrics.incidents) - len(shown)
        paper.line(Styled(f"{more} more: data-platform incidents {metrics.product}", "dim"))


def draw_incidents(paper: Paper, incidents: Iterable[IncidentInfo]) -> None:
    """Two lines each: what it is and how it stands, and what happened."""
    for each in incidents:
        draw_incident(paper, each)
        paper.line(each.summary, indent=_BESIDE)


def draw_incident(paper: Paper, incident: IncidentInfo) -> None:
    """One line: its number, severity, cause and state."""
    times = f" {incident.occurrences} times" if incident.occurrences > 1 else ""
    paper.line(
        Styled(f"#{incident.id:<4} ", "bold"),
        Styled(f"{incident.severity or '–':<8}", SEVERITY_STYLES.get(incident.severity or "", "")),
        f"{incident.cause}{times} on {incident.place}, ",
        _state(incident),
        hang=_BESIDE,
    )


def _state(incident: IncidentInfo) -> Styled | str:
    if incident.resolved_at is not None:
        return f"resolved {minute(incident.resolved_at)}"
    since = minute(incident.opened_at)
    if incident.acknowledged_by is not None:
        return Styled(f"acknowledged by {incident.acknowledged_by}, since {since}", "yellow")
    return Styled(f"open since {since}", "red")


def score_style(score: float) -> str:
    """The colour of a score."""
    return "green" if score >= 90 else "yellow" if score >= 70 else "red"


def _trend(paper: Paper, metrics: QualityMetrics) -> None:
    """A bar a day from the lowest score 0 to 100, a dot for a day without a publish."""
    known = {point.day: point for point in metrics.quality_trend}
    if not known:
        return
    days = [metrics.first_day + timedelta(days=number) for number in range(metrics.window_days)]
    bars = "".join(sparkline([known[day].score]) if day in known else GAP for day in days)
    publishes = amount(sum(point.publishes for point in metrics.quality_trend), "publish", "publishes")
    paper.line(f"{amount(metrics.window_days, 'day')}  ", Styled(bars, "cyan"), f"  {days[0]} to {days[-1]}")
    paper.line(Styled(f"{publishes} judged on {amount(len(known), 'day')}; {GAP} a day without one", "dim"))


def _dimensions(paper: Paper, score: OutputScore, *, explain: bool) -> None:
    scored = "has no rules" if score.score is None else f"scored {score.score:g}"
    paper.heading(f"{score.output} version {score.version} {scored}")
    for each in score.dimensions:
        failed = [rule.rule for rule in each.rules if rule.points < 100]
        told = f"  {', '.join(failed)}" if failed else ""
        paper.line(*_bar(each.dimension, each.score), Styled(told, "dim") if told else "", hang=_BAR)
    if score.timeliness is not None:
        paper.line(*_bar("timeliness", score.timeliness), Styled("  as of now, no part of the score", "dim"), hang=_BAR)
    if explain and score.score is not None:
        _explain(paper, score.dimensions, score.score)


def _bar(name: str, score: float) -> tuple[str, Styled]:
    full = round(score / 100 * WIDTH)
    return f"{name:<13} {score:>6g}  ", Styled("█" * full + "░" * (WIDTH - full), score_style(score))


def _explain(paper: Paper, dimensions: Sequence[DimensionScore], score: float) -> None:
    paper.line()
    rows = [(each.dimension, rule.rule, rule.points, rule.weight) for each in dimensions for rule in each.rules]
    paper.table(("dimension", "rule", "points", "weight"), rows)
    parts = " + ".join(f"{each.weight} × {each.score:g}" for each in dimensions)
    paper.line(f"score = ({parts}) / {sum(each.weight for each in dimensions)} = {score:g}")


def _rules(paper: Paper, rules: Sequence[RuleStatus]) -> None:
    paper.heading("Rules, and their last ten results, the newest at the right")
    paper.table(("output", "rule", "severity", "value", "demanded", "results"), map(_rule, rules))
    for each in rules:
        if each.error is not None:
            paper.line(Styled(f"! {each.rule}: ", "red"), each.error, hang=2)


def _rule(status: RuleStatus) -> tuple[object, ...]:
    marks = "".join(MARKS[result] for result in status.last)
    wanted = demand(status.operator, status.threshold, status.unit)
    style = "green" if status.passed else "red"
    return status.output, status.rule, status.severity, status.value, wanted, Styled(marks, style)


def _promises(paper: Paper, metrics: QualityMetrics) -> None:
    paper.heading(f"Promises over {amount(metrics.window_days, 'day')}")
    header = ("output", "promise", "kept", "now", "compliance", "budget left", "measured since")
    paper.table(header, map(_promise, metrics.sla_compliance))
    for each in metrics.sla_compliance:
        for line in _outlook(each):
            paper.line(Styled(f"{each.output} {each.promise}: ", "dim"), line, hang=2)


def _promise(sla: SlaCompliance) -> tuple[object, ...]:
    kept = "not measured yet" if sla.met is None else Styled("yes", "green") if sla.met else Styled("no", "red")
    share = None if sla.compliance is None else _share(sla)
    return (
        sla.output,
        f"{sla.promise} {sla.target}",
        kept,
        sla.actual,
        share,
        _left(sla.budget),
        sla.since and minute(sla.since),
    )


def _share(sla: SlaCompliance) -> Styled:
    share = sla.compliance or 0.0
    return Styled(f"{_floor(share):g}% of {sla.objective:g}%", "green" if share >= sla.objective else "red")


def _floor(share: float) -> float:
    """Rounded down, so that 100 % means all of it."""
    return math.floor(round(share * 100, 6)) / 100


def _left(budget: Budget | None) -> Styled | None:
    """What may still go wrong; one that is used up says so."""
    if budget is None or (not budget.allowed and not budget.used):
        return None
    rest = abs(budget.remaining)
    told = f"{rest:,.1f} reads" if budget.unit == "reads" else _span(rest)
    if budget.remaining > 0:
        return Styled(told, "green")
    return Styled(f"exhausted, {told} over" if rest else "exhausted", "red")


def _outlook(sla: SlaCompliance) -> list[str]:
    """How it gets worse if nothing more is published."""
    if sla.stale_at is None:
        return []
    stale = f"stale {'from' if sla.met else 'since'} {minute(sla.stale_at)}"
    gone = f"out of budget {'already' if sla.gone_at is None else f'at {minute(sla.gone_at)}'}"
    end = "" if sla.at_end is None else f", {_floor(sla.at_end):g}% by the end of today"
    return [f"{stale}, {gone}{end} if nothing more is published"]


def _span(seconds: float) -> str:
    """A span in its two largest units, such as 7 h 12 min; what is left of a second is not nothing."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 10) / 10:g} s"
    rest = seconds
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count:.0f} {unit}")
    return " ".join(parts[:2])
