"""Principals, accesses and grants of one output, and what is decided about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.decision import Decision
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.access.grants import AccessGrant
from data_platform.access.reading import Occasion
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.spec.access.filter_text import parse_row_filter
from data_platform.spec.access.model import AccessSpec, ReaderConditions, ReaderEntry, RowFilter, Visibility
from data_platform.spec.access.row_filters import NO_ROW, Condition
from data_platform.spec.access.stored import StoredAccess
from tests.spec.access import strategies
from tests.spec.access.strategies import SCHEMA

NOW = datetime(2026, 1, 3, tzinfo=UTC)
ORDERS = Resource.of("orders", "t")
PERSONAL = frozenset(["a"])
RESTRICTED = AccessSpec(visibility=Visibility.RESTRICTED)


def make(name: str = "ada", *roles: Role, teams: tuple[str, ...] = (), **attributes: str) -> Principal:
    grants = frozenset(RoleGrant(role) for role in roles)
    return Principal(
        name, verified=True, roles=grants, teams=frozenset(teams), attributes=tuple(sorted(attributes.items()))
    )


ADA = make("ada", Role.CONSUMER)


def facts_of(access: AccessSpec, *grants: AccessGrant) -> ResourceFacts:
    outputs = {"": StoredAccess.of(access), "t": StoredAccess.of(access)}
    return ResourceFacts(True, "shop", (DomainFacts("sales"),), {"shop": "shop"}, outputs=outputs, grants=grants)


def read(
    who: Principal, access: AccessSpec, *grants: AccessGrant, now: datetime = NOW, purpose: str | None = None
) -> Decision:
    return decide(who, Action.CONSUME, ORDERS, facts_of(access, *grants), Occasion(now, purpose))


def seen(decision: Decision) -> tuple[frozenset[str], Condition]:
    """The clear columns, and the condition of the rows."""
    if not decision.allowed:
        return frozenset(), NO_ROW
    view = decision.view_columns("t", SCHEMA, PERSONAL)
    return frozenset(SCHEMA.names) - view.masks.keys(), view.condition


def entry(
    line: int = 12, *, deny: bool = False, rows: str = "", columns: object = None, **who: tuple[str, ...]
) -> ReaderEntry:
    row_filter = RowFilter(rows, parse_row_filter(rows)) if rows else None
    return ReaderEntry(ReaderConditions(**who), columns, row_filter, deny, line)  # type: ignore[arg-type]


def grant(holder: str = "ada", **fields: object) -> AccessGrant:
    usual = {"begins_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=1)}
    return AccessGrant("7", "orders", "t", holder, "fraud", **(usual | fields))  # type: ignore[arg-type]


principals = st.builds(
    lambda name, teams, role, region: Principal(
        name,
        verified=True,
        roles=frozenset([RoleGrant(role)]),
        teams=frozenset(teams),
        attributes=() if region is None else (("region", region),),
    ),
    strategies.NAMES,
    st.lists(strategies.NAMES, max_size=2),
    st.sampled_from([Role.CONSUMER, Role.OWNER]),
    st.none() | st.sampled_from(["EU", "US"]),
)
purposes = st.none() | strategies.NAMES
grants = st.builds(
    AccessGrant,
    st.integers(1, 9).map(str),
    st.just("orders"),
    st.sampled_from(["t", "u"]),
    strategies.NAMES,
    st.just("fraud"),
    strategies.moments.map(lambda moment: moment.replace(tzinfo=UTC)),
    st.none() | strategies.moments.map(lambda moment: moment.replace(tzinfo=UTC)),
    columns=st.none() | st.frozensets(st.sampled_from(SCHEMA.names)),
    opens_personal_data=st.booleans(),
)
