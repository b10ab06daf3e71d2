"""Judging a change of a contract: by the modes that policies set, and by who really reads what it touches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.errors import Break
from data_platform.governance.changes import Change, Comparison
from data_platform.governance.facts import Breakage, Consumer
from data_platform.governance.major_comparison import compare_majors
from data_platform.governance.policies import ActivePolicies
from data_platform.record.catalog import products, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.governance import judgements, waivers
from data_platform.spec.policies import Enforcement, Evolution, Mode
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import OutputType
from data_platform.verbs.core.lookup.resolve import find_output_row
from data_platform.verbs.policies.dependents import LATELY, describe_consumer, has_read, list_dependents, list_expecting

DEFAULT = Evolution(Mode.BACKWARD)
"""The default without a schema-evolution policy: what breaks readers is refused."""

_UNNAMED = Consumer("a product that is hidden", "")
_ALWAYS = ("privacy", "version")
"""What no policy about change lets pass."""


@dataclass(frozen=True, slots=True)
class EvolutionBinding:
    """A rule about change, the policy that set it (None: the default), and whether it refuses."""

    rule: Evolution
    policy: str | None = None
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class AssessedChange:
    """A change that breaks, by those whom it breaks; `note` says why a rule lets it go, or why it cannot.

    It is `refused`, or a warning.
    """

    change: Change
    consumers: tuple[Consumer, ...]
    refused: bool
    note: str | None = None

    @property
    def message(self) -> str:
        """Why it breaks, and what was made of that."""
        return f"{self.change.message}; {self.note}" if self.note else self.change.message

    def hide_consumers(self, hidden: Collection[str]) -> AssessedChange:
        """The same, without the names of hidden consumers."""
        consumers = (_UNNAMED if consumer.name in hidden else consumer for consumer in self.consumers)
        note = self.note
        for name in hidden if note else ():
            note = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _UNNAMED.name, note or "")
        return replace(self, consumers=tuple(dict.fromkeys(consumers)), note=note)

    def to_break(self, now: datetime) -> Break:
        """The same for an error, with its consumers in words."""
        words = tuple(describe_consumer(consumer, now) for consumer in self.consumers)
        return Break(self.change.subject, self.message, self.change.columns, self.change.output, words)


@dataclass(frozen=True, slots=True)
class ChangeAssessment:
    """A change, judged by every rule that binds its domain; the comparison is that of the first of them."""

    comparison: Comparison = field(default_factory=Comparison)
    weighed: tuple[AssessedChange, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[AssessedChange, ...]:
        """What is refused."""
        return tuple(change for change in self.weighed if change.refused)

    @property
    def tolerated(self) -> tuple[AssessedChange, ...]:
        """What breaks, and only warns."""
        return tuple(change for change in self.weighed if not change.refused)

    def hide_consumers(self, hidden: Collection[str]) -> ChangeAssessment:
        """The same; of consumers that are hidden, it is only known that there are some."""
        return replace(self, weighed=tuple(change.hide_consumers(hidden) for change in self.weighed))


@dataclass(frozen=True, slots=True)
class ChangeAssessor:
    """One change of a contract, with what the mesh knows of it; `rows` are the product's outputs, retired ones too."""

    conn: Connection
    old: Contract
    new: Contract
    rows: Sequence[OutputRow]
    now: datetime

    def assess(self, bindings: Sequence[EvolutionBinding] = ()) -> ChangeAssessment:
        """The change under those rules; under the default where there are none."""
        rules = bindings or (EvolutionBinding(DEFAULT),)
        compared = [(binding, self._compare(binding.rule)) for binding in rules]
        weighed: dict[tuple[str, str], AssessedChange] = {}
        for binding, comparison in compared:
            for assessed in self._assess_changes(binding, comparison):
                key = (assessed.change.subject, assessed.change.message)
                if key not in weighed or (assessed.refused and not weighed[key].refused):
                    weighed[key] = assessed
        refused = any(assessed.refused for assessed in weighed.values())
        wanted = dict.fromkeys(version for _, comparison in compared for version in comparison.wanted)
        return ChangeAssessment(compared[0][1], tuple(weighed.values()), tuple(wanted) if refused else ())

    def list_breakages(self, rule: Evolution) -> list[Breakage]:
        """What a rule about change does not allow, as facts for policies."""
        assessed = self._assess_changes(EvolutionBinding(rule), self._compare(rule))
        return [Breakage(change.change.subject, change.message, tolerated=not change.refused) for change in assessed]

    def _compare(self, rule: Evolution) -> Comparison:
        earlier = _list_earlier_contracts(self.conn, self.old) if rule.mode.transitive else ()
        comparison = compare_majors(self.old, self.new, rule.mode, earlier)
        if any(change.kind == "rule" and change.breaking for change in comparison.changes):
            return compare_majors(self.old, self.new, rule.mode, earlier, self._find_unproved_rules())
        return comparison

    def _find_unproved_rules(self) -> set[str]:
        """Rules that no published version of their output ever kept, such as one that names a column with a slip."""
        product, unproved = self.old.product, set()
        for output in product.outputs:
            row = find_output_row(self.rows, product, output)
            names = {rule.name for rule in output.rules}
            if names and row is not None:
                names -= judgements.list_kept_rules(self.conn, row.product, row.name)
            unproved |= {f"{product.label(output)}.quality_rules.{name}" for name in names}
        return unproved

    def _assess_changes(self, binding: EvolutionBinding, comparison: Comparison) -> Iterator[AssessedChange]:
        for change in comparison.changes:
            if change.breaking and not change.allowed:
                yield self._assess_change(binding, change)

    def _assess_change(self, binding: EvolutionBinding, change: Change) -> AssessedChange:
        window = binding.rule.unread_for
        consumers = self._list_consumers(change, max(window or LATELY, LATELY))
        if change.kind in _ALWAYS:
            return AssessedChange(change, consumers, refused=True)
        waived = self._find_waiver(binding, change)
        if waived is not None:
            return AssessedChange(change, consumers, refused=False, note=waived)
        if window is None or not self._may_be_unread(binding.rule, change):
            return AssessedChange(change, consumers, binding.blocks)
        why_not = self._read(change, consumers, window)
        if why_not is not None:
            return AssessedChange(change, consumers, binding.blocks, why_not)
        note = f"nobody has read it for {_format_days(window)}" + (
            f", as {binding.policy} allows" if binding.policy else ""
        )
        return AssessedChange(change, consumers, refused=False, note=note)

    def _find_waiver(self, binding: EvolutionBinding, change: Change) -> str | None:
        """Until when the policy is waived for this, in words; only blocking policies can be waived."""
        if binding.policy is None or not binding.blocks:
            return None
        granted = waivers.list_active(self.conn, self.now, self.old.product.name)
        ends = [waiver.expires_at for waiver in granted if waiver.is_for(binding.policy, change.subject)]
        return f"{binding.policy} is waived until {max(ends):%Y-%m-%d}" if ends else None

    def _list_consumers(self, change: Change, window: timedelta) -> tuple[Consumer, ...]:
        """Who relies on what changes; on any output when it is the product's."""
        own = [row for row in self.rows if not row.retired]
        if change.output is not None:
            row = self._row(change.output)
            own = [row] if row else []
        consumers = (
            consumer for row in own for consumer in list_dependents(self.conn, row, change.columns, self.now - window)
        )
        return tuple({consumer.name: consumer for consumer in consumers}.values())

    def _row(self, label: str) -> OutputRow | None:
        output = self.old.product.find_output(label)
        return find_output_row(self.rows, self.old.product, output) if output else None

    def _may_be_unread(self, rule: Evolution, change: Change) -> bool:
        """Reads of columns are known for tables only; a rule goes with the columns that it is about."""
        output = self.old.product.find_output(change.output) if change.output else None
        if output is None or output.type is not OutputType.TABLE or not change.columns or not rule.mode.backward:
            return False
        schema = self.new.schemas.get(change.output or "")
        gone = schema is not None and not set(change.columns) & set(schema.names)
        return change.kind == "column" or (change.kind == "rule" and gone)

    def _read(self, change: Change, consumers: Iterable[Consumer], window: timedelta) -> str | None:
        """Why the columns cannot pass for unread; None when they can."""
        since = self.now - window
        if any(has_read(consumer, since) for consumer in consumers):
            return f"it was read within {_format_days(window)}"
        row = self._row(change.output or "")
        if row and (names := list_expecting(self.conn, row, change.columns)):
            return f"{', '.join(names)} expects it"
        then = versions.find_as_of(self.conn, row.product, row.name, since) if row else None
        if then is None or not set(change.columns) <= set(then.schema.names):
            return f"it was not published {_format_days(window)} ago yet, so it is unknown whether it was read"
        return None


def list_bindings(active: ActivePolicies, *domains: str) -> tuple[EvolutionBinding, ...]:
    """The rules about change by the policies that hold; who moves from a domain to another is bound by both."""
    declared = (compiled_policy.policy for domain in dict.fromkeys(domains) for compiled_policy in active.of(domain))
    rules = (
        EvolutionBinding(policy.rule, policy.name, policy.enforcement is Enforcement.BLOCKING)
        for policy in declared
        if isinstance(policy.rule, Evolution)
    )
    return tuple(dict.fromkeys(rules))


def _list_earlier_contracts(conn: Connection, old: Contract) -> tuple[Contract, ...]:
    """The contracts before the current one, the newest first."""
    return tuple(revision.contract for revision in products.list_revisions(conn, old.product.name)[1:])


def _format_days(window: timedelta) -> str:
    days = window / timedelta(days=1)
    return f"{days:g} day{'' if days == 1 else 's'}"
