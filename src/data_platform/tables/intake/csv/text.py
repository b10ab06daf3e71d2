"""CSV, as a stream of batches of text: pyarrow splits the pieces that `records` has checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa
import pyarrow.csv as pc

from data_platform.errors import Mismatch, UnreadableData
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.intake.csv.records import Dialect, Piece, split_pieces
from data_platform.tables.intake.format_detection import describe_option, make_utf_8_error
from data_platform.tables.intake.inference import convert_batches, infer_schema
from data_platform.tables.intake.library_errors import guard_batches
from data_platform.tables.intake.row_limit import LARGEST_ROW
from data_platform.tables.intake.stream import BATCH_ROWS, Intake, require_inferable
from data_platform.tables.intake.text_source import TextSource, name_source, read_text_blocks, require_utf_8

_SEPARATORS = {";": "a semicolon", "\t": "a tab", "|": "a bar", ",": "a comma"}
_MARK = b"\xef\xbb\xbf"
_ANYTHING = re.compile(rb"[^\r\n]")


def open_csv(
    source: TextSource,
    contract: TableSchema | None,
    options: ReadOptions,
    misfits: list[Mismatch] | None = None,
    row_limit: int = LARGEST_ROW,
) -> Intake:
    """A CSV file; without a contract it is read twice, first for the types of its columns.

    With `misfits`, columns without a name or with the same name are left for the cast to refuse.
    """
    any_names = misfits is not None and contract is not None
    file = _File(source, name_source(source), options, contract, any_names, row_limit)
    if contract is not None:
        names, batches = file.read()
        schema = pa.schema([(name, pa.string()) for name in names])
        return Intake(schema, guard_batches(batches, file.place), untyped=True, formats=options.formats)
    names, batches = file.read()
    require_inferable(len(names), file.place)
    schema = infer_schema(names, batches, options.formats)
    rows = convert_batches(schema, file.read()[1], options.formats)
    return Intake(schema, guard_batches(rows, file.place))


@dataclass(frozen=True, slots=True)
class _File:
    """The file and how it is read."""

    source: TextSource
    place: str
    options: ReadOptions
    contract: TableSchema | None
    any_names: bool
    row_limit: int

    def read(self) -> tuple[list[str], Iterator[pa.RecordBatch]]:
        """The names of the columns, and the rows as text; raises UnreadableData, also while batches are drawn."""
        options = self.options
        dialect = Dialect(self.place, options.delimiter.encode(), options.quote.encode())
        blocks = read_text_blocks(self.source, self.place, options.encoding)
        stream = split_pieces(blocks, dialect, self.row_limit)
        first = self._read_first(stream)
        skipped = int((~first.is_blank()).argmax()) if len(first.record_ends) else 0
        header = [require_utf_8(value, self.place, 1) for value in first.read_fields(skipped)]
        if options.header and not options.columns:
            self._judge_header(header)
            end = int(first.record_ends[skipped]) + 1
            rest = Piece(first.text[end:], first.find_line(end), dialect, first.line_end)
            return header, self._read_batches(header, chain([rest], stream))
        names = self._resolve_names(len(header))
        return names, self._read_batches(names, chain([first], stream))

    def _read_first(self, stream: Iterator[Piece]) -> Piece:
        """The first piece; where its quoting is wrong, the reason may be another delimiter."""
        try:
            return next(stream)
        except UnreadableData:
            blocks = read_text_blocks(self.source, self.place, self.options.encoding)
            header = next(iter(blocks), b"").partition(b"\n")[0].decode(errors="replace")
            if self.options.delimiter not in header:
                self._judge_delimiter(header)
            raise

    def _judge_header(self, names: list[str]) -> None:
        empty = [str(number) for number, name in enumerate(names, 1) if not name.strip()]
        first: dict[str, int] = {}
        pairs = ((first.setdefault(name, number), number) for number, name in enumerate(names, 1))
        twice = next(((one, other) for one, other in pairs if one != other), None)
        hint = f"is the first line a header? if not: {describe_option('columns', 'NAME,NAME,…')}"
        if empty and not self.any_names:
            raise UnreadableData(f"{self.place}: the header names no column {', '.join(empty[:5])}", hint=hint)
        if twice and not self.any_names:
            raise UnreadableData(
                f"{self.place}: the header has one name for columns {twice[0]} and {twice[1]}", hint=hint
            )
        if len(names) == 1 and not (self.contract and names[0] in self.contract.names):
            self._judge_delimiter(names[0])

    def _judge_delimiter(self, header: str) -> None:
        """Raises UnreadableData if the line has another character that separates columns."""
        for sign, word in _SEPARATORS.items():
            if sign in header and sign != self.options.delimiter:
                value = describe_option("delimiter", "tab" if sign == "\t" else f"'{sign}'")
                raise UnreadableData(f"{self.place}: its columns seem to be separated by {word}", hint=value)

    def _resolve_names(self, width: int) -> list[str]:
        names = list(self.options.columns or (self.contract.names if self.contract else ()))
        if not names:
            hint = describe_option("columns", "NAME,NAME,…")
            raise UnreadableData(f"{self.place} has no header, and nothing names its columns", hint=hint)
        if len(names) != width:
            there = f"its first line has {width} values, and there are {len(names)} names"
            raise UnreadableData(f"{self.place}: {there}", hint=describe_option("columns", "NAME,NAME,…"))
        return names

    def _read_batches(self, names: list[str], stream: Iterator[Piece]) -> Iterator[pa.RecordBatch]:
        for piece in stream:
            if _ANYTHING.search(piece.text) or len(names) == 1:
                yield from self._split(piece, names).to_batches(BATCH_ROWS)

    def _split(self, piece: Piece, names: list[str]) -> pa.Table:
        if (nul := piece.text.find(b"\0")) >= 0:
            hint = "was it written to its end?"
            raise UnreadableData(f"{self.place}: line {piece.find_line(nul):,} holds a NUL byte", hint=hint)
        if len(names) == 1 and (blank := piece.is_blank()).any():
            hint = 'remove it, or write "" or a null word for a row'
            raise UnreadableData(f"{self.place} has one column, and {piece.describe_lines(blank)} is empty", hint=hint)
        if not piece.text:
            return pa.schema([(name, pa.string()) for name in names]).empty_table()
        try:
            return self._parse(piece, names)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise self._explain_error(piece, names, error) from None

    def _parse(self, piece: Piece, names: list[str]) -> pa.Table:
        quoting = bool(self.options.quote)
        parsing = pc.ParseOptions(
            delimiter=self.options.delimiter,
            quote_char=self.options.quote if quoting else False,
            newlines_in_values=quoting and bool(len(piece.quotes)),
        )
        convert = pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=list(self.options.nulls),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=not piece.text.isascii(),
        )
        # pyarrow drops a byte order mark at the beginning of its input; here it belongs to a value.
        text = _MARK + piece.text if piece.text.startswith(_MARK) else piece.text
        reading = pc.ReadOptions(use_threads=False, column_names=names, block_size=len(text) + 1)
        return pc.read_csv(pa.BufferReader(text), reading, parsing, convert)

    def _explain_error(self, piece: Piece, names: list[str], error: Exception) -> UnreadableData:
        ragged = (piece.count_fields() != len(names)) & ~piece.is_blank()
        if ragged.any():
            count = int(piece.count_fields()[ragged][0])
            values = f"{count} value{'s' if count > 1 else ''} instead of {len(names)}"
            last = ragged[-1] and not piece.text.endswith(piece.line_end)
            cut = " (was the file written to its end?)" if last and count < len(names) else ""
            hint = "put a value that contains the delimiter in quotes" if count > len(names) else None
            return UnreadableData(f"{self.place}: {piece.describe_lines(ragged)} has {values}{cut}", hint=hint)
        try:
            piece.text.decode()
        except UnicodeDecodeError as wrong:
            return make_utf_8_error(self.place, piece.find_line(wrong.start))
        reason = re.sub(r":.*", "", str(error).splitlines()[0], flags=re.DOTALL)
        return UnreadableData(f"{self.place}: the lines from {piece.line:,} on cannot be read: {reason}")
