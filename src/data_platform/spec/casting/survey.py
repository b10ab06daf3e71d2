"""Counts over all rows of some data what does not fit its contract, as a basis for correcting the data.

A publish stops at the first batch that does not fit; a survey goes on to the end. Values that do not fit are found by
halving, up to a thousand a column: beyond that it is no longer an exception that is corrected by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sized
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.casting.cast import (
    PROTECTED,
    CastArguments,
    Caster,
    explain_misfit,
    find_conversion_error,
    quote_misfit,
)
from data_platform.spec.casting.conversion.basics import Converter, NullFound
from data_platform.spec.schema.types import SchemaColumn, TableSchema

MOST_MISFITS = 1_000
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Misfit:
    """A column that does not fit; `kind` as in errors.Mismatch.

    `rows` is how many rows are wrong, at least that many when `more`; None when the column is wrong as a whole.
    `examples` are some of them: the row (counted from 1) and its value, None where there is none or it is protected.
    """

    column: str
    kind: str
    message: str
    rows: int | None = None
    more: bool = False
    examples: tuple[tuple[int, str | None], ...] = ()


def count_misfits(
    schema: TableSchema, incoming: pa.Schema, batches: Iterable[pa.RecordBatch], arguments: CastArguments
) -> tuple[int, tuple[Misfit, ...]]:
    """The number of rows, and every column that does not fit: as a whole, or in some of its values."""
    whole: dict[str, Misfit] = {}
    tallies: dict[str, _Tally] = {}
    total = 0
    part = _plan_part(schema, incoming, arguments, whole)
    for batch in batches:
        if batch.schema != incoming:
            incoming, part = batch.schema, _plan_part(schema, batch.schema, arguments, whole)
        fitting = batch.select(part.indices)
        for column, index, convert in part.caster.plan_for(fitting.schema):
            if index is not None:
                column = schema.get(column.name) or column
                tallies.setdefault(column.name, _Tally(column, part.caster)).look(fitting.column(index), convert, total)
        total += batch.num_rows
    misfits = [misfit for tally in tallies.values() for misfit in tally.collect_misfits(total)]
    return total, (*whole.values(), *misfits)


def collect_misfits(mismatches: Iterable[Mismatch]) -> tuple[Misfit, ...]:
    """Columns that are wrong as a whole."""
    return tuple(Misfit(mismatch.column, mismatch.kind, mismatch.message) for mismatch in mismatches)


def list_misfit_columns(schema: TableSchema, misfits: Iterable[Misfit]) -> tuple[str, ...]:
    """The columns of the schema that do not fit."""
    paths = [misfit.column for misfit in misfits]
    return tuple(name for name in schema.names if any(path == name or path.startswith(f"{name}.") for path in paths))


def drop_required(schema: TableSchema, names: Collection[str]) -> TableSchema:
    """The schema in which the columns `names` may be null, as they are where their values are left out."""
    return replace(schema, columns=tuple(replace(c, required=c.required and c.name not in names) for c in schema))


def iterate_fitting_batches(
    schema: TableSchema, names: Collection[str], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The batches with the columns of the schema alone, without those in `names`."""
    kept = set(schema.names).difference(names)
    for batch in batches:
        yield batch.select([index for index, name in enumerate(batch.schema.names) if name in kept])


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of some data that fit as a whole: where they are, and their cast."""

    indices: list[int]
    caster: Caster


def _plan_part(schema: TableSchema, incoming: pa.Schema, arguments: CastArguments, whole: dict[str, Misfit]) -> _Part:
    """The part that fits; what does not is added to `whole`."""
    try:
        return _Part(list(range(len(incoming))), Caster(schema, incoming, "", **arguments))
    except SchemaMismatch as mismatch:
        misfits = collect_misfits(mismatch.mismatches)
    for misfit in misfits:
        whole.setdefault(misfit.column, misfit)
    kept = set(schema.names).difference(list_misfit_columns(schema, misfits))
    indices = [index for index, name in enumerate(incoming.names) if name in kept]
    fields = pa.schema([incoming.field(index) for index in indices])
    return _Part(indices, Caster(drop_required(schema, set(schema.names) - kept), fields, "", **arguments))


@dataclass(slots=True)
class _Tally:
    """The misfits of one column so far."""

    column: SchemaColumn
    caster: Caster
    wrong: int = 0
    nulls: dict[str, int] = field(default_factory=dict)
    examples: list[tuple[int, str | None]] = field(default_factory=list)
    null_rows: dict[str, list[int]] = field(default_factory=dict)
    hint: str = ""
    suggestion: str | None = None

    def look(self, array: pa.Array, convert: Converter, before: int) -> None:
        """Counts what is wrong in `array`, before which `before` rows were seen."""
        parts = [(0, len(array))]
        while parts and self.wrong < MOST_MISFITS:
            start, length = parts.pop()
            part = array.slice(start, length)
            error = find_conversion_error(part, convert)
            if error is None:
                self._count_nulls(convert(part), before + start)
            elif length == 1:
                self._count_misfit(part, error, before + start + 1)
            else:
                half = length // 2
                parts += [(start + half, length - half), (start, half)]

    def _count_nulls(self, result: pa.Array, before: int) -> None:
        if self.column.required and result.null_count:
            first = pc.indices_nonzero(result.is_null()).slice(0, MOST_EXAMPLES).to_pylist()
            self._count_null(self.column.name, [before + index + 1 for index in first], result.null_count)

    def _count_null(self, path: str, rows: list[int], count: int = 1) -> None:
        self.nulls[path] = self.nulls.get(path, 0) + count
        example_rows = self.null_rows.setdefault(path, [])
        example_rows += rows[: MOST_EXAMPLES - len(example_rows)]

    def _count_misfit(self, part: pa.Array, error: ValueError, row: int) -> None:
        if isinstance(error, NullFound):
            self._count_null(error.path, [row])
            return
        self.wrong += 1
        self.hint = explain_misfit(self.column, part, error)
        self.suggestion = self.caster.suggest_option(self.column, part[0]) or self.suggestion
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append((row, quote_misfit(self.column, part[0], error)))

    def collect_misfits(self, total: int) -> Iterator[Misfit]:
        """The misfits of the column."""
        more = self.wrong >= MOST_MISFITS
        for path, nulls in self.nulls.items():
            rows = tuple((row, None) for row in self.null_rows[path])
            places = ", ".join(f"{row:,}" for row, _ in rows)
            ellipsis = _format_ellipsis(nulls, rows)
            what = f"is null in {_format_count(nulls, more)} of {_format_rows(total)} (row {places}{ellipsis})"
            yield Misfit(path, "null", f"{what}, and the contract requires it", nulls, more, rows)
        if self.wrong:
            examples = ", ".join(f"{value or PROTECTED} in row {row:,}" for row, value in self.examples)
            verb = "does" if self.wrong == 1 else "do"
            count = _format_count(self.wrong, more)
            what = f"{count} of {_format_rows(total)} {verb} not fit {self.column.type}{self.hint}"
            option = f"; {self.suggestion}" if self.suggestion else ""
            message = f"{what}: {examples}{_format_ellipsis(self.wrong, self.examples)}{option}"
            yield Misfit(self.column.name, "value", message, self.wrong, more, tuple(self.examples))


def _format_count(count: int, more: bool) -> str:
    return f"{count:,} or more" if more else f"{count:,}"


def _format_rows(total: int) -> str:
    return f"{total:,} row{'' if total == 1 else 's'}"


def _format_ellipsis(count: int, listed: Sized) -> str:
    return ", …" if count > len(listed) else ""
