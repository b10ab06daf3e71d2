"""Whether a product is ready to be relied on: the production checklist and the anti-patterns, each measured.

Nine points and four anti-patterns. Each has a verdict, the values it was judged by, and what mends it: a command, or a
line of product.yaml. What cannot be measured yet is not met, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from data_platform.governance.personal import looks_personal
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.schema.types import NO_CONSTRAINTS, Column, TableSchema


class Verdict(StrEnum):
    """How a point stands."""

    MET = "met"
    MISSED = "not met"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the list, or one anti-pattern, which is met when it is avoided.

    `measured` has the values in words, `mend` is None when there is nothing to mend.
    """

    key: str
    title: str
    verdict: Verdict
    measured: str
    mend: str | None = None

    @property
    def met(self) -> bool:
        """Whether it holds; what cannot be told does not."""
        return self.verdict is Verdict.MET


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a product. Mappings are by the output's name, and each output stands for its newest major.

    `rules` counts what a publish is judged by; `published` is the newest data version (0: none); `sources` are those
    that the newest versions are recorded to come from. `policies` bind the domain, `violated` are those with an open
    incident. `untold` promises are broken and no incident says so: nobody runs `tick`. `owned` are the domains in which
    the owner has products, of the mesh's `domains`. `gone` are people of the product who left. `undeclared` are sources
    in the mesh that `inputs` does not name.
    """

    product: Product
    schemas: Mapping[str, TableSchema]
    rules: Mapping[str, int]
    published: Mapping[str, int]
    sources: Sequence[tuple[str, str | None]]
    policies: int = 0
    violated: Sequence[str] = ()
    untold: int = 0
    owned: Sequence[str] = ()
    domains: int = 1
    gone: Sequence[str] = field(default=())
    undeclared: Sequence[str] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The newest major of each output, in the file's order."""
        names = dict.fromkeys(output.name for output in self.product.outputs)
        found = (self.product.output(name) for name in names)
        return tuple(output for output in found if output is not None)

    @property
    def promises(self) -> int:
        """How many freshness and availability promises are made."""
        promised = ((each.sla.freshness, each.sla.availability) for each in self.outputs)
        return sum(value is not None for pair in promised for value in pair)

    @property
    def columns(self) -> tuple[tuple[str, Column], ...]:
        """Every column that is known, with its output's name."""
        return tuple((o.name, column) for o in self.outputs for column in self.schemas.get(o.name) or ())


def of_contract(contract: Contract) -> Evidence:
    """What the contract alone tells."""
    product, schemas = contract.product, contract.schemas
    newest = {name: output for name in {o.name for o in product.outputs} if (output := product.output(name))}
    rules = {name: _demands(output, schemas.get(name)) for name, output in newest.items()}
    return Evidence(product, schemas, rules, published={}, sources=())


def _demands(output: Output, schema: TableSchema | None) -> int:
    """How much an output demands of its data: its rules, its key, and the columns that its schema constrains."""
    constrained = sum(column.constraints != NO_CONSTRAINTS for column in schema or ())
    return len(output.rules) + bool(output.primary_key) + constrained


def points(evidence: Evidence) -> tuple[Point, ...]:
    """The nine points of the production checklist, in its order."""
    return (
        _definition(evidence),
        _slas(evidence),
        _rules(evidence),
        _documented(evidence),
        _pii(evidence),
        _access(evidence),
        _lineage(evidence),
        _monitoring(evidence),
        _oncall(evidence),
    )


def anti_patterns(evidence: Evidence) -> tuple[Point, ...]:
    """The four anti-patterns, in the mission text's order."""
    return (_bottleneck(evidence), _no_slas(evidence), _undiscoverable(evidence), _ungoverned(evidence))


def contract_points(evidence: Evidence) -> tuple[Point, ...]:
    """Those points that the contract alone decides, whatever was published and whoever runs `tick`."""
    judges = (_definition, _slas, _rules, _documented, _pii, _oncall)
    return tuple(judge(evidence) for judge in judges)


def _written(text: str | None) -> bool:
    """Whether somebody has said something; what begins with TODO is still to be said."""
    return bool(text) and not str(text).lstrip().upper().startswith("TODO")


def _definition(evidence: Evidence) -> Point:
    product = evidence.product
    bare = [output.name for output in evidence.outputs if output.name not in evidence.schemas]
    missing = [
        *([] if _written(product.description) else ["description"]),
        *(["version"] if not product.version else []),
        *(f"the schema of {name}" for name in bare),
    ]
    measured = f"missing: {', '.join(missing)}" if missing else "description, version, and a schema for every output"
    mend = None
    if missing:
        lines = [f"{word}: …" for word in missing if word in ("description", "version")]
        mend = _yaml(*lines, *(f"outputs: {name}: schema: FILE (or publish it once)" for name in bare))
    return _point("definition", "data product definition complete", not missing, measured, mend)


def _slas(evidence: Evidence) -> Point:
    missing = [
        f"{output.name}: {word}"
        for output in evidence.outputs
        for word, value in (("freshness", output.sla.freshness), ("availability", output.sla.availability))
        if value is None
    ]
    told = f"not promised: {', '.join(missing)}" if missing else "freshness and availability of every output"
    mend = _yaml("sla: {freshness: 1 day, availability: 99.9%}") if missing else None
    return _point("slas", "SLAs defined (freshness, availability)", not missing, told, mend)


def _rules(evidence: Evidence) -> Point:
    title = "quality rules implemented"
    tables = [output.name for output in evidence.outputs if output.type is OutputType.TABLE]
    if not tables:
        return Point("rules", title, Verdict.UNKNOWN, "it has streams alone, which no publish judges")
    bare = [name for name in tables if not evidence.rules.get(name)]
    told = ", ".join(f"{name}: {evidence.rules.get(name, 0)}" for name in tables)
    mend = _yaml(*(f"outputs: {name}: primary_key: COLUMN, or quality_rules: …" for name in bare)) if bare else None
    return _point("rules", title, not bare, f"rules that a publish is judged by: {told}", mend)


def _documented(evidence: Evidence) -> Point:
    title, columns = "schema documented", evidence.columns
    if not columns:
        return Point("documented", title, Verdict.UNKNOWN, "no columns are known yet", _yaml("schema: FILE"))
    bare = [f"{output}.{column.name}" for output, column in columns if not _written(column.description)]
    told = f"{len(columns) - len(bare)} of {len(columns)} columns have a description"
    mend = f"schema file: a description for {_some(bare)}" if bare else None
    return _point("documented", title, not bare, told, mend)


def _pii(evidence: Evidence) -> Point:
    title, columns = "PII columns tagged", evidence.columns
    if not columns:
        return Point("pii", title, Verdict.UNKNOWN, "no columns are known yet", _yaml("schema: FILE"))
    tagged = sorted({column.name for _, column in columns if column.pii})
    doubtful = sorted({column.name for _, column in columns if looks_personal(column)})
    told = f"tagged: {', '.join(tagged) or 'none'}"
    if not doubtful:
        return Point("pii", title, Verdict.MET, f"{told}; no other name looks personal")
    mend = _yaml(f"pii_columns: [{', '.join(doubtful)}]", "or, where it is not, the tag not-pii in the schema file")
    return Point("pii", title, Verdict.MISSED, f"{told}; looks personal: {_some(doubtful)}", mend)


def _access(evidence: Evidence) -> Point:
    clear = sorted({column.name for _, column in evidence.columns if column.pii and not column.encrypted})
    sealed = sum(column.pii and column.encrypted for _, column in evidence.columns)
    told = [_policies(evidence), f"{sealed} PII {'column' if sealed == 1 else 'columns'} encrypted"]
    mends = [] if evidence.policies else [_APPLY]
    if clear:
        told.append(f"in clear: {', '.join(clear)}")
        mends.append("schema file: take out encryption: none")
    mend = "; ".join(mends) or None
    return _point("access", "access policies configured", mend is None, ", ".join(told), mend)


def _lineage(evidence: Evidence) -> Point:
    title, inputs = "lineage tracked", evidence.product.inputs
    record = 'consume in the pipeline, or publish with lineage=["PRODUCT.OUTPUT"]'
    if not any(evidence.published.values()):
        return Point("lineage", title, Verdict.UNKNOWN, "nothing was published yet", _PUBLISH)
    seen = set(evidence.sources)
    unseen = [str(each) for each in inputs if (each.data_product, each.output) not in seen]
    if unseen:
        told = f"{len(inputs) - len(unseen)} of {len(inputs)} inputs are in the newest data; not {_some(unseen)}"
        return Point("lineage", title, Verdict.MISSED, told, record)
    if evidence.undeclared:
        product, _, output = evidence.undeclared[0].partition(".")
        told = f"the newest data comes from {_some(evidence.undeclared)}, which `inputs` does not name"
        return Point(
            "lineage", title, Verdict.MISSED, told, _yaml(f"inputs: [{{data_product: {product}, output: {output}}}]")
        )
    if not seen:
        told = "no inputs are declared, and nothing says where the data came from"
        return Point("lineage", title, Verdict.UNKNOWN, told, f"product.read_source in the pipeline; {record}")
    return Point("lineage", title, Verdict.MET, f"the newest data comes from {_some(_names(evidence.sources))}")


def _monitoring(evidence: Evidence) -> Point:
    alerts, promises, rules = evidence.product.alerts, evidence.promises, sum(evidence.rules.values())
    mends = [] if alerts else [_yaml('alerts: ["#CHANNEL"]')]
    mends += [] if promises + rules else [_yaml("sla: {freshness: 1 day}")]
    told = f"alerts: {', '.join(alerts) or 'none'}; {promises} promises and {rules} rules"
    if evidence.untold:
        told += f"; {evidence.untold} broken without an incident"
        mends.append("data-platform tick, by cron")
    mend = "; ".join(mends) or None
    return _point("monitoring", "monitoring in place", mend is None, told, mend)


def _oncall(evidence: Evidence) -> Point:
    oncall = evidence.product.oncall
    gone = [name for name in oncall if name in evidence.gone]
    told = f"on call: {', '.join(oncall) or 'nobody'}" + (f"; gone: {', '.join(gone)}" if gone else "")
    held = bool(oncall) and not gone
    return _point("oncall", "on-call rotation defined", held, told, None if held else _yaml("oncall: [PERSON]"))


def _bottleneck(evidence: Evidence) -> Point:
    owned, domains = len(evidence.owned), evidence.domains
    told = f"{evidence.product.owner} owns products in {owned} of {domains} domains"
    central = owned > 1 and owned * 2 > domains
    if evidence.product.owner in evidence.gone:
        told += ", and is gone"
    held = not central and evidence.product.owner not in evidence.gone
    mend = None if held else f"data-platform transfer {evidence.product.name} --to DOMAIN_TEAM"
    return _point("domain-owned", "no central data team as a bottleneck", held, told, mend)


def _no_slas(evidence: Evidence) -> Point:
    bare = [o.name for o in evidence.outputs if o.sla.freshness is None and o.sla.availability is None]
    told = f"{evidence.promises} promises are measured" + (f"; none of {_some(bare)}" if bare else "")
    mend = _yaml("sla: {freshness: 1 day}") if bare else None
    return _point("measurable", "no product without quality SLAs", not bare, told, mend)


def _undiscoverable(evidence: Evidence) -> Point:
    product = evidence.product
    written = (("description", _written(product.description)), ("tags", product.tags))
    missing = [word for word, value in written if not value]
    told = f"missing: {', '.join(missing)}" if missing else "search finds it by description, tags and columns"
    mend = _yaml(*(f"{word}: …" for word in missing)) if missing else None
    return _point("discoverable", "no product that nobody can find", not missing, told, mend)


def _ungoverned(evidence: Evidence) -> Point:
    told, mend = _policies(evidence), None
    if not evidence.policies:
        mend = _APPLY
    elif evidence.violated:
        told += f"; open incidents of {_some(evidence.violated)}"
        mend = f"data-platform incidents {evidence.product.name}"
    return _point("governed", "no product outside governance", mend is None, told, mend)


_APPLY = "data-platform policies apply FILE"
_PUBLISH = "data-platform publish PRODUCT_YAML OUTPUT FILE"


def _policies(evidence: Evidence) -> str:
    count = evidence.policies
    return f"{count} {'policy binds' if count == 1 else 'policies bind'} it" if count else "no policy binds it"


def _point(key: str, title: str, met: bool, measured: str, mend: str | None) -> Point:
    return Point(key, title, Verdict.MET if met else Verdict.MISSED, measured, mend)


def _yaml(*lines: str) -> str:
    return f"product.yaml: {'; '.join(lines)}"


def _names(sources: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    yield from dict.fromkeys(f"{name}.{output}" if output else name for name, output in sources)


def _some(names: Sequence[str] | Iterator[str]) -> str:
    """Up to five of them, and how many more there are."""
    known = list(names)
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return f"{', '.join(known[:5])}{more}"
