"""A column that a line opens on some rows is clear there and masked on the others, and no line takes anything away.

What is seen is compared cell by cell, over rows that have every value which the filters name.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from data_platform.access.decision import Decision, ReadView
from data_platform.access.grants import AccessGrant
from data_platform.access.view import TableView
from data_platform.settings import Principal, PrincipalKind, Role
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.model import AccessSpec, ColumnClass, ReaderEntry
from data_platform.spec.access.row_filters import EVERY_ROW, AnyOf, ColumnComparison, Comparator, IsNull
from tests.access.readers import ADA, PERSONAL, RESTRICTED, entry, grants, make, principals, purposes, read
from tests.engine.views.views import holds, shows
from tests.spec.access import strategies
from tests.spec.access.strategies import SCHEMA

EUROPEAN = make("ada", Role.CONSUMER, region="EU")
EU = ColumnComparison("a", Comparator.EQUAL, "EU")
ROWS: list[dict[str, Any]] = [
    {"a": a, "n": n, "day": day, "ok": ok}
    for a, n, day, ok in product(["", "EU", None], [-1, 0, None], [date(2026, 1, 2), None], [True, None])
]
Cells = set[tuple[int, str]]


def list_cells(view: TableView) -> Cells:
    """The clear cells by row and column; a visible row is one by itself."""
    visible = [at for at, row in enumerate(ROWS) if holds(view.condition, row) is True]
    clear = {(at, name) for at in visible for name in SCHEMA.names if shows(view, name, ROWS[at])}
    return clear | {(at, "") for at in visible}


def list_seen(decision: Decision) -> Cells:
    """The cells that are clear by a decision."""
    return list_cells(decision.view_columns("t", SCHEMA, PERSONAL)) if decision.allowed else set()


def test_a_column_is_clear_on_the_rows_that_a_line_opens_it_on_and_masked_on_the_others() -> None:
    european = entry(12, principals=("ada",), columns=ColumnClass.ALL, rows="a = principal.region")
    access = AccessSpec(readers=(european,), masks={"n": Mask(MaskKind.HASH)})
    view = read(EUROPEAN, access).view_columns("t", SCHEMA, PERSONAL)
    assert view == TableView({"a": REDACT, "n": Mask(MaskKind.HASH)}, EVERY_ROW, {"a": EU, "n": EU})
    assert view.constants == frozenset()
    assert view.list_tested_columns() == {"a"}
    assert view.list_tested_columns(["day"]) == frozenset()


def test_without_the_attribute_the_column_is_masked_on_every_row() -> None:
    european = entry(12, principals=("ada",), columns=ColumnClass.ALL, rows="NOT a = principal.region")
    view = read(ADA, AccessSpec(readers=(european,))).view_columns("t", SCHEMA, PERSONAL)
    assert view == TableView({"a": REDACT})
    wrong = replace(ADA, attributes=(("region", True),))
    assert read(wrong, AccessSpec(readers=(european,))).view_columns("t", SCHEMA, PERSONAL) == view


def test_several_lines_open_a_column_on_the_rows_of_all_of_them() -> None:
    lines = [entry(at, principals=("ada",), columns=("a",), rows=f"n = {at}") for at in (1, 2)]
    access = AccessSpec(readers=tuple(lines))
    view = read(ADA, access).view_columns("t", SCHEMA, PERSONAL)
    either = AnyOf(tuple(ColumnComparison("n", Comparator.EQUAL, at) for at in (1, 2)))
    assert (view.condition, view.clear_rows) == (EVERY_ROW, {"a": either})
    restricted = replace(access, visibility=RESTRICTED.visibility)
    assert read(ADA, restricted).view_columns("t", SCHEMA, PERSONAL).masks.keys() == {"n", "day", "ok"}


def test_a_column_of_a_masked_view_may_be_masked_further_and_an_erased_one_is_clear_nowhere() -> None:
    view = TableView({"a": REDACT, "n": Mask(MaskKind.HASH)}, EVERY_ROW, {"a": EU, "n": AnyOf((EU, IsNull("day")))})
    assert view.with_masks({"a": Mask(MaskKind.NULL), "ok": REDACT}) == TableView(
        {"a": REDACT, "n": Mask(MaskKind.HASH), "ok": REDACT}, EVERY_ROW, {"n": view.clear_rows["n"]}
    )
    assert view.without_values(["a"]).clear_rows == {"n": IsNull("day")}
    assert view.without_values(["n", "day"]).clear_rows == {"a": EU}


def test_a_filter_with_a_number_that_is_not_compared_exactly_takes_no_rows_of_other_lines_away() -> None:
    few = entry(1, principals=("ada",), columns=("n",), rows="n = 1")
    who = replace(ADA, attributes=(("level", 10**80),))
    for text, shows_rows in (("1." + "0" * 60 + "1", False), ("principal.level", False), ("9" * 38, True)):
        many = entry(2, principals=("ada",), columns=ColumnClass.ALL, rows=f"n <> {text}")
        both, alone = (
            read(who, replace(RESTRICTED, readers=readers)).view_columns("t", SCHEMA, PERSONAL)
            for readers in ((few, many), (few,))
        )
        assert (both != alone) is shows_rows


@given(principals, strategies.accesses, st.lists(grants, max_size=2), purposes)
def test_what_is_seen_is_what_the_lines_show_one_by_one(
    who: Principal, access: AccessSpec, held: list[AccessGrant], purpose: str | None
) -> None:
    decision = read(who, access, *held, purpose=purpose)
    (view,) = decision.find_views("t") if decision.allowed else (ReadView(),)
    single = [replace(view, openings=(opening,)).build_table_view(SCHEMA, PERSONAL) for opening in view.openings]
    assert list_seen(decision) == set().union(*map(list_cells, single))


@given(principals, strategies.accesses, st.lists(grants, max_size=2), strategies.readers, purposes)
def test_a_line_more_takes_nothing_away(
    who: Principal, access: AccessSpec, held: list[AccessGrant], more: ReaderEntry, purpose: str | None
) -> None:
    readers = access.readers or ()
    after = replace(access, readers=(*readers, replace(more, deny=False)))
    assert list_seen(read(who, access, *held, purpose=purpose)) <= list_seen(read(who, after, *held, purpose=purpose))


@given(principals, strategies.accesses, st.lists(grants, max_size=2), grants)
def test_a_grant_more_takes_nothing_away(
    who: Principal, access: AccessSpec, held: list[AccessGrant], more: AccessGrant
) -> None:
    assert list_seen(read(who, access, *held)) <= list_seen(read(who, access, *held, more))


@given(principals, principals, strategies.accesses, st.lists(grants, max_size=2))
def test_an_agent_sees_the_cells_that_it_and_its_person_see(
    person: Principal, agent: Principal, access: AccessSpec, held: list[AccessGrant]
) -> None:
    acting = replace(agent, name="bot", kind=PrincipalKind.AGENT, acts_for=person)
    decision = read(acting, access, *held)
    if decision.allowed:
        own, of_person = (view.build_table_view(SCHEMA, PERSONAL) for view in decision.find_views("t"))
        assert list_seen(decision) == list_cells(own) & list_cells(of_person)
        assert list_cells(of_person) == list_seen(read(person, access, *held))
