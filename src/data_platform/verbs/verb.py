"""What a verb declares of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_platform.access.actions import Action, ResourceKind
from data_platform.record.audit_log.acts import Act


class Scope(StrEnum):
    """What a verb acts on: a kind of resource that its request names, or rows that the verb has to look up first.

    A request that names a product, where naming one is optional, acts on that product alone.
    """

    OUTPUT = ResourceKind.OUTPUT.value
    PRODUCT = ResourceKind.PRODUCT.value
    CATALOG = ResourceKind.CATALOG.value
    DOMAIN = ResourceKind.DOMAIN.value
    DOMAINS = ResourceKind.DOMAINS.value
    PRINCIPAL = ResourceKind.PRINCIPAL.value
    PRINCIPALS = ResourceKind.PRINCIPALS.value
    POLICIES = ResourceKind.POLICIES.value
    INCIDENTS = ResourceKind.INCIDENTS.value
    SUBSCRIPTIONS = ResourceKind.SUBSCRIPTIONS.value
    AUDIT_LOG = ResourceKind.AUDIT_LOG.value
    TABLES = ResourceKind.TABLES.value
    MESH = ResourceKind.MESH.value
    ROW = "row"
    """The verb looks its resources up, and authorises each by itself."""


@dataclass(frozen=True, slots=True, init=False)
class Verb:
    """A verb of the mesh, as every caller and every rule knows it."""

    request: str
    place: str
    action: Action
    scope: Scope
    method: str
    path: str
    acts: frozenset[Act]
    served: bool
    """Whether a server has a route for it. The others need the files of the home."""
    secret: bool
    """Whether its answer holds a secret, which no record keeps."""

    def __init__(
        self,
        request: str,
        place: str,
        action: Action,
        scope: Scope,
        route: str,
        *acts: Act,
        served: bool = True,
        secret: bool = False,
    ) -> None:
        method, _, path = route.partition(" ")
        values = (request, place, action, scope, method, path, frozenset(acts), served, secret)
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)

    @property
    def writes(self) -> bool:
        """Whether it changes what others can see."""
        return bool(self.acts - {Act.REFUSAL})
