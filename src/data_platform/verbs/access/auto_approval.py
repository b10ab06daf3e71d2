"""`auto_approve` of product.yaml: the conditions under which a request opens columns without personal data at once."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record.catalog import domains
from data_platform.settings import Principal
from data_platform.spec.access.model import ReaderConditions
from data_platform.verbs.access.capacities import list_holders
from data_platform.verbs.access.requested_outputs import OfferedOutput
from data_platform.verbs.core.context import Context


def find_condition(context: Context, conn: Connection, output: OfferedOutput, purpose: str) -> str | None:
    """The first condition that the caller and the purpose meet, in words; None where they meet none."""
    conditions = output.access.auto_approve or ()
    met = (condition for condition in conditions if _is_met(conn, condition, context.principal, purpose))
    condition = next(met, None)
    return None if condition is None else f"auto_approve: {condition}"


def _is_met(conn: Connection, condition: ReaderConditions, principal: Principal, purpose: str) -> bool:
    """Whether each field that is not empty has one of its values; an agent's person has to meet it too."""
    person = principal.acts_for
    if person is not None and not _is_met(conn, condition, person, purpose):
        return False
    roles = {grant.role.value for grant in principal.roles}
    own = (
        (condition.teams, principal.teams),
        (condition.principals, {principal.name}),
        (condition.roles, roles),
        (condition.purposes, {purpose}),
    )
    are_met = all(not wanted or not principal_has.isdisjoint(wanted) for wanted, principal_has in own)
    return are_met and (not condition.domains or _is_in_domain(conn, condition.domains, principal))


def _is_in_domain(conn: Connection, names: tuple[str, ...], principal: Principal) -> bool:
    rows = [row for name in names if (row := domains.find(conn, name)) is not None]
    own = list_holders(principal)
    return any(row.owner in own or not own.isdisjoint(row.members) for row in rows)
