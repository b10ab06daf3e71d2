"""JSON and JSON lines, as a stream of batches whose leaves have the text of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from operator import add

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.settings.read_options import FOR_JSON, STANDARD, ReadOptions
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow, to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.intake.json.columns import ColumnBuilder
from data_platform.tables.intake.json.inference import infer_rows
from data_platform.tables.intake.json.lines import read_rows
from data_platform.tables.intake.json.plain import PlainLines, make_plain_lines
from data_platform.tables.intake.json.scan import Row, Scanner
from data_platform.tables.intake.library_errors import guard_batches
from data_platform.tables.intake.row_limit import LARGEST_ROW
from data_platform.tables.intake.stream import Intake, require_unused
from data_platform.tables.intake.text_source import TextSource, name_source, read_text_blocks


def open_json(
    source: TextSource,
    contract: TableSchema | None,
    options: ReadOptions = STANDARD,
    misfits: list[Mismatch] | None = None,
    row_limit: int = LARGEST_ROW,
) -> Intake:
    """A file of JSON lines, or of one JSON array; without a contract it is read twice, first for its types.

    With `misfits`, the first value of another kind in each column is added to it, and the column is null there.
    """
    require_unused(options, "JSON", FOR_JSON)
    file = _File(source, name_source(source), options, misfits, row_limit)
    if contract is None:
        schema = infer_rows(file.read_rows(), file.place, options.formats)
        return Intake(schema, guard_batches(file.read_typed(schema), file.place))
    builder = ColumnBuilder()
    parts = file.read_parts(make_plain_lines(contract, options.formats, builder))
    head = next(parts, None)
    schema = _drop_missing(contract, head) if isinstance(head, list) else to_arrow(contract)
    batches = file.read_batches(schema, chain([] if head is None else [head], parts), builder)
    first = next(batches, None)
    if first is None:
        empty = to_arrow(contract).empty_table()
        return Intake(empty.schema, empty.to_batches())
    rest = guard_batches(chain([first], batches), file.place)
    return Intake(first.schema, rest, True, options.formats, absent=partial(_list_absent, builder))


def _list_absent(builder: ColumnBuilder) -> list[str]:
    return sorted(path.lstrip(".") for path in builder.wanted - builder.seen)


def _drop_missing(contract: TableSchema, rows: list[Row]) -> pa.Schema:
    """The contract without the required columns that no row has, so that the cast reports them as missing."""
    names = set().union(*rows) or set(contract.names)
    missing = {column.name for column in contract if column.required and column.name not in names}
    fields = [field for field in to_arrow(contract) if field.name not in missing]
    return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class _File:
    source: TextSource
    place: str
    options: ReadOptions
    misfits: list[Mismatch] | None
    row_limit: int

    def read_rows(self) -> Iterator[list[Row]]:
        """The rows, in lists; raises UnreadableData while they are read."""
        return Scanner(self._read_blocks(), self.place, self.row_limit).read_rows()

    def read_parts(self, plain: PlainLines | None) -> Iterator[list[Row] | pa.RecordBatch]:
        """The rows, in lists, or in batches if `plain` can read them; raises UnreadableData while they are read."""
        return read_rows(self._read_blocks(), self.place, plain, self.row_limit)

    def _read_blocks(self) -> Iterator[bytes]:
        return read_text_blocks(self.source, self.place, self.options.encoding)

    def read_batches(
        self, schema: pa.Schema, parts: Iterable[list[Row] | pa.RecordBatch], builder: ColumnBuilder
    ) -> Iterator[pa.RecordBatch]:
        """The rows in the structure of `schema`, with extra members; SchemaMismatch for a value of another kind."""
        before = 0
        for rows in parts:
            if isinstance(rows, pa.RecordBatch):
                before += len(rows)
                yield rows
                continue
            array = builder.build_struct(rows, pa.struct(list(schema)), "", partial(add, before + 1))
            if builder.problems:
                problems = [replace(problem, column=problem.column.lstrip(".")) for problem in builder.problems]
                if self.misfits is None:
                    raise SchemaMismatch("", problems, file=self.place)
                seen = {misfit.column for misfit in self.misfits}
                self.misfits.extend(problem for problem in problems if problem.column not in seen)
                builder.problems.clear()
            before += len(rows)
            yield pa.RecordBatch.from_struct_array(array)

    def read_typed(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows in their inferred types; a column with only nulls has Arrow's null type."""
        readable = pa.schema([(field.name, _with_text_for_null(field.type)) for field in schema])
        if not len(readable):
            return
        builder, contract = ColumnBuilder(), from_arrow(readable)
        batches = self.read_batches(
            readable, self.read_parts(make_plain_lines(contract, self.options.formats, builder)), builder
        )
        caster = Caster(contract, readable, self.place, untyped=True, formats=self.options.formats)
        for batch in batches:
            cast = caster.cast(batch)
            arrays = [_cast_array(array, field.type) for array, field in zip(cast.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast_array(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type.equals(kind):
        return array
    if pa.types.is_null(kind):
        return pa.nulls(len(array))
    return pa.array(array.to_pylist(), kind)


def _with_text_for_null(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_with_text_for_null(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(member.name, _with_text_for_null(member.type)) for member in kind])
    return kind
