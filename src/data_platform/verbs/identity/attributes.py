"""principals set: the attributes of a principal, which the row filters of products name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput
from data_platform.record.identity import attributes
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.attributes import (
    AttributeValue,
    PrincipalAttributes,
    parse_attribute,
    write_attribute_value,
)
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import change_identities, find_principal, subject_of
from data_platform.verbs.identity.principals import build_info
from data_platform.verbs.results import PrincipalInfo


@dataclass(frozen=True, slots=True)
class SetAttributes(Request[PrincipalInfo]):
    """Give a principal attributes, each as NAME=VALUE, and remove those that are named in `remove`."""

    principal: str
    attributes: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def set_attributes(context: Context, request: SetAttributes) -> PrincipalInfo:
    """The changed principal; idempotent. Raises NotFound, and BadInput for what is no attribute."""
    pairs = tuple(map(parse_attribute, request.attributes))
    names = [*(name for name, _ in pairs), *request.remove]
    if not names or len(names) != len(set(names)):
        what = "an attribute is named twice" if names else "there is nothing to change"
        raise BadInput(what, hint="name it once: --attribute NAME=VALUE (attributes), or --remove NAME (remove)")
    with change_identities(context) as tx:
        find_principal(tx, request.principal)
        record_outcomes(context, tx, *change_attributes(context, tx, request.principal, pairs, request.remove))
        return build_info(tx, request.principal)


def change_attributes(
    context: Context, tx: Connection, principal: str, pairs: PrincipalAttributes, remove: Iterable[str]
) -> list[ActOutcome]:
    """Gives and takes attributes; nothing is recorded where nothing changes."""
    before = dict(attributes.map_by_principal(tx, [principal]).get(principal, ()))
    new = {name: value for name, value in pairs if write_attribute_value(value) != _write(before.get(name))}
    for name, value in new.items():
        attributes.set_value(tx, principal, name, value, context.clock(), context.principal.name)
    gone = [name for name in remove if attributes.remove(tx, principal, name)]
    if not new and not gone:
        return []
    written = [f"{name}={write_attribute_value(value)}" for name, value in sorted(new.items())]
    return [ActOutcome(EventKind.ATTRIBUTES_SET, subject_of(principal), {"set": written, "removed": sorted(gone)})]


def _write(value: AttributeValue | None) -> str | None:
    return None if value is None else write_attribute_value(value)
