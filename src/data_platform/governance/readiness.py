"""Whether a product is ready for production: the production checklist and the anti-patterns, each measured.

Nine points and four anti-patterns. Each has a verdict, the measured values, and a remedy: a command, or a line of
product.yaml. A point that cannot be measured yet is unknown, and counts as not met.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from data_platform.governance.personal import is_likely_personal
from data_platform.spec.access.model import AccessSpec, Visibility
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.schema.types import NO_CONSTRAINTS, SchemaColumn, TableSchema

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

    `measured` has the values in words; `mend` is the remedy, None when nothing is to be done.
    """

    key: str
    title: str
    verdict: PointVerdict
    measured: str
    mend: str | None = None

    @property
    def met(self) -> bool:
        """Whether it is met; an unknown point is not."""
        return self.verdict is PointVerdict.MET


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about a product. Mappings are by the output's name, and mean its newest major.

    `rules` counts the rules of a publish. `published` is the newest data version, 0 without one. `sources` are the
    recorded sources of the newest versions. `policies` counts the policies of the domain, `violated` names those with
    an open incident. `unreported` counts broken promises without an incident, because `tick` does not run. `measured`
    counts promises that can be measured, `clock_runs` says whether maintenance ran lately, `tested` are channels of
    alerts that took a test message. `owned` are the domains in which the owner has products, `domains` counts all of
    them. `gone` are people of the product who have left. `undeclared` are sources in the mesh that `inputs` does not
    name. `endless` are open grants without an end and without a review.
    """

    product: Product
    schemas: Mapping[str, TableSchema]
    rules: Mapping[str, int]
    published: Mapping[str, int]
    sources: Sequence[tuple[str, str | None]]
    policies: int = 0
    violated: Sequence[str] = ()
    unreported: int = 0
    measured: int = 0
    clock_runs: bool = False
    tested: Collection[str] = ()
    owned: Sequence[str] = ()
    domains: int = 1
    gone: Sequence[str] = field(default=())
    undeclared: Sequence[str] = ()
    endless: Sequence[str] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The newest major of each output, in the file's order."""
        names = dict.fromkeys(output.name for output in self.product.outputs)
        newest = (self.product.find_output(name) for name in names)
        return tuple(output for output in newest if output is not None)

    @property
    def promises(self) -> int:
        """The number of freshness and availability promises."""
        promised = ((output.sla.freshness, output.sla.availability) for output in self.outputs)
        return sum(value is not None for pair in promised for value in pair)

    @property
    def columns(self) -> tuple[tuple[str, SchemaColumn], ...]:
        """Every known column, with the name of its output."""
        return tuple((o.name, column) for o in self.outputs for column in self.schemas.get(o.name) or ())


def collect_contract_evidence(contract: Contract) -> Evidence:
    """The evidence of the contract alone."""
    product, schemas = contract.product, contract.schemas
    newest = {name: output for name in {o.name for o in product.outputs} if (output := product.find_output(name))}
    rules = {name: _count_demands(output, schemas.get(name)) for name, output in newest.items()}
    return Evidence(product, schemas, rules, published={}, sources=())


def _count_demands(output: Output, schema: TableSchema | None) -> int:
    """The number of demands on the data of an output: its rules, its key, and the columns with constraints."""
    constrained = sum(column.constraints != NO_CONSTRAINTS for column in schema or ())
    return len(output.rules) + bool(output.primary_key) + constrained


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
        *(["version"] if not product.version else []),
        *(f"the schema of {name}" for name in bare),
    ]
    measured = f"missing: {', '.join(missing)}" if missing else "description, version, and a schema for every output"
    remedy = None
    if missing:
        lines = [f"{word}: …" for word in missing if word in ("description", "version")]
        remedy = _format_yaml(*lines, *(f"outputs: {name}: schema: FILE (or publish it once)" for name in bare))
    return _make_point("definition", "data product definition complete", not missing, measured, remedy)


def _judge_slas(evidence: Evidence) -> Point:
    missing = [
        f"{output.name}: {word}"
        for output in evidence.outputs
        for word, value in (("freshness", output.sla.freshness), ("availability", output.sla.availability))
        if value is None
    ]
    measured = f"not promised: {', '.join(missing)}" if missing else "freshness and availability of every output"
    remedy = _format_yaml("sla: {freshness: 1 day, availability: 99.9%}") if missing else None
    return _make_point("slas", "SLAs defined (freshness, availability)", not missing, measured, remedy)


def _judge_rules(evidence: Evidence) -> Point:
    title = "quality rules implemented"
    tables = [output.name for output in evidence.outputs if output.type is OutputType.TABLE]
    if not tables:
        return Point("rules", title, PointVerdict.UNKNOWN, "it has only streams, and a publish judges no rules of them")
    bare = [name for name in tables if not evidence.rules.get(name)]
    counts = ", ".join(f"{name}: {evidence.rules.get(name, 0)}" for name in tables)
    remedy = (
        _format_yaml(*(f"outputs: {name}: primary_key: COLUMN, or quality_rules: …" for name in bare)) if bare else None
    )
    return _make_point("rules", title, not bare, f"rules that a publish is judged by: {counts}", remedy)


def _judge_documentation(evidence: Evidence) -> Point:
    title, columns = "schema documented", evidence.columns
    if not columns:
        return Point(
            "documented", title, PointVerdict.UNKNOWN, "no columns are known yet", _format_yaml("schema: FILE")
        )
    bare = [f"{output}.{column.name}" for output, column in columns if not _is_written(column.description)]
    measured = f"{len(columns) - len(bare)} of {len(columns)} columns have a description"
    remedy = f"schema file: a description for {_list_some(bare)}" if bare else None
    return _make_point("documented", title, not bare, measured, remedy)


def _judge_pii(evidence: Evidence) -> Point:
    title, columns = "PII columns tagged", evidence.columns
    if not columns:
        return Point("pii", title, PointVerdict.UNKNOWN, "no columns are known yet", _format_yaml("schema: FILE"))
    tagged = sorted({column.name for _, column in columns if column.pii})
    doubtful = sorted({column.name for _, column in columns if is_likely_personal(column)})
    measured = f"tagged: {', '.join(tagged) or 'none'}"
    if not doubtful:
        return Point("pii", title, PointVerdict.MET, f"{measured}; no other name looks personal")
    remedy = _format_yaml(
        f"pii_columns: [{', '.join(doubtful)}]", "or, where it is not, the tag not-pii in the schema file"
    )
    return Point("pii", title, PointVerdict.MISSED, f"{measured}; looks personal: {_list_some(doubtful)}", remedy)


def _judge_access(evidence: Evidence) -> Point:
    """Visibility is declared, restricted and personal outputs have an approver, and grants an end or a review."""
    accesses = {output.name: evidence.product.find_access(output) for output in evidence.outputs}
    undeclared = [name for name, access in accesses.items() if access.visibility is None]
    personal = {output for output, column in evidence.columns if column.pii}
    undecided = [name for name, access in accesses.items() if not _has_decider(evidence, name in personal, access)]
    clear = sorted({column.name for _, column in evidence.columns if column.pii and not column.encrypted})
    measured = f"visibility: {', '.join(f'{name} {access.effective_visibility}' for name, access in accesses.items())}"
    faults = (
        ("not declared", undeclared, _format_yaml("access: {visibility: internal}")),
        ("nobody decides about", undecided, _format_yaml("access: {approvers: [TEAM]}")),
        ("grants without an end or a review", evidence.endless, "data-platform access revoke ID"),
        ("in clear", clear, "schema file: take out encryption: none"),
    )
    texts = [measured, *(f"{what}: {', '.join(those)}" for what, those, _ in faults if those)]
    remedy = "; ".join(remedy for _, those, remedy in faults if those) or None
    return _make_point("access", "access policies configured", remedy is None, "; ".join(texts), remedy)


def _has_decider(evidence: Evidence, is_personal: bool, access: AccessSpec) -> bool:
    """Whether an output whose access must be requested has an approver who has not left."""
    is_open = access.effective_visibility is not Visibility.RESTRICTED and not is_personal
    deciders = access.approvers or (evidence.product.owner,)
    return is_open or any(decider not in evidence.gone for decider in deciders)


def _judge_lineage(evidence: Evidence) -> Point:
    title, inputs = "lineage tracked", evidence.product.inputs
    record = 'consume in the pipeline, or publish with lineage=["PRODUCT.OUTPUT"]'
    if not any(evidence.published.values()):
        return Point("lineage", title, PointVerdict.UNKNOWN, "nothing was published yet", _PUBLISH)
    seen = set(evidence.sources)
    unseen = [str(needed) for needed in inputs if (needed.data_product, needed.output) not in seen]
    if unseen:
        measured = (
            f"{len(inputs) - len(unseen)} of {len(inputs)} inputs are in the newest data; not {_list_some(unseen)}"
        )
        return Point("lineage", title, PointVerdict.MISSED, measured, record)
    if evidence.undeclared:
        product, _, output = evidence.undeclared[0].partition(".")
        measured = f"the newest data comes from {_list_some(evidence.undeclared)}, which `inputs` does not name"
        return Point(
            "lineage",
            title,
            PointVerdict.MISSED,
            measured,
            _format_yaml(f"inputs: [{{data_product: {product}, output: {output}}}]"),
        )
    if not seen:
        measured = "no inputs are declared, and nothing says where the data came from"
        return Point("lineage", title, PointVerdict.UNKNOWN, measured, f"product.read_source in the pipeline; {record}")
    return Point(
        "lineage",
        title,
        PointVerdict.MET,
        f"the newest data comes from {_list_some(_format_sources(evidence.sources))}",
    )


def _judge_monitoring(evidence: Evidence) -> Point:
    """A promise is measured, the clock runs, and a channel that hears of its incidents took a test message."""
    alerts, promises = evidence.product.alerts, evidence.promises
    tested = [channel for channel in alerts if channel in evidence.tested]
    faults = (
        (not alerts, _format_yaml("alerts: [CHANNEL]")),
        (not promises, _format_yaml("sla: {freshness: 1 day}")),
        (promises and not evidence.measured, _PUBLISH),
        (not evidence.clock_runs or evidence.unreported, "data-platform serve, or data-platform tick by cron"),
        (alerts and not tested, f"data-platform alerts test {next(iter(alerts), '')}"),
    )
    facts = [
        f"alerts: {', '.join(alerts) or 'none'}",
        f"tested: {', '.join(tested) or 'none'}",
        f"{evidence.measured} of {promises} promises measured",
        "the clock runs" if evidence.clock_runs else "the clock does not run",
        *([f"{evidence.unreported} broken without an incident"] if evidence.unreported else []),
    ]
    remedy = "; ".join(remedy for is_missing, remedy in faults if is_missing) or None
    return _make_point(MONITORING, "monitoring in place", remedy is None, "; ".join(facts), remedy)


def _judge_oncall(evidence: Evidence) -> Point:
    oncall = evidence.product.oncall
    gone = [name for name in oncall if name in evidence.gone]
    measured = f"on call: {', '.join(oncall) or 'nobody'}" + (f"; left: {', '.join(gone)}" if gone else "")
    is_met = bool(oncall) and not gone
    return _make_point(
        "oncall", "on-call rotation defined", is_met, measured, None if is_met else _format_yaml("oncall: [PERSON]")
    )


def is_central(owned: int, domains: int) -> bool:
    """Whether an owner of products in that many of the domains is a central team."""
    return owned > 1 and owned * 2 > domains


def _judge_ownership(evidence: Evidence) -> Point:
    owned, domains = len(evidence.owned), evidence.domains
    measured = f"{evidence.product.owner} owns products in {owned} of {domains} domains"
    central = is_central(owned, domains)
    if evidence.product.owner in evidence.gone:
        measured += ", which has left"
    is_met = not central and evidence.product.owner not in evidence.gone
    remedy = None if is_met else f"data-platform transfer {evidence.product.name} --to DOMAIN_TEAM"
    return _make_point("domain-owned", "no central data team as a bottleneck", is_met, measured, remedy)


def _judge_measurability(evidence: Evidence) -> Point:
    bare = [o.name for o in evidence.outputs if o.sla.freshness is None and o.sla.availability is None]
    measured = f"{evidence.promises} promises are measured" + (f"; none of {_list_some(bare)}" if bare else "")
    remedy = _format_yaml("sla: {freshness: 1 day}") if bare else None
    return _make_point("measurable", "no product without quality SLAs", not bare, measured, remedy)


def _judge_discoverability(evidence: Evidence) -> Point:
    product = evidence.product
    written = (("description", _is_written(product.description)), ("tags", product.tags))
    missing = [word for word, value in written if not value]
    measured = f"missing: {', '.join(missing)}" if missing else "search finds it by description, tags and columns"
    remedy = _format_yaml(*(f"{word}: …" for word in missing)) if missing else None
    return _make_point("discoverable", "no product that nobody can find", not missing, measured, remedy)


def _judge_governance(evidence: Evidence) -> Point:
    measured, remedy = _describe_policies(evidence), None
    if not evidence.policies:
        remedy = _APPLY
    elif evidence.violated:
        measured += f"; open incidents of {_list_some(evidence.violated)}"
        remedy = f"data-platform incidents {evidence.product.name}"
    return _make_point("governed", "no product outside governance", remedy is None, measured, remedy)


_APPLY = "data-platform policies apply FILE"
_PUBLISH = "data-platform publish PRODUCT_YAML OUTPUT FILE"


def _describe_policies(evidence: Evidence) -> str:
    count = evidence.policies
    return f"{count} {'policy binds' if count == 1 else 'policies bind'} it" if count else "no policy binds it"


def _make_point(key: str, title: str, is_met: bool, measured: str, remedy: str | None) -> Point:
    return Point(key, title, PointVerdict.MET if is_met else PointVerdict.MISSED, measured, remedy)


def _format_yaml(*lines: str) -> str:
    return f"product.yaml: {'; '.join(lines)}"


def _format_sources(sources: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    yield from dict.fromkeys(f"{name}.{output}" if output else name for name, output in sources)


def _list_some(names: Sequence[str] | Iterator[str]) -> str:
    """Up to five of them, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return f"{', '.join(listed[:5])}{more}"
