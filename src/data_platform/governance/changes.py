"""What changed between two contracts, in words, and which of it breaks those who rely on it.

Breaking is: an output that is gone or changed its type, whatever the mode of evolution forbids of its schema, a promise
that is looser (`promises`), a shorter retention, a version that goes backwards, and personal data that would lose its
protection by an omission. An output whose major version was raised may break: its readers stay on the major before. A
product that is still `draft` or `proposed` has promised nothing, so nothing of it can break.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from data_platform.errors import Break
from data_platform.governance.compatibility import table_findings
from data_platform.governance.described import Described, differences
from data_platform.governance.findings import Finding
from data_platform.governance.majors import Step, output_step, product_step
from data_platform.governance.promises import broken_constraints, broken_promises
from data_platform.governance.streams import stream_findings
from data_platform.spec.policies.modes import Mode
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import OutputType, Status
from data_platform.spec.schema.types import TableSchema

UNPROMISED = (Status.DRAFT, Status.PROPOSED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a contract; a breaking one says in `message` why it breaks.

    `kind` is product, output, column, sla, rule, topic, retention, version or privacy. `subject` is
    `output.column`, `output.sla.freshness`, …; `columns` are the columns it touches, none means the whole output (None:
    the whole product). `mode` is the one that judged a schema. `allowed` says that a new major lets it pass.
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
    """A change of a contract, judged: all that changed in file order, and then what breaks.

    `bumped` are the outputs with a new major; `wanted` says which versions to write for what is refused, and `advice`
    which would suit a change that only adds.
    """

    changes: tuple[Change, ...] = ()
    bumped: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def breaks(self) -> tuple[Break, ...]:
        """What is refused: it breaks, and no new major lets it pass."""
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

    `unproved` are rules (`output.quality_rules.name`) that no published version ever kept: nobody can rely on them.
    """
    steps = _steps(old, new)
    bumped = tuple(name for name, step in steps.items() if step.raised)
    told = [_told(difference) for difference in differences(old, new)]
    promised = old.product.effective_status not in UNPROMISED
    found = list(_breaking(old, new, mode, earlier)) if promised else []
    found = [change for change in found if change.kind != "rule" or change.subject not in unproved]
    breaking = [replace(change, allowed=_allowed(change, old, new, bumped)) for change in dict.fromkeys(found)]
    wanted = _wanted(breaking, steps, product_step(old.product, new.product))
    return Comparison((*told, *breaking), bumped, wanted, tuple(_advice(told, breaking, old, steps)))


def contract_changes(old: Contract, new: Contract) -> list[str]:
    """Every change in words, in the order of the file: `outputs.orders_fact.sla.freshness: … → …`."""
    return [str(difference) for difference in differences(old, new)]


def exposures(old: TableSchema, new: TableSchema, output: str) -> Iterator[Break]:
    """Personal data that would lie in clear from now on, without anybody having said so by `"encryption": "none"`."""
    for column in new:
        before = old.get(column.name)
        if before is not None and before.encrypted and not column.encrypted and column.encryption != "none":
            why = 'was encrypted and would lie in clear; if that is meant, its schema says "encryption": "none" first'
            yield Break(f"{output}.{column.name}", why, (column.name,), output)


def _steps(old: Contract, new: Contract) -> dict[str, Step]:
    found = {output.name: output_step(old.product, new.product, output.name) for output in old.product.outputs}
    return {name: step for name, step in found.items() if step is not None}


def _told(difference: Described) -> Change:
    columns = (difference.column,) if difference.column else ()
    kind = "column" if columns else "output" if difference.output else "product"
    return Change(kind, difference.subject, difference.message, difference.output, columns)


def _breaking(old: Contract, new: Contract, mode: Mode, earlier: Sequence[Contract]) -> Iterator[Change]:
    for output in old.product.outputs:
        name = output.name
        successor = new.product.output(name)
        if successor is None and mode is not Mode.NONE:
            yield Change("output", name, "the output was removed", name, breaking=True, mode=mode)
        elif successor is not None and successor.type != output.type and mode is not Mode.NONE:
            message = f"the type changed from {output.type} to {successor.type}"
            yield Change("output", name, message, name, breaking=True, mode=mode)
        elif successor is not None:
            yield from _of_output(old, new, name, mode, earlier)
    yield from _retention(old, new, mode)


def _of_output(old: Contract, new: Contract, name: str, mode: Mode, earlier: Sequence[Contract]) -> Iterator[Change]:
    step = output_step(old.product, new.product, name)
    yield from _schema(old, new, name, mode, "")
    if mode.transitive and step is not None and not step.raised:
        for before in earlier:
            known = output_step(before.product, new.product, name)
            if known is not None and known.before.major == known.after.major:
                yield from _schema(before, new, name, mode, f" (since {known.text})")
    if mode is not Mode.NONE:
        for broken in broken_promises(old.product, new.product, name):
            subject = f"{name}.{broken.name}"
            yield Change(broken.kind, subject, broken.message, name, broken.columns, True, mode)
        yield from _constraints(old, new, name, mode)
    if step is not None and step.after.major < step.before.major:
        message = f"{step.text} goes back to major {step.after.major}: write version: {step.text} or higher"
        yield Change("version", f"{name}.version", message, name, breaking=True)
    if name in old.schemas and name in new.schemas:
        for exposed in exposures(old.schemas[name], new.schemas[name], name):
            yield Change("privacy", exposed.subject, exposed.message, name, exposed.columns, True)


def _constraints(old: Contract, new: Contract, name: str, mode: Mode) -> Iterator[Change]:
    """What columns demanded of their values; a stream's schema file says that itself."""
    if name in old.schemas and name in new.schemas and not (name in old.documents and name in new.documents):
        for broken in broken_constraints(old.schemas[name], new.schemas[name]):
            yield Change(broken.kind, f"{name}.{broken.name}", broken.message, name, broken.columns, True, mode)


def _schema(old: Contract, new: Contract, name: str, mode: Mode, since: str) -> Iterator[Change]:
    for found in _findings(old, new, name, mode):
        subject = ".".join((name, *found.path))
        yield Change("column", subject, found.message + since, name, found.columns, True, mode)


def _findings(old: Contract, new: Contract, name: str, mode: Mode) -> list[Finding]:
    """A stream is judged by its schema files; one that was registered without them by its columns, as a table is."""
    output = new.product.output(name)
    if output is not None and output.type is OutputType.STREAM and name in old.documents and name in new.documents:
        return stream_findings(old.documents[name], new.documents[name], mode)
    if name in old.schemas and name in new.schemas:
        return table_findings(old.schemas[name], new.schemas[name], mode)
    return []


def _retention(old: Contract, new: Contract, mode: Mode) -> Iterator[Change]:
    before, after = old.product.retention_days, new.product.retention_days
    if mode is not Mode.NONE and before is not None and after is not None and after < before:
        message = f"{before} days were kept, and now {after}"
        yield Change("retention", "retention_days", message, breaking=True, mode=mode)


def _allowed(change: Change, old: Contract, new: Contract, bumped: Sequence[str]) -> bool:
    """A new major lets a break pass; it never puts personal data in clear, and never goes backwards."""
    if change.kind in ("privacy", "version"):
        return False
    if change.output is None:
        kept = [output.name for output in old.product.outputs if new.product.output(output.name)]
        return set(kept) <= set(bumped) and product_step(old.product, new.product).raised
    if new.product.output(change.output) is None:
        return product_step(old.product, new.product).raised
    return change.output in bumped


def _wanted(breaking: Sequence[Change], steps: dict[str, Step], product: Step) -> tuple[str, ...]:
    refused = [change for change in breaking if not change.allowed and change.kind not in ("privacy", "version")]
    return tuple(dict.fromkeys(steps.get(change.output or "", product).wanted() for change in refused))


def _advice(told: Sequence[Change], breaking: Sequence[Change], old: Contract, steps: dict[str, Step]) -> Iterator[str]:
    """A version that was written asks to be raised with what it names; one that was not is nobody's promise."""
    broken = {change.output for change in breaking}
    for name in dict.fromkeys(change.output for change in told if change.output):
        output, step = old.product.output(name), steps.get(name)
        if output is None or step is None or name in broken or not (output.version or old.product.version):
            continue
        if step.after == step.before:
            yield f"{name} changed and is still {step.text}: write version: {step.before.next_minor}"
        elif step.backwards:
            yield f"{name} goes backwards from {step.text}: write version: {step.before.next_minor}"
