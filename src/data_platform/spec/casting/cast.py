"""Casts data to its contract, strictly: nothing is lost, nothing is guessed, and every difference is reported.

The permitted conversions are in `conversion/scalars.py` (data that has types) and `conversion/text.py` (data that has
none). Data that fits already passes without a copy.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.basics import BrokenLayout, Converter, NullFound, OutOfRange, make_nulls
from data_platform.spec.casting.conversion.plan import MISSING, Matched, Planner
from data_platform.spec.casting.conversion.text import EXAMPLES
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS
from data_platform.spec.casting.suggestions import suggest_option
from data_platform.spec.schema.arrow import is_text, to_arrow
from data_platform.spec.schema.mismatches import summarize_mismatches
from data_platform.spec.schema.types import Decimal, Primitive, SchemaColumn, TableSchema

PROTECTED = "the value (not shown: it is protected)"


_ALLOWED = "to publish without them, and have null in their place: --allow-missing-columns (allow_missing_columns=True)"


_SCHEMA = "`schema: FILE` under the output in product.yaml"
_DECIMAL = '{"type": "number", "format": "decimal", "precision": 12, "scale": 2}'

_NO_HEADER = "does the first line name the columns? then leave out --no-header (ReadOptions and settings.toml: header)"
_HEADER = "is the first line a header? if not: give --no-header (ReadOptions and settings.toml: header = false)"


class CastArguments(TypedDict):
    """Options of a cast."""

    untyped: bool
    formats: TextFormats
    file: str | None


class Caster:
    """Casts the record batches of one set of data to a contract.

    `subject` names the output in errors. `untyped` says that the data carries no types (CSV, JSON, dicts): text
    is then read as dates, times, numbers or bytes where the contract says so, in `formats` where they are not the
    standards'. SchemaMismatch lists all columns that are extra, missing or of a type that does not fit, before a row is
    looked at. `complete` refuses missing columns, optional ones too: a schema that was inferred from earlier data makes
    every column optional, and does not say which may be absent. `inferred` says that it was, and `file` where the data
    is, for messages.
    """

    def __init__(
        self,
        schema: TableSchema,
        incoming: pa.Schema,
        subject: str,
        *,
        untyped: bool = False,
        formats: TextFormats = STANDARD_FORMATS,
        complete: bool = False,
        inferred: bool = False,
        file: str | None = None,
    ) -> None:
        self.target = to_arrow(schema)
        self.rows = 0
        """The number of rows that were cast so far."""
        self._schema = schema
        self.subject = subject
        self._untyped = untyped
        self._formats = formats
        self._complete = complete
        self._inferred = inferred
        self._file = file
        self._incoming = incoming
        self._suggestions: list[str] = []
        self._plan = self._plan_part(incoming)

    def plan_for(self, incoming: pa.Schema) -> Matched:
        """Each column, where its values are in such a batch (None: nowhere) and how they are converted."""
        if incoming != self._incoming:
            self._incoming, self._plan = incoming, self._plan_part(incoming)
        return self._plan

    def _plan_part(self, incoming: pa.Schema) -> Matched:
        planner = Planner(untyped=self._untyped, formats=self._formats, complete=self._complete)
        plan = planner.match_columns(self._schema.columns, list(incoming))
        if planner.mismatches:
            missing = self._complete and any(mismatch.kind == "missing" for mismatch in planner.mismatches)
            declare = self._suggest_schema(planner.mismatches)
            hint = _HEADER if planner.has_values_for_names and self._is_csv() else _ALLOWED if missing else declare
            raise SchemaMismatch(self.subject, summarize_mismatches(planner.mismatches), file=self._file, hint=hint)
        return plan

    def _make_hint(self, mismatches: Sequence[Mismatch]) -> str | None:
        declare = self._suggest_schema(mismatches)
        return "\n".join(dict.fromkeys([*self._suggestions, *([declare] if declare else [])])) or None

    def _suggest_schema(self, mismatches: Sequence[Mismatch]) -> str | None:
        """What to write where types that were inferred are too narrow for the data."""
        columns = {mismatch.column for mismatch in mismatches if mismatch.kind in ("type", "value")}
        if not self._inferred or not columns:
            return None
        types = [column.type for column in self._schema.columns if column.name in columns]
        decimal = f", a wider decimal as {_DECIMAL}" if any(isinstance(kind, Decimal) for kind in types) else ""
        return f"its types were inferred from earlier data; to change one, declare a schema: {_SCHEMA}{decimal}"

    def _is_csv(self) -> bool:
        return self._untyped and self._file is not None and ".csv" in self._file.lower()

    def cast(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with exactly the contract's columns, order and types; absent optional columns are null.

        SchemaMismatch names for each column the first row (counted from 1 over all batches) whose value does not fit,
        and the value, unless the column holds personal data or is encrypted.
        """
        plan = self.plan_for(batch.schema)
        arrays: list[pa.Array] = []
        mismatches: list[Mismatch] = []
        self._suggestions.clear()
        for position, (column, index, convert) in enumerate(plan):
            if index is None:
                arrays.append(make_nulls(batch.num_rows, self.target.field(position).type))
                continue
            result = self._convert_column(column, batch.column(index), convert)
            if isinstance(result, Mismatch):
                mismatches.append(result)
            else:
                arrays.append(result)
        if mismatches:
            raise SchemaMismatch(self.subject, mismatches, file=self._file, hint=self._make_hint(mismatches))
        self.rows += batch.num_rows
        return pa.RecordBatch.from_arrays(arrays, schema=self.target)

    def require_present(self, absent: Collection[str]) -> None:
        """Raises SchemaMismatch for columns and members (dotted) that no row had, where all are demanded."""
        if self._complete and absent:
            missing = [Mismatch(path, "missing", MISSING) for path in absent]
            raise SchemaMismatch(self.subject, missing, file=self._file, hint=_ALLOWED)

    def _convert_column(self, column: SchemaColumn, array: pa.Array, convert: Converter) -> pa.Array | Mismatch:
        try:
            result = convert(array)
        except ValueError:
            # Arrow's message holds the value, which may be secret: ours is made from the row alone.
            return self._describe_misfit(column, array, convert)
        if column.required and result.null_count:
            return self._report_nulls(column, result)
        return result

    def _report_nulls(self, column: SchemaColumn, array: pa.Array) -> Mismatch:
        row = self.rows + array.is_null().index(True).as_py() + 1
        rows = f"{array.null_count:,} of {len(array):,} rows" if self.rows == 0 else f"{array.null_count:,} rows"
        return Mismatch(column.name, "null", f"is null in {rows}, first in row {row:,}, and the contract requires it")

    def _describe_misfit(self, column: SchemaColumn, array: pa.Array, convert: Converter) -> Mismatch:
        index, error = _find_first_misfit(column, array, convert)
        row = f"row {self.rows + index + 1:,}"
        if isinstance(error, NullFound):
            return Mismatch(error.path, "null", f"is null in {row}, and the contract requires it")
        value = quote_misfit(column, array[index], error) or PROTECTED
        if suggestion := self.suggest_option(column, array[index]):
            self._suggestions.append(suggestion)
        return Mismatch(
            column.name, "value", f"{value} in {row} does not fit {column.type}{explain_misfit(column, array, error)}"
        )

    def suggest_option(self, column: SchemaColumn, value: pa.Scalar) -> str | None:
        """The read option that a value which does not fit needs; None where none helps, or the value is protected."""
        if not (self._untyped and self._file) or column.pii or column.encrypted or not is_text(value.type):
            return None
        try:
            text = value.as_py()
        except UnicodeDecodeError:
            return None
        if text == column.name and self.rows == 0 and self._is_csv():
            return _NO_HEADER
        return text and suggest_option(column.type, text, self._formats, csv=self._is_csv())


def _find_first_misfit(column: SchemaColumn, array: pa.Array, convert: Converter) -> tuple[int, ValueError]:
    """The index of the first value that does not fit, by bisection: costs as much as one more conversion."""
    if pa.types.is_dictionary(array.type) and (misfit := _find_misfit_in_dictionary(array, convert)):
        return misfit
    start, end = 0, len(array)
    while end - start > 1:
        middle = (start + end) // 2
        if find_conversion_error(array.slice(start, middle - start), convert):
            end = middle
        else:
            start = middle
    if error := find_conversion_error(array.slice(start, 1), convert):
        return start, error
    hint = "hand the data in smaller batches"
    raise UnreadableData(f"column {column.name}: a batch of {len(array):,} rows holds more than 2 GB", hint=hint)


def _find_misfit_in_dictionary(array: pa.DictionaryArray, convert: Converter) -> tuple[int, ValueError] | None:
    """The same for a dictionary array: the value is searched in the dictionary, then the first row that has it."""
    kind, words = array.type, array.dictionary
    single = pa.array([0], kind.index_type)
    errors: dict[int, ValueError] = {}
    for place in range(len(words)):
        alone = pa.DictionaryArray.from_arrays(single, words.slice(place, 1), ordered=kind.ordered)
        if error := find_conversion_error(alone, convert):
            errors[place] = error
    index = pc.is_in(array.indices, pa.array(list(errors), kind.index_type)).index(True).as_py()
    return None if index < 0 else (index, errors[array.indices[index].as_py()])


def find_conversion_error(array: pa.Array, convert: Converter) -> ValueError | None:
    """The error that the converter raises for the array, or None."""
    try:
        convert(array)
    except ValueError as error:
        return error
    return None


def quote_misfit(column: SchemaColumn, value: pa.Scalar, error: ValueError) -> str | None:
    """The value for a message; None where it is protected."""
    if column.pii or column.encrypted:
        return None
    return "a value" if isinstance(error, BrokenLayout) else quote_value(value)


def quote_value(value: pa.Scalar) -> str:
    """The value for a message, shortened."""
    try:
        text = _name_extreme_moment(value) or repr(value.as_py())
    except UnicodeDecodeError:
        text = repr(value.cast(pa.binary()).as_py()) if is_text(value.type) else "a value"
    except (ValueError, OverflowError, pa.ArrowException):  # no Python date or time can hold it
        text = "a value" if pa.types.is_nested(value.type) else str(value.cast(pa.string()))
    return text if len(text) <= 80 else f"{text[:79]}…"


def _name_extreme_moment(value: pa.Scalar) -> str | None:
    """The name of a value of DuckDB and Postgres that Python lacks: infinity, the greatest date, the end of a day."""
    if not value.is_valid:
        return None
    if pa.types.is_date32(value.type) or pa.types.is_timestamp(value.type):
        greatest = 2 ** (value.type.bit_width - 1) - 1
        return {greatest: "infinity", -greatest: "-infinity"}.get(value.value)
    if pa.types.is_time(value.type) and not 0 <= value.value < _DAY_IN_UNITS[value.type.unit]:
        return "24:00:00" if value.value == _DAY_IN_UNITS[value.type.unit] else "a value"
    return None


_DAY_IN_UNITS = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def explain_misfit(column: SchemaColumn, array: pa.Array, error: ValueError) -> str:
    """The reason from the conversion; without one, an example of a value that fits."""
    return f": it {error}" if isinstance(error, OutOfRange) else make_example(column, array)


def make_example(column: SchemaColumn, array: pa.Array) -> str:
    """An example of a text that converts to the column's type."""
    if not is_text(array.type) or not isinstance(column.type, Primitive):
        return ""
    return f", which looks like {EXAMPLES[column.type.kind]}" if column.type.kind in EXAMPLES else ""
