"""Which promises of a contract can be checked on the rows of one file; the others need a history, and are named.

Freshness is the age of the newest value of its column, retention the age of the oldest; a date counts from its first
moment, and a time without a zone is of the zone that the contract names (UTC where it names none). ODCS 3.2.0,
Service-Level Agreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from data_platform.spec.product.model import Output, Sla, SlaProperty
from data_platform.spec.rules.model import Aggregate, Bound, Operator, Rule, Severity
from data_platform.spec.rules.predicates import format_literal, quote_identifier
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema

ORIGIN = "sla"
_UNITS = {
    **dict.fromkeys(("s", "sec", "second"), timedelta(seconds=1)),
    **dict.fromkeys(("min", "minute"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hour"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day"), timedelta(days=1)),
    **dict.fromkeys(("w", "wk", "week"), timedelta(weeks=1)),
}
_MONTHS = {**dict.fromkeys(("mo", "month"), 1), **dict.fromkeys(("y", "yr", "year"), 12)}
_MOMENTS = (Primitive(Kind.TIMESTAMPTZ), Primitive(Kind.TIMESTAMP), Primitive(Kind.DATE))


@dataclass(frozen=True, slots=True)
class FilePromise:
    """One promise: the `rule` by which a file shows it kept (its value is an age in seconds), or why it cannot."""

    name: str
    demand: str
    column: str | None = None
    rule: Rule | None = None
    reason: str | None = None


def list_file_promises(output: Output, schema: TableSchema, now: datetime) -> tuple[FilePromise, ...]:
    """Every promise of the output, in order."""
    return tuple(_File(output.sla, schema, now).list_promises())


@dataclass(frozen=True, slots=True)
class _File:
    """The promises, the columns that may show them, and the moment at which they are to hold."""

    sla: Sla
    schema: TableSchema
    now: datetime

    def list_promises(self) -> Iterator[FilePromise]:
        if self.sla.freshness is not None:
            yield self._build_freshness(self.sla.freshness)
        if self.sla.availability is not None:
            demand = self.sla.availability_text or f"{self.sla.availability:g}%"
            yield FilePromise("availability", demand, reason="it is measured on reads over time, not on a file")
        yield from map(self._build_property, self.sla.properties)

    def _build_freshness(self, longest: timedelta) -> FilePromise:
        demand = f"at most {self.sla.freshness_text or longest} old"
        if self.sla.freshness_column is not None:
            return self._build_age_promise("freshness", demand, self.sla.freshness_column, "max", longest)
        reason = "without a column it is the age of the last publish, which a file does not show"
        return FilePromise("freshness", demand, reason=reason)

    def _build_property(self, promise: SlaProperty) -> FilePromise:
        demand = f"{promise.value} {promise.unit or ''}".rstrip()
        column = (promise.element or "").rpartition(".")[2] or None
        if promise.property != "retention":
            reason = "the rows of a file do not show whether it is kept"
            return FilePromise(promise.property, demand, column, reason=reason)
        longest = _parse_length(promise, self.now)
        if longest is None:
            reason = f"{demand} is no length of time: its unit must be hours, days, weeks, months or years"
            return FilePromise("retention", demand, column, reason=reason)
        if column is None:
            reason = "it names no column (`element`) whose oldest value would show it"
            return FilePromise("retention", demand, reason=reason)
        return self._build_age_promise("retention", f"at most {demand} old", column, "min", longest)

    def _build_age_promise(self, name: str, demand: str, column: str, which: str, longest: timedelta) -> FilePromise:
        declared = self.schema.get(column)
        if declared is None or declared.type not in _MOMENTS:
            kind = "not in the contract" if declared is None else f"{declared.type}, which is no date or time"
            return FilePromise(name, demand, column, reason=f"the column {column} is {kind}")
        rule = Rule(
            name,
            Aggregate(f"epoch({format_literal(self.now)} - {self._build_moment(declared, which)})"),
            Bound(Operator.LESS_OR_EQUAL, longest.total_seconds()),
            Severity.WARNING,
            dimension="timeliness",
            columns=(column,),
            origin=ORIGIN,
        )
        return FilePromise(name, demand, column, rule)

    def _build_moment(self, column: SchemaColumn, which: str) -> str:
        value = f"{which}({quote_identifier(column.name)})"
        if column.type == Primitive(Kind.TIMESTAMPTZ):
            return value
        return f"timezone({format_literal(self.sla.effective_timezone)}, CAST({value} AS TIMESTAMP))"


def _parse_length(promise: SlaProperty, now: datetime) -> timedelta | None:
    """How long the promise says, months and years by the calendar that ends now; None where it is no length."""
    value = promise.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1_000_000:
        return None
    unit = (promise.unit or "").strip().lower()
    unit = unit if unit in ("s", "h", "d", "w", "y") else unit.removesuffix("s")
    if unit in _UNITS:
        return value * _UNITS[unit]
    if unit not in _MONTHS or value != int(value):
        return None
    return now - _move_back(now, int(value) * _MONTHS[unit])


def _move_back(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in (now.day, 30, 29, 28):
        try:
            return now.replace(year=year, month=month + 1, day=min(day, now.day))
        except ValueError:
            continue
    return datetime.min.replace(tzinfo=now.tzinfo)
