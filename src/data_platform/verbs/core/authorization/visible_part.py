"""The part of the mesh that a caller finds: every list and every search is limited to it, whatever its door.

A verb that answers with more than the resource that it was authorised for takes the part of its caller here, and
applies it before it counts, limits or pages. Who finds a product is decided in `access/discovery`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.discovery import (
    DiscoveryFacts,
    finds_domain,
    finds_product,
    list_found_domains,
)
from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import products, redirects
from data_platform.settings import Principal
from data_platform.verbs.core.authorization.authorize import find_hidden_products
from data_platform.verbs.core.context import Context, DeniedAct
from data_platform.verbs.core.lookup.resolve import product_not_found

T = TypeVar("T")
E = TypeVar("E", bound=BadInput)
NOT_FOUND_BY_CALLER = "the product is none that the caller finds"
"""Why a row or a table of a hidden product is answered as an unknown one."""
_UNKNOWN = re.compile(r"no product (.+) is registered", re.DOTALL)
_NAMES = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """What `principal` finds; `products` are the names of the products, None for all, and `hidden` those of the others.

    `hidden` has the former names of the others too.

    What belongs to no product and no domain, such as people and the policies of the mesh, is the whole mesh's.
    """

    principal: Principal
    products: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def is_whole_mesh(self) -> bool:
        """Whether no domain is hidden, nor what belongs to none."""
        return self.domains is None

    @property
    def is_everything(self) -> bool:
        """Whether nothing at all is hidden."""
        return self.products is None and self.is_whole_mesh

    @property
    def domains(self) -> frozenset[str] | None:
        """The names of the domains that are found; None for all."""
        return list_found_domains(self.principal)

    def shows(self, product: str) -> bool:
        """Whether a product is found; one that is not registered is found where nothing is hidden."""
        return self.products is None or product in self.products

    def shows_domain(self, domain: str) -> bool:
        """Whether a domain is found."""
        return finds_domain(self.principal, domain)

    def shows_rule(self, rule: str) -> bool:
        """Whether a rule that judged a product is shown: `CONSUMER: RULE` is what another product expects of it."""
        return rule.partition(": ")[0] not in self.hidden

    def names_hidden(self, text: str) -> bool:
        """Whether a text may name a product that is not found."""
        return not self.hidden.isdisjoint(_find_names(text))

    def select(self, rows: Iterable[T], name: Callable[[T], str]) -> list[T]:
        """The rows whose product, by its `name`, is found."""
        return [row for row in rows if self.shows(name(row))]

    def select_own(self, rows: Iterable[T], name: Callable[[T], str]) -> list[T]:
        """The rows about principals: all of them, or for a token of some domains those of its own principal."""
        if self.is_whole_mesh:
            return list(rows)
        person = () if self.principal.acts_for is None else (self.principal.acts_for.name,)
        own = {self.principal.name, *self.principal.teams, *person}
        return [row for row in rows if name(row) in own]


def find_visible_part(context: Context, conn: Connection) -> VisiblePart:
    """The part that the caller finds.

    For who opened the home no statement is needed; for others one, and two more where something may be hidden.
    """
    principal = context.principal
    concealed = find_hidden_products(context, conn)
    if not concealed and list_found_domains(principal) is None:
        return VisiblePart(principal)
    facts = {name: DiscoveryFacts(of, name in concealed) for name, of in products.map_domains(conn).items()}
    visible = frozenset(name for name, its in facts.items() if finds_product(principal, its))
    hidden = frozenset(facts) - visible
    former = {redirect.name for redirect in redirects.list_all(conn) if redirect.product in hidden}
    return VisiblePart(principal, visible, hidden | former)


def require_visible(context: Context, conn: Connection, action: Action, product: str, missing: NotFound) -> None:
    """Raises `missing` for a row that was looked up by its id, and is about a product that the caller does not find."""
    if product in find_visible_part(context, conn).hidden:
        context.denied = DeniedAct(action, Resource.of(product), NOT_FOUND_BY_CALLER)
        raise missing


def hide_names(context: Context, error: E, request: object) -> E:
    """The error without a hint that names a product which the caller neither finds nor names itself.

    Where the error is about an unknown product, its hint is as if the hidden ones did not exist.
    """
    if error.hint is None or context.principal.local:
        return error
    with context.record.reading() as conn:
        hidden = find_visible_part(context, conn).hidden
        unknown = _UNKNOWN.search(error.message)
        if unknown and hidden:
            error.hint = product_not_found(conn, unknown[1], hidden).hint
        elif not hidden.isdisjoint(_find_names(error.hint) - _find_names(repr(request))):
            error.hint = None
    return error


def _find_names(text: str) -> set[str]:
    return set(_NAMES.findall(text.casefold()))
