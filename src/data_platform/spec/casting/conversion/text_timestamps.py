"""Times, timestamps and dates of untyped data, as ISO 8601 writes them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import Converter, ValueChanged, to
from data_platform.spec.casting.conversion.text_formats import has_zone, require_match


def parse_time(array: pa.Array) -> pa.Array:
    """Times from text by way of timestamps, since Arrow parses no times."""
    require_match(array, r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$")
    return pc.binary_join_element_wise("1970-01-01", array, " ").cast(pa.timestamp("us")).cast(pa.time64("us"))


def make_instant_parser(target: pa.DataType, zone: str | None) -> Converter:
    """Text of instants; one without an offset is a time of `zone`, where there is one, and must be there just once."""
    if zone is None:
        return to(target)
    nothing = pa.nulls(1, pa.string())[0]

    def convert(array: pa.Array) -> pa.Array:
        zoned = has_zone(array)
        instants = pc.if_else(zoned, array, nothing).cast(target)
        local = pc.if_else(zoned, nothing, array).cast(pa.timestamp(target.unit))
        assumed = pc.assume_timezone(local, zone, ambiguous="raise", nonexistent="raise")
        return pc.coalesce(instants, assumed.cast(target))

    return convert


def convert_midnight_to_date(array: pa.Array) -> pa.Array:
    """Dates of timestamps that are all at midnight; raises ValueChanged for another time."""
    dates = array.cast(pa.date32(), safe=False)
    if pc.all(pc.equal(dates.cast(array.type), array)).as_py() is False:
        raise ValueChanged
    return dates
