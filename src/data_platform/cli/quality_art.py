"""A product's quality, drawn: bars for its dimensions, a little bar a day, a mark a result. It reads without colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from data_platform.cli.paper import Paper, Styled
from data_platform.cli.sparkline import sparkline
from data_platform.cli.text import amount, minute
from data_platform.quality.score import DimensionScore
from data_platform.quality.sla import Budget
from data_platform.spec.rules import demand
from data_platform.verbs.results import IncidentInfo, OutputScore, QualityMetrics, RuleStatus, SlaCompliance

MARKS = {"passed": "✓", "failed": "✗", "error": "!"}
GAP = "·"
WIDTH = 20
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow"}


def draw_quality(paper: Paper, metrics: QualityMetrics, *, explain: bool = False) -> None:
    """Everything; with `explain` also which rules gave what."""
    score = metrics.current_score
    known = Styled(f"{score:g} of 100", score_style(score)) if score is not None else "nothing was published yet"
    paper.line(Styled(metrics.product, "bold"), "  ", known)
    _trend(paper, metrics)
    for each in metrics.scores:
        _dimensions(paper, each, explain=explain)
    if metrics.sla_compliance:
        _promises(paper, metrics)
    if metrics.rules:
        _rules(paper, metrics.rules)
    if metrics.incidents:
        paper.heading("Incidents")
        draw_incidents(paper, metrics.incidents)


def draw_incidents(paper: Paper, incidents: Sequence[IncidentInfo], *, products: bool = False) -> None:
    """A table of them; `products` tells whose each is."""
    header = ["id", "severity", "product" if products else "output", "opened", "state", "times", "cause", "what"]
    paper.table(header, [_incident(each, products=products) for each in incidents])


def _incident(incident: IncidentInfo, *, products: bool) -> tuple[object, ...]:
    where = f"{incident.product}.{incident.output}" if products else incident.output
    return (
        f"#{incident.id}",
        severity(incident.severity),
        where,
        minute(incident.opened_at),
        state(incident),
        incident.occurrences,
        incident.cause,
        incident.summary,
    )


def severity(word: str | None) -> Styled | None:
    """The severity in its colour."""
    return None if word is None else Styled(word, SEVERITY_STYLES.get(word, ""))


def state(incident: IncidentInfo) -> Styled | str:
    """How far the incident is."""
    if incident.resolved_at is not None:
        return f"resolved {minute(incident.resolved_at)}"
    if incident.acknowledged_by is not None:
        return Styled(f"acknowledged by {incident.acknowledged_by}", "yellow")
    return Styled("open", "red")


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
    paper.heading(f"{score.output} version {score.version} scored {score.score:g}")
    for each in score.dimensions:
        failed = [rule.rule for rule in each.rules if rule.points < 100]
        told = f"  {', '.join(failed)}" if failed else ""
        paper.line(*_bar(each.dimension, each.score), Styled(told, "dim") if told else "")
    if score.timeliness is not None:
        paper.line(*_bar("freshness", score.timeliness), Styled("  as of now, not in the score", "dim"))
    if explain:
        _explain(paper, score.dimensions, score.score)


def _bar(name: str, score: float) -> tuple[str, Styled]:
    full = round(score / 100 * WIDTH)
    return f"{name:<13} {score:>6g}  ", Styled("█" * full + "░" * (WIDTH - full), score_style(score))


def _explain(paper: Paper, dimensions: Sequence[DimensionScore], score: float) -> None:
    if not dimensions:
        paper.line(Styled("no rule judged it, so that it scores 100", "dim"))
        return
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
            paper.line(Styled(f"! {each.rule}: ", "red"), each.error)


def _rule(status: RuleStatus) -> tuple[object, ...]:
    marks = "".join(MARKS[result] for result in status.last)
    wanted = demand(status.operator, status.threshold, status.unit)
    style = "green" if status.passed else "red"
    return status.output, status.rule, status.severity, status.value, wanted, Styled(marks, style)


def _promises(paper: Paper, metrics: QualityMetrics) -> None:
    paper.heading(f"Promises over {amount(metrics.window_days, 'day')}")
    header = ("output", "promise", "target", "now", "kept", "compliance", "budget left")
    paper.table(header, map(_promise, metrics.sla_compliance))
    for each in metrics.sla_compliance:
        for line in _outlook(each):
            paper.line(Styled(f"{each.output} {each.promise} ", "dim"), line)


def _promise(sla: SlaCompliance) -> tuple[object, ...]:
    kept = "not measured yet" if sla.met is None else Styled("yes", "green") if sla.met else Styled("no", "red")
    share = None if sla.compliance is None else _share(sla)
    return sla.output, sla.promise, sla.target, sla.actual, kept, share, budget_left(sla.budget)


def _share(sla: SlaCompliance) -> Styled:
    """Rounded down, so that 100 % means all of it."""
    share = sla.compliance or 0.0
    told = int(share * 100) / 100
    return Styled(f"{told:g}% of {sla.objective:g}%", "green" if share >= sla.objective else "red")


def budget_left(budget: Budget | None) -> Styled | None:
    """What remains of what was allowed."""
    if budget is None:
        return None
    style = "green" if budget.remaining > 0 else "red"
    if budget.unit == "reads":
        return Styled(f"{budget.remaining:,.1f} of {budget.allowed:,.1f} failed reads", style)
    return Styled(f"{_span(budget.remaining)} of {_span(budget.allowed)}", style)


def _outlook(sla: SlaCompliance) -> list[str]:
    """When it gets worse: at the rate so far, and if nothing more is published."""
    lines = []
    if sla.budget is not None and sla.budget.gone_at is not None:
        lines.append(f"uses up its budget by {minute(sla.budget.gone_at)} if it goes on like this")
    if sla.stale_at is not None:
        stale = f"{'becomes stale at' if sla.met else 'is stale since'} {minute(sla.stale_at)}"
        gone = f"runs out of budget at {minute(sla.gone_at)}" if sla.gone_at is not None else "is out of budget"
        end = f", and has kept it {sla.at_end:g}% of the time when today ends" if sla.at_end is not None else ""
        lines.append(f"without another publish {stale}, {gone}{end}")
    return lines


def _span(seconds: float) -> str:
    """A span in its two largest units, such as 7 h 12 min; below zero with its sign."""
    sign, rest, parts = "−" if seconds < 0 else "", abs(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count:.0f} {unit}")
    return sign + " ".join(parts[:2])
