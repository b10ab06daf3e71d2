"""The changes between two contracts, and which of them break consumers.

Breaking changes are: a removed output or one with another type, a schema change that the mode of evolution forbids, a
weaker promise (`promises`), a shorter retention, a lower version, and personal data that loses its encryption by an
omission. An output with a new major version may break: its readers stay on the previous major. A `draft` or `proposed`
product has promised nothing, so none of its changes break.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from data_platform.errors import Break
from data_platform.governance.change_descriptions import DescribedChange, list_differences
from data_platform.governance.compatibility import check_table_change
from data_platform.governance.incompatibility import SchemaFinding
from data_platform.governance.majors import Step, find_output_step, find_product_step
from data_platform.governance.promises import find_broken_constraints, find_broken_promises
from data_platform.governance.streams import check_stream_change
from data_platform.spec.policies.modes import Mode
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import OutputType, ProductStatus
from data_platform.spec.schema.types import TableSchema

UNPROMISED = (ProductStatus.DRAFT, ProductStatus.PROPOSED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a contract; the `message` of a breaking change says why it breaks.

    `kind` is product, output, column, sla, rule, topic, retention, version or privacy. `subject` is
    `output.column`, `output.sla.freshness`, …; `columns` are the changed columns, none means the whole output (None:
    the whole product). `mode` is the one that judged a schema. `allowed` says that a new major allows it.
    """

    kind: str
    subject: str
    message: str
    output: str | None = None
    columns: tuple[str, ...] = ()
    breaking: bool = False
    mode: Mode | None = None
    allowed: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The judged change of a contract: all changes in file order, then the breaking ones.

    `bumped` are the outputs with a new major; `wanted` says which versions to write for refused changes, and `advice`
    which to write for changes that only add.
    """

    changes: tuple[Change, ...] = ()
    bumped: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The refused changes: breaking, and not allowed by a new major."""
        refused = (change for change in self.changes if change.breaking and not change.allowed)
        return tuple(Break(change.subject, change.message, change.columns, change.output) for change in refused)


NOTHING: frozenset[str] = frozenset()


def compare(
    old: Contract,
    new: Contract,
    mode: Mode = Mode.BACKWARD,
    earlier: Sequence[Contract] = (),
    unproved: Collection[str] = NOTHING,
) -> Comparison:
    """The change from `old` to `new` under a mode; a transitive one looks at the `earlier` contracts too.

    `unproved` are rules (`output.quality_rules.name`) that no published version ever kept: they are not relied on.
    """
    steps = _find_steps(old, new)
    bumped = tuple(name for name, step in steps.items() if step.raised)
    shown_changes = [_to_change(difference) for difference in list_differences(old, new)]
    promised = old.product.effective_status not in UNPROMISED
    breaks = list(_find_breaking(old, new, mode, earlier)) if promised else []
    breaks = [change for change in breaks if change.kind != "rule" or change.subject not in unproved]
    breaking = [replace(change, allowed=_is_allowed(change, old, new, bumped)) for change in dict.fromkeys(breaks)]
    wanted = _list_wanted_versions(breaking, steps, find_product_step(old.product, new.product))
    return Comparison(
        (*shown_changes, *breaking), bumped, wanted, tuple(_list_advice(shown_changes, breaking, old, steps))
    )


def list_contract_changes(old: Contract, new: Contract) -> list[str]:
    """Every change in words, in the order of the file: `outputs.orders_fact.sla.freshness: … → …`."""
    return [str(difference) for difference in list_differences(old, new)]


def find_exposures(old: TableSchema, new: TableSchema, output: str) -> Iterator[Break]:
    """Personal data that would no longer be encrypted, without an explicit `"encryption": "none"` in the schema."""
    for column in new:
        before = old.get(column.name)
        if before is not None and before.encrypted and not column.encrypted and column.encryption != "none":
            why = 'was encrypted and would be stored in clear; if intended, its schema says "encryption": "none" first'
            yield Break(f"{output}.{column.name}", why, (column.name,), output)


def _find_steps(old: Contract, new: Contract) -> dict[str, Step]:
    steps = {output.name: find_output_step(old.product, new.product, output.name) for output in old.product.outputs}
    return {name: step for name, step in steps.items() if step is not None}


def _to_change(difference: DescribedChange) -> Change:
    columns = (difference.column,) if difference.column else ()
    kind = "column" if columns else "output" if difference.output else "product"
    return Change(kind, difference.subject, difference.message, difference.output, columns)


def _find_breaking(old: Contract, new: Contract, mode: Mode, earlier: Sequence[Contract]) -> Iterator[Change]:
    for output in old.product.outputs:
        name = output.name
        successor = new.product.find_output(name)
        if successor is None and mode is not Mode.NONE:
            yield Change("output", name, "the output was removed", name, breaking=True, mode=mode)
        elif successor is not None and successor.type != output.type and mode is not Mode.NONE:
            message = f"the type changed from {output.type} to {successor.type}"
            yield Change("output", name, message, name, breaking=True, mode=mode)
        elif successor is not None:
            yield from _compare_output(old, new, name, mode, earlier)
    yield from _compare_retention(old, new, mode)


def _compare_output(
    old: Contract, new: Contract, name: str, mode: Mode, earlier: Sequence[Contract]
) -> Iterator[Change]:
    step = find_output_step(old.product, new.product, name)
    yield from _compare_schema(old, new, name, mode, "")
    if mode.transitive and step is not None and not step.raised:
        for before in earlier:
            former = find_output_step(before.product, new.product, name)
            if former is not None and former.before.major == former.after.major:
                yield from _compare_schema(before, new, name, mode, f" (since {former.text})")
    if mode is not Mode.NONE:
        for broken in find_broken_promises(old.product, new.product, name):
            subject = f"{name}.{broken.name}"
            yield Change(broken.kind, subject, broken.message, name, broken.columns, True, mode)
        yield from _compare_constraints(old, new, name, mode)
    if step is not None and step.after.major < step.before.major:
        message = f"{step.text} goes back to major {step.after.major}: write version: {step.text} or higher"
        yield Change("version", f"{name}.version", message, name, breaking=True)
    if name in old.schemas and name in new.schemas:
        for exposed in find_exposures(old.schemas[name], new.schemas[name], name):
            yield Change("privacy", exposed.subject, exposed.message, name, exposed.columns, True)


def _compare_constraints(old: Contract, new: Contract, name: str, mode: Mode) -> Iterator[Change]:
    """Weakened column constraints; those of a stream are compared with its schema file."""
    if name in old.schemas and name in new.schemas and not (name in old.documents and name in new.documents):
        for broken in find_broken_constraints(old.schemas[name], new.schemas[name]):
            yield Change(broken.kind, f"{name}.{broken.name}", broken.message, name, broken.columns, True, mode)


def _compare_schema(old: Contract, new: Contract, name: str, mode: Mode, since: str) -> Iterator[Change]:
    for finding in _judge_schema(old, new, name, mode):
        subject = ".".join((name, *finding.path))
        yield Change("column", subject, finding.message + since, name, finding.columns, True, mode)


def _judge_schema(old: Contract, new: Contract, name: str, mode: Mode) -> list[SchemaFinding]:
    """A stream is judged by its schema files; one registered without them by its columns, as a table."""
    output = new.product.find_output(name)
    if output is not None and output.type is OutputType.STREAM and name in old.documents and name in new.documents:
        return check_stream_change(old.documents[name], new.documents[name], mode)
    if name in old.schemas and name in new.schemas:
        return check_table_change(old.schemas[name], new.schemas[name], mode)
    return []


def _compare_retention(old: Contract, new: Contract, mode: Mode) -> Iterator[Change]:
    before, after = old.product.retention_days, new.product.retention_days
    if mode is not Mode.NONE and before is not None and after is not None and after < before:
        message = f"{before} days were kept, and now {after}"
        yield Change("retention", "retention_days", message, breaking=True, mode=mode)


def _is_allowed(change: Change, old: Contract, new: Contract, bumped: Sequence[str]) -> bool:
    """A new major allows a break, but never unencrypted personal data or a lower version."""
    if change.kind in ("privacy", "version"):
        return False
    if change.output is None:
        kept = [output.name for output in old.product.outputs if new.product.find_output(output.name)]
        return set(kept) <= set(bumped) and find_product_step(old.product, new.product).raised
    if new.product.find_output(change.output) is None:
        return find_product_step(old.product, new.product).raised
    return change.output in bumped


def _list_wanted_versions(breaking: Sequence[Change], steps: dict[str, Step], product: Step) -> tuple[str, ...]:
    refused = [change for change in breaking if not change.allowed and change.kind not in ("privacy", "version")]
    return tuple(dict.fromkeys(steps.get(change.output or "", product).describe_next() for change in refused))


def _list_advice(
    changes: Sequence[Change], breaking: Sequence[Change], old: Contract, steps: dict[str, Step]
) -> Iterator[str]:
    """The next version to write for each changed output whose version is declared; a break has its own hint."""
    broken = {change.output for change in breaking}
    for name in dict.fromkeys(change.output for change in changes if change.output):
        output, step = old.product.find_output(name), steps.get(name)
        if output is None or step is None or name in broken or not (output.version or old.product.version):
            continue
        if step.after == step.before:
            yield f"{name} changed and is still {step.text}: write version: {step.before.next_minor}"
        elif step.backwards:
            yield f"{name} goes backwards from {step.text}: write version: {step.before.next_minor}"
