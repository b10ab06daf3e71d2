"""Chooses the converter from the type that data has to the type that its column has."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import Mismatch
from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.basics import (
    Converter,
    apply_in_order,
    decode_dictionary,
    keep_as_is,
    make_nulls,
)
from data_platform.spec.casting.conversion.extras import Names
from data_platform.spec.casting.conversion.keys import make_key_check
from data_platform.spec.casting.conversion.nested import (
    convert_object_to_map,
    list_converter,
    make_struct_converter,
    map_converter,
)
from data_platform.spec.casting.conversion.ranges import check_layout, make_range_check
from data_platform.spec.casting.conversion.scalars import convert_uuid_to_text, find_typed_converter
from data_platform.spec.casting.conversion.text import find_untyped_converter
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS
from data_platform.spec.schema.arrow import is_list, is_text, to_arrow_type
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
)

Matched = list[tuple[SchemaColumn, int | None, Converter]]
"""Each column, the index of its source (None: absent), and the way from there."""

MISSING = "is missing, and earlier versions have it"


class Planner:
    """Plans conversions for one set of data; what cannot be converted is collected in `mismatches`.

    `complete` demands every column and every field of an object, optional ones too.
    """

    def __init__(self, *, untyped: bool, formats: TextFormats = STANDARD_FORMATS, complete: bool = False) -> None:
        self.mismatches: list[Mismatch] = []
        self.has_values_for_names = False
        """Whether what was read as names seems to be personal data."""
        self._is_protected = False
        self._untyped = untyped
        self._formats = formats
        self._complete = complete

    def match_columns(self, columns: Sequence[SchemaColumn], fields: Sequence[pa.Field], prefix: str = "") -> Matched:
        """Match columns (or a struct's fields) with what the data has, by name."""
        names = Names(columns, [field.name for field in fields], prefix, within=self._is_protected)
        self.mismatches += names.find_mismatches()
        self.has_values_for_names |= names.are_values
        places = {field.name: index for index, field in enumerate(fields)}
        return [self._match_column(column, places, fields, prefix) for column in columns]

    def _match_column(
        self, column: SchemaColumn, places: dict[str, int], fields: Sequence[pa.Field], prefix: str
    ) -> tuple[SchemaColumn, int | None, Converter]:
        path, index = prefix + column.name, places.get(column.name)
        if index is not None:
            outside, self._is_protected = self._is_protected, self._is_protected or column.pii or column.encrypted
            way = self.convert(column.type, fields[index].type, path)
            self._is_protected = outside
            return column, index, way if prefix else apply_in_order(check_layout, way, make_key_check(column.type))
        if column.required:
            self._record_mismatch(path, "missing", f"is missing, and the contract requires it ({column.type})")
        elif self._complete:
            self._record_mismatch(path, "missing", MISSING)
        return column, None, keep_as_is

    def convert(self, kind: DataType, source: pa.DataType, path: str) -> Converter:
        """The converter from `source` to `kind`; a mismatch when there is none."""
        if isinstance(source, pa.BaseExtensionType):
            return self._convert_extension(kind, source, path)
        if pa.types.is_dictionary(source):
            return apply_in_order(decode_dictionary, self.convert(kind, source.value_type, path))
        if pa.types.is_run_end_encoded(source):
            return apply_in_order(pc.run_end_decode, self.convert(kind, source.value_type, path))
        if pa.types.is_null(source):
            target = to_arrow_type(kind)
            return lambda array: make_nulls(len(array), target)
        return self._convert_nested(kind, source, path) or self._convert_scalar(kind, source, path)

    def _convert_extension(self, kind: DataType, source: pa.BaseExtensionType, path: str) -> Converter:
        if isinstance(source, pa.UuidType) and kind == Primitive(Kind.STRING):
            return convert_uuid_to_text
        if isinstance(source, pa.UuidType) and kind not in (Primitive(Kind.BINARY), Fixed(16)):
            self._record_mismatch(path, "type", f"is Arrow's uuid, and the contract says {kind}")
            return keep_as_is
        if isinstance(source, pa.Bool8Type):
            if kind != Primitive(Kind.BOOLEAN):
                self._record_mismatch(path, "type", f"is Arrow's bool8, a truth value, and the contract says {kind}")
            return apply_in_order(lambda array: pc.cast(array.storage, pa.bool_()), make_range_check(kind))
        return apply_in_order(lambda array: array.storage, self.convert(kind, source.storage_type, path))

    def _convert_nested(self, kind: DataType, source: pa.DataType, path: str) -> Converter | None:
        match kind:
            case ListOf(element) if is_list(source):
                inner = self.convert(element, source.value_type, f"{path}.element")
                return _skip_if_same(source, kind, [inner], list_converter(to_arrow_type(kind), inner, path))
            case MapOf(key, value) if pa.types.is_map(source):
                inner = self.convert(key, source.key_type, f"{path}.key")
                other = self.convert(value, source.item_type, f"{path}.value")
                return _skip_if_same(
                    source, kind, [inner, other], map_converter(to_arrow_type(kind), inner, other, path)
                )
            case MapOf(Primitive(Kind.STRING), value) if pa.types.is_struct(source) and self._untyped:
                inner_path = "{0}.value" if self._is_protected else "{0}.{1}"
                members = [(f.name, self.convert(value, f.type, inner_path.format(path, f.name))) for f in source]
                return convert_object_to_map(to_arrow_type(kind), members)
            case Struct(fields) if pa.types.is_struct(source):
                children = [(index, way) for _, index, way in self.match_columns(fields, list(source), f"{path}.")]
                ways = [way for _, way in children]
                return _skip_if_same(source, kind, ways, make_struct_converter(to_arrow_type(kind), children, path))
            case _:
                return None

    def _convert_scalar(self, kind: DataType, source: pa.DataType, path: str) -> Converter:
        target = to_arrow_type(kind)
        if source == target:
            return make_range_check(kind)
        way = None
        if not isinstance(kind, ListOf | MapOf | Struct):
            way = find_typed_converter(kind, source, target)
            if way is None and self._untyped:
                way = find_untyped_converter(kind, source, target, self._formats)
        if way is None:
            is_hidden = self._is_protected and pa.types.is_nested(source)
            what = "an object or a list" if is_hidden else _describe_type(source)
            self._record_mismatch(path, "type", f"is {what}, and the contract says {kind}{_suggest_fix(kind, source)}")
        return apply_in_order(way or keep_as_is, make_range_check(kind))

    def _record_mismatch(self, path: str, kind: str, message: str) -> None:
        self.mismatches.append(Mismatch(path, kind, message))


def _skip_if_same(source: pa.DataType, kind: DataType, inner: Sequence[Converter], way: Converter) -> Converter:
    """The identity when source and column have one type and no null is forbidden inside; otherwise `way`."""
    alike = source == to_arrow_type(kind) and all(child is keep_as_is for child in inner)
    return keep_as_is if alike and not _needs_values(kind) else way


def _needs_values(kind: DataType) -> bool:
    match kind:
        case ListOf(element, required):
            return required or _needs_values(element)
        case MapOf(_, value, required):
            return required or _needs_values(value)
        case Struct(fields):
            return any(field.required or _needs_values(field.type) for field in fields)
        case _:
            return False


def _describe_type(source: pa.DataType) -> str:
    text = str(source)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _suggest_fix(kind: DataType, source: pa.DataType) -> str:
    match kind:
        case Primitive(Kind.TIMESTAMPTZ) if pa.types.is_timestamp(source):
            return ": say which zone its times are in (pandas: .dt.tz_localize, polars: .dt.replace_time_zone)"
        case Primitive(Kind.TIMESTAMP) if pa.types.is_timestamp(source):
            return ", which has no zone: convert to the local time that is meant"
        case Primitive(Kind.INT | Kind.LONG) if pa.types.is_floating(source):
            return ": cast it to whole numbers first (pandas: astype('Int64'))"
        case Decimal() if pa.types.is_floating(source):
            return ": round it to a decimal first"
        case _ if is_text(source):
            return ": parse the text first"
        case _:
            return ""
