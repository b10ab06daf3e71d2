"""Whether a product is ready for production: the production checklist and the anti-patterns, each measured.

Nine points and four anti-patterns. Each has a verdict, the measured values, and a remedy: a command, or a line of
product.yaml. A point that cannot be measured yet is unknown, and counts as not met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from shlex import quote

from data_platform.governance.personal import is_likely_personal
from data_platform.governance.readiness_evidence import Evidence
from data_platform.governance.readiness_remedies import (
    GIVE_SCHEMA,
    PUBLISH,
    RECORD_LINEAGE,
    run_command,
    write_fields,
    write_yaml,
)
from data_platform.sentences import Sentence, join_sentences, make_sentence
from data_platform.spec.product.model import OutputType

FORMULA = 1
"""Raised with each change of what is judged here: a judgement that was kept by another formula is not used."""
MONITORING = "monitoring"
"""The key of the point that nothing meets while the clock does not run."""


class PointVerdict(StrEnum):
    """The verdict on a point."""

    MET = "met"
    MISSED = "not met"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the list, or one anti-pattern, which is met when it is avoided.

    `measured` has the values in words; `mend` is the remedy, None when nothing is to be done. `facts` and `steps` are
    the sentences that the two are made of.
    """

    key: str
    title: str
    verdict: PointVerdict
    measured: str
    mend: str | None = None
    facts: tuple[Sentence, ...] = ()
    steps: tuple[Sentence, ...] = ()

    @property
    def title_sentence(self) -> Sentence:
        """The title as a sentence, by the key."""
        return Sentence(f"checklist_title.{self.key}", self.title)

    @property
    def met(self) -> bool:
        """Whether it is met; an unknown point is not."""
        return self.verdict is PointVerdict.MET


def judge_points(evidence: Evidence) -> tuple[Point, ...]:
    """The nine points of the production checklist, in its order."""
    return (
        _judge_definition(evidence),
        _judge_slas(evidence),
        _judge_rules(evidence),
        _judge_documentation(evidence),
        _judge_pii(evidence),
        _judge_access(evidence),
        _judge_lineage(evidence),
        _judge_monitoring(evidence),
        _judge_oncall(evidence),
    )


def judge_anti_patterns(evidence: Evidence) -> tuple[Point, ...]:
    """The four anti-patterns, in a fixed order."""
    return (
        _judge_ownership(evidence),
        _judge_measurability(evidence),
        _judge_discoverability(evidence),
        _judge_governance(evidence),
    )


def judge_contract_points(evidence: Evidence) -> tuple[Point, ...]:
    """The points that depend on the contract alone, and not on publishes or `tick`."""
    judges = (_judge_definition, _judge_slas, _judge_rules, _judge_documentation, _judge_pii, _judge_oncall)
    return tuple(judge(evidence) for judge in judges)


def _is_written(text: str | None) -> bool:
    """Whether the text is written; a text that begins with TODO is not."""
    return bool(text) and not str(text).lstrip().upper().startswith("TODO")


def _judge_definition(evidence: Evidence) -> Point:
    product = evidence.product
    bare = [output.name for output in evidence.outputs if output.name not in evidence.schemas]
    missing = [
        *([] if _is_written(product.description) else ["description"]),
        *([] if product.version else ["version"]),
    ]
    facts, steps = [], []
    if missing:
        facts.append(_say_missing(missing))
        steps.append(write_fields(missing))
    if bare:
        facts.append(make_sentence("checklist.no_schema", "missing: the schema of {names}", bare))
        steps += [
            make_sentence(
                "checklist.give_schema",
                "product.yaml: outputs: {output}: schema: FILE (or publish it once)",
                output=name,
            )
            for name in bare
        ]
    whole = make_sentence("checklist.defined", "description, version, and a schema for every output")
    return _make_point("definition", facts or [whole], steps)


def _judge_slas(evidence: Evidence) -> Point:
    missing = [
        f"{output.name}: {word}"
        for output in evidence.outputs
        for word, value in (("freshness", output.sla.freshness), ("availability", output.sla.availability))
        if value is None
    ]
    if not missing:
        return _make_point("slas", [make_sentence("checklist.promised", "freshness and availability of every output")])
    fact = make_sentence("checklist.unpromised", "not promised: {promises}", promises=", ".join(missing))
    return _make_point("slas", [fact], [write_yaml("sla: {freshness: 1 day, availability: 99.9%}")])


def _judge_rules(evidence: Evidence) -> Point:
    tables = [output.name for output in evidence.outputs if output.type is OutputType.TABLE]
    if not tables:
        streams = make_sentence("checklist.only_streams", "it has only streams, and a publish judges no rules of them")
        return _make_point("rules", [streams], verdict=PointVerdict.UNKNOWN)
    counts = ", ".join(f"{name}: {evidence.rules.get(name, 0)}" for name in tables)
    steps = [
        make_sentence(
            "checklist.give_rules",
            "product.yaml: outputs: {output}: primary_key: COLUMN, or quality_rules: …",
            output=name,
        )
        for name in tables
        if not evidence.rules.get(name)
    ]
    judged = make_sentence("checklist.rules", "rules that a publish is judged by: {counts}", counts=counts)
    return _make_point("rules", [judged], steps)


def _judge_documentation(evidence: Evidence) -> Point:
    columns = evidence.columns
    if not columns:
        return _make_point("documented", [_NO_COLUMNS], [GIVE_SCHEMA], PointVerdict.UNKNOWN)
    bare = [f"{output}.{column.name}" for output, column in columns if not _is_written(column.description)]
    described = make_sentence(
        "checklist.described",
        "{n} of {all} columns have a description",
        n=len(columns) - len(bare),
        all=len(columns),
    )
    steps = [make_sentence("checklist.describe", "schema file: a description for {names}", bare)] if bare else []
    return _make_point("documented", [described], steps)


def _judge_pii(evidence: Evidence) -> Point:
    columns = evidence.columns
    if not columns:
        return _make_point("pii", [_NO_COLUMNS], [GIVE_SCHEMA], PointVerdict.UNKNOWN)
    names = sorted({column.name for _, column in columns if column.pii})
    doubtful = sorted({column.name for _, column in columns if is_likely_personal(column)})
    tagged = (
        make_sentence("checklist.tagged", "tagged: {columns}", columns=", ".join(names))
        if names
        else make_sentence("checklist.none_tagged", "tagged: none")
    )
    if not doubtful:
        return _make_point("pii", [tagged, make_sentence("checklist.no_doubt", "no other name looks personal")])
    looks = make_sentence("checklist.looks_personal", "looks personal: {names}", doubtful)
    steps = [
        write_yaml(f"pii_columns: [{', '.join(doubtful)}]"),
        make_sentence("checklist.not_pii", "or, where it is not, the tag not-pii in the schema file"),
    ]
    return _make_point("pii", [tagged, looks], steps)


def _judge_access(evidence: Evidence) -> Point:
    """Visibility is declared, restricted and personal outputs have an approver, and grants an end or a review."""
    accesses = {output.name: evidence.product.find_access(output) for output in evidence.outputs}
    undeclared = [name for name, access in accesses.items() if access.visibility is None]
    personal = {output for output, column in evidence.columns if column.pii}
    undecided = [
        name for name, access in accesses.items() if not evidence.has_decider(access, is_personal=name in personal)
    ]
    clear = sorted({column.name for _, column in evidence.columns if column.pii and not column.encrypted})
    visible = ", ".join(f"{name} {access.effective_visibility}" for name, access in accesses.items())
    facts, steps = [make_sentence("checklist.visibility", "visibility: {outputs}", outputs=visible)], []
    if undeclared:
        facts.append(make_sentence("checklist.undeclared", "not declared: {outputs}", outputs=", ".join(undeclared)))
        steps.append(write_yaml("access: {visibility: internal}"))
    if undecided:
        facts.append(
            make_sentence("checklist.undecided", "nobody decides about: {outputs}", outputs=", ".join(undecided))
        )
        steps.append(write_yaml("access: {approvers: [TEAM]}"))
    if evidence.endless:
        grants = ", ".join(evidence.endless)
        facts.append(make_sentence("checklist.endless", "grants without an end or a review: {grants}", grants=grants))
        steps.append(run_command("data-platform access revoke ID"))
    if clear:
        facts.append(make_sentence("checklist.clear", "in clear: {columns}", columns=", ".join(clear)))
        steps.append(make_sentence("checklist.encrypt", "schema file: take out encryption: none"))
    return _make_point("access", facts, steps)


def _judge_lineage(evidence: Evidence) -> Point:
    inputs, seen = evidence.product.inputs, set(evidence.sources)
    if not any(evidence.published.values()):
        unpublished = make_sentence("checklist.unpublished", "nothing was published yet")
        return _make_point("lineage", [unpublished], [PUBLISH], PointVerdict.UNKNOWN)
    if unseen := [str(needed) for needed in inputs if (needed.data_product, needed.output) not in seen]:
        fact = make_sentence(
            "checklist.unseen_inputs",
            "{n} of {all} inputs are in the newest data; not {names}",
            unseen,
            n=len(inputs) - len(unseen),
            all=len(inputs),
        )
        return _make_point("lineage", [fact], [RECORD_LINEAGE])
    if evidence.undeclared:
        product, _, output = evidence.undeclared[0].partition(".")
        fact = make_sentence(
            "checklist.undeclared_inputs",
            "the newest data comes from {names}, which `inputs` does not name",
            evidence.undeclared,
        )
        return _make_point("lineage", [fact], [write_yaml(f"inputs: [{{data_product: {product}, output: {output}}}]")])
    if not seen:
        fact = make_sentence(
            "checklist.no_sources", "no inputs are declared, and nothing says where the data came from"
        )
        read = make_sentence("checklist.read_source", "product.read_source in the pipeline")
        return _make_point("lineage", [fact], [read, RECORD_LINEAGE], PointVerdict.UNKNOWN)
    sources = list(_format_sources(evidence.sources))
    return _make_point("lineage", [make_sentence("checklist.sources", "the newest data comes from {names}", sources)])


def _judge_monitoring(evidence: Evidence) -> Point:
    """A promise is measured, the clock runs, and a channel that hears of its incidents took a test message."""
    alerts, promises = evidence.product.alerts, evidence.promises
    tested = [channel for channel in alerts if channel in evidence.tested]
    is_unmeasured, is_stopped = promises and not evidence.measured, not evidence.clock_runs or evidence.unreported
    facts = [
        make_sentence("checklist.alerts", "alerts: {channels}", channels=", ".join(alerts))
        if alerts
        else make_sentence("checklist.no_alerts", "alerts: none"),
        make_sentence("checklist.tested", "tested: {channels}", channels=", ".join(tested))
        if tested
        else make_sentence("checklist.none_tested", "tested: none"),
        make_sentence("checklist.measured", "{n} of {all} promises measured", n=evidence.measured, all=promises),
        make_sentence("checklist.clock_runs", "the clock runs")
        if evidence.clock_runs
        else make_sentence("checklist.clock_stopped", "the clock does not run"),
    ]
    if evidence.unreported:
        unreported = evidence.unreported
        facts.append(make_sentence("checklist.unreported", "{n} broken without an incident", n=unreported))
    clock = make_sentence("checklist.run_clock", "data-platform serve, or data-platform tick by cron")
    steps = [
        *([] if alerts else [write_yaml("alerts: [CHANNEL]")]),
        *([] if promises else [write_yaml("sla: {freshness: 1 day}")]),
        *([PUBLISH] if is_unmeasured else []),
        *([clock] if is_stopped else []),
        *([run_command(f"data-platform alerts test {quote(next(iter(alerts)))}")] if alerts and not tested else []),
    ]
    return _make_point(MONITORING, facts, steps)


def _judge_oncall(evidence: Evidence) -> Point:
    oncall = evidence.product.oncall
    gone = [name for name in oncall if name in evidence.gone]
    facts = [
        make_sentence("checklist.on_call", "on call: {people}", people=", ".join(oncall))
        if oncall
        else make_sentence("checklist.nobody_on_call", "on call: nobody")
    ]
    if gone:
        facts.append(make_sentence("checklist.left", "left: {people}", people=", ".join(gone)))
    return _make_point("oncall", facts, [] if oncall and not gone else [write_yaml("oncall: [PERSON]")])


def is_central(owned: int, domains: int) -> bool:
    """Whether an owner of products in that many of the domains is a central team."""
    return owned > 1 and owned * 2 > domains


def _judge_ownership(evidence: Evidence) -> Point:
    owner, owned, domains = evidence.product.owner, len(evidence.owned), evidence.domains
    has_left = owner in evidence.gone
    fact = (
        make_sentence(
            "checklist.owner_left",
            "{owner} owns products in {n} of {all} domains, which has left",
            owner=owner,
            n=owned,
            all=domains,
        )
        if has_left
        else make_sentence(
            "checklist.owner", "{owner} owns products in {n} of {all} domains", owner=owner, n=owned, all=domains
        )
    )
    transfer = run_command(f"data-platform transfer {evidence.product.name} --to DOMAIN_TEAM")
    return _make_point("domain-owned", [fact], [transfer] if has_left or is_central(owned, domains) else [])


def _judge_measurability(evidence: Evidence) -> Point:
    bare = [o.name for o in evidence.outputs if o.sla.freshness is None and o.sla.availability is None]
    facts = [make_sentence("checklist.promises", "{n} promises are measured", n=evidence.promises)]
    if bare:
        facts.append(make_sentence("checklist.without_promises", "none of {names}", bare))
    return _make_point("measurable", facts, [write_yaml("sla: {freshness: 1 day}")] if bare else [])


def _judge_discoverability(evidence: Evidence) -> Point:
    product = evidence.product
    written = (("description", _is_written(product.description)), ("tags", product.tags))
    missing = [word for word, value in written if not value]
    if missing:
        return _make_point("discoverable", [_say_missing(missing)], [write_fields(missing)])
    fact = make_sentence("checklist.searchable", "search finds it by description, tags and columns")
    return _make_point("discoverable", [fact])


def _judge_governance(evidence: Evidence) -> Point:
    facts, steps = [_count_policies(evidence.policies)], []
    if not evidence.policies:
        steps.append(run_command("data-platform policies apply FILE"))
    elif evidence.violated:
        facts.append(make_sentence("checklist.violated", "open incidents of {names}", evidence.violated))
        steps.append(run_command(f"data-platform incidents {evidence.product.name}"))
    return _make_point("governed", facts, steps)


def _count_policies(count: int) -> Sentence:
    if not count:
        return make_sentence("checklist.no_policy", "no policy binds it")
    if count == 1:
        return make_sentence("checklist.one_policy", "1 policy binds it")
    return make_sentence("checklist.policies", "{n} policies bind it", n=count)


def _say_missing(fields: Sequence[str]) -> Sentence:
    return make_sentence("checklist.missing", "missing: {fields}", fields=", ".join(fields))


_NO_COLUMNS = make_sentence("checklist.no_columns", "no columns are known yet")

TITLES = {
    "definition": "data product definition complete",
    "slas": "SLAs defined (freshness, availability)",
    "rules": "quality rules implemented",
    "documented": "schema documented",
    "pii": "PII columns tagged",
    "access": "access policies configured",
    "lineage": "lineage tracked",
    "monitoring": "monitoring in place",
    "oncall": "on-call rotation defined",
    "domain-owned": "no central data team as a bottleneck",
    "measurable": "no product without quality SLAs",
    "discoverable": "no product that nobody can find",
    "governed": "no product outside governance",
}
"""The titles of points by their keys: the production checklist, then the anti-patterns."""


def _make_point(
    key: str, facts: Sequence[Sentence], steps: Sequence[Sentence] = (), verdict: PointVerdict | None = None
) -> Point:
    """The point, which is met where nothing is to be done unless a verdict is given."""
    if verdict is None:
        verdict = PointVerdict.MISSED if steps else PointVerdict.MET
    mend = join_sentences(steps) or None
    return Point(key, TITLES[key], verdict, join_sentences(facts), mend, tuple(facts), tuple(steps))


def _format_sources(sources: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    yield from dict.fromkeys(f"{name}.{output}" if output else name for name, output in sources)
