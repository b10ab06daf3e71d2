"""Strategies of `access` over the columns a (text), n (number), day (date) and ok (boolean)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderConditions,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.access.row_filters import (
    AllOf,
    AnyOf,
    ColumnComparison,
    Comparator,
    Condition,
    IsNull,
    Negation,
    OneOf,
    PrincipalAttribute,
)
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema

SCHEMA = TableSchema(
    tuple(
        SchemaColumn(name, Primitive(kind), tags=("pii",) if name == "a" else ())
        for name, kind in (("a", Kind.STRING), ("n", Kind.LONG), ("day", Kind.DATE), ("ok", Kind.BOOLEAN))
    )
)
NAMES = st.sampled_from(["ada", "analytics", "eve", 'team "x"', "a'); permit(principal, action, resource);"])
_OPERANDS = {
    "a": st.text(max_size=5),
    "n": st.integers(-3, 3) | st.decimals(-3, 3, places=1).map(Decimal),
    "day": st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    "ok": st.booleans(),
}
ATTRIBUTES = st.sampled_from(["region", "level"]).map(PrincipalAttribute)


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    column = draw(st.sampled_from(sorted(_OPERANDS)))
    operands = _OPERANDS[column] | ATTRIBUTES
    how = st.sampled_from([Comparator.EQUAL, Comparator.UNEQUAL] if column == "ok" else list(Comparator))
    return draw(
        st.builds(ColumnComparison, st.just(column), how, operands)
        | st.builds(OneOf, st.just(column), st.lists(operands, min_size=1, max_size=3).map(tuple))
        | st.just(IsNull(column))
    )


conditions = st.recursive(
    comparisons(),
    lambda inner: (
        st.builds(Negation, inner)
        | st.builds(AllOf, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
filters = st.builds(RowFilter, st.just("…"), conditions)
_values = st.lists(NAMES, max_size=2, unique=True).map(tuple)
who = st.builds(
    ReaderConditions,
    teams=_values,
    principals=_values,
    roles=st.lists(st.sampled_from(["consumer", "owner"]), max_size=1).map(tuple),
    domains=_values,
    purposes=_values,
).filter(str)
columns = st.none() | st.sampled_from(ColumnClass) | st.lists(st.sampled_from(SCHEMA.names), unique=True).map(tuple)
readers = st.builds(ReaderEntry, who, columns, st.none() | filters, line=st.integers(1, 99)) | st.builds(
    ReaderEntry, who, deny=st.just(True), line=st.integers(1, 99)
)
masks = st.builds(Mask, st.sampled_from([kind for kind in MaskKind if kind is not MaskKind.BUCKET])) | st.builds(
    Mask, st.just(MaskKind.BUCKET), st.decimals("0.5", 10, places=1)
)
accesses = st.builds(
    AccessSpec,
    visibility=st.none() | st.sampled_from(Visibility),
    discoverable=st.none() | st.booleans(),
    readers=st.none() | st.lists(readers, max_size=3).map(tuple),
    rows=st.none() | filters,
    masks=st.dictionaries(st.sampled_from(SCHEMA.names), masks, max_size=2),
    auto_approve=st.none() | st.lists(who, max_size=2).map(tuple),
    max_duration=st.none() | st.just(timedelta(days=90)),
    max_duration_text=st.none() | st.just("90 days"),
    terms=st.none() | st.just("Internal use only."),
    approvers=_values,
    lines=st.dictionaries(st.sampled_from(["rows", "visibility"]), st.integers(1, 9)),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 5))
