"""offboard: a person has left, and their products need another owner."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import departures, products
from data_platform.record.catalog.departures import Departure
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import change_identities, disable
from data_platform.verbs.incidents import ownerless_products
from data_platform.verbs.results import DepartureInfo


@dataclass(frozen=True, slots=True)
class Offboard(Request[DepartureInfo]):
    """Note that `principal` is gone; with `back`, that they are there again."""

    principal: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class ListDepartures(Request[list[DepartureInfo]]):
    """Everyone who has left, with the products that they still own."""


def record_departure(context: Context, request: Offboard) -> DepartureInfo:
    """Opens an incident on each product that they own, until it is transferred or they are back; their tokens end.

    Idempotent. Raises BadInput for no name, NotFound for the return of a person who never left.
    """
    name = request.principal.strip()
    if not name:
        raise BadInput("the name is empty")
    with change_identities(context) as tx:
        existing = departures.find(tx, name)
        if request.back and existing is None:
            raise NotFound(f"{name} is not gone", hint="data-platform offboard lists who is")
        row = existing or Departure(name, context.clock(), context.principal.name)
        changed = departures.end(tx, name) if request.back else departures.add(tx, row)
        owned = tuple(products.list_owned_by(tx, [name]))
        if changed:
            changes = ownerless_products.update_incidents(context, tx)
            kind = EventKind.PRINCIPAL_RETURNED if request.back else EventKind.PRINCIPAL_LEFT
            outcome = ActOutcome(kind, Subject(f"principal:{name}"), {"products": len(owned)})
            ended = [] if request.back else disable(context, tx, name)
            record_outcomes(context, tx, outcome, *ended, *changes.outcomes)
    return DepartureInfo(name, row.at, row.by, request.back, owned)


def list_departures(context: Context, request: ListDepartures) -> list[DepartureInfo]:
    """By name."""
    with context.record.reading() as conn:
        gone = departures.list_all(conn)
        owned = products.list_owned_by(conn, [departure.principal for departure in gone])
        part = find_visible_part(context, conn)
    visible = {product: owner for product, owner in owned.items() if part.shows(product)}
    listed = [departure for departure in gone if part.is_whole_mesh or departure.principal in visible.values()]
    return [
        DepartureInfo(departure.principal, departure.at, departure.by, False, _list_owned(visible, departure.principal))
        for departure in listed
    ]


def _list_owned(owned: dict[str, str], owner: str) -> tuple[str, ...]:
    return tuple(product for product, whose in owned.items() if whose == owner)
