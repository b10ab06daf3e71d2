"""Who is told who reads a product: its owner's side and the governance. Others learn how many readers there are.

Everybody sees their own reads, and those of their teams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.access.actions import Resource
from data_platform.access.relations import Relationship, has_role, list_relations
from data_platform.record.identity import teams
from data_platform.settings import Principal, Role
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.context import Context

T = TypeVar("T")
_OVERSEEING = frozenset(
    [Relationship.OWNER, Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN],
)


class ReaderNames:
    """The readers whose names the caller sees; within one transaction."""

    def __init__(self, context: Context, conn: Connection) -> None:
        self._principal, self._conn = context.principal, conn
        self._overseen: dict[str, bool] = {}
        self._own: frozenset[str] | None = None

    @property
    def oversees_all(self) -> bool:
        """Whether the caller opened the home, or is of the governance."""
        principal, person = self._principal, self._principal.acts_for
        return all(
            one.local or has_role(one, Role.GOVERNOR) for one in (principal, *(() if person is None else (person,)))
        )

    def oversees(self, product: str) -> bool:
        """Whether the caller is of the owner's side of a product, or of the governance."""
        if self._principal.local:
            return True
        if product not in self._overseen:
            self._overseen[product] = self._is_in_charge(self._principal, product)
        return self._overseen[product]

    def split(self, product: str, readers: Iterable[T], name: Callable[[T], str]) -> tuple[tuple[T, ...], int]:
        """The readers of a product whose names are shown, and how many others there are."""
        every = tuple(readers)
        if not every or self.oversees(product):
            return every, 0
        if self._own is None:
            self._own = self._list_own()
        named = tuple(reader for reader in every if name(reader) in self._own)
        return named, len(every) - len(named)

    def _is_in_charge(self, principal: Principal, product: str) -> bool:
        resource = Resource.of(product)
        relations = list_relations(principal, resource, find_facts(self._conn, resource, principal))
        person = principal.acts_for
        return not relations.isdisjoint(_OVERSEEING) and (person is None or self._is_in_charge(person, product))

    def _list_own(self) -> frozenset[str]:
        person = self._principal.acts_for
        own = {self._principal.name, *self._principal.teams, *(() if person is None else (person.name,))}
        return frozenset(own.union(*(teams.list_members(self._conn, team) for team in self._principal.teams)))
