"""The actions and resources of access control."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """The action of a request. Every verb has one; verbs do not share actions of different acts."""

    READ = "read"
    CONSUME = "consume"
    PUBLISH = "publish"
    RUN = "run"
    REGISTER = "register"
    DEPRECATE = "deprecate"
    RETIRE = "retire"
    ARCHIVE = "archive"
    RELEASE = "release"
    RENAME = "rename"
    TRANSFER = "transfer"
    ACCEPT = "accept"
    WITHDRAW = "withdraw the offer of"
    SUBSCRIBE = "subscribe"
    WAIVE = "waive"
    ATTEST = "attest"
    RESPOND = "respond"
    GOVERN = "govern"
    DECLASSIFY = "declassify"
    DEFINE_DOMAIN = "define domain"
    DEFINE_TERM = "define terms"
    OFFBOARD = "offboard"
    AUDIT = "audit"
    OPERATE = "operate"
    COLLECT = "collect"
    ERASE = "erase"
    ROTATE_KEYS = "rotate keys"
    ISSUE = "issue tokens"
    REVOKE = "revoke tokens"
    DISABLE = "disable"
    SET_ATTRIBUTES = "set attributes"
    DEFINE_TEAM = "define teams"
    GRANT = "grant"
    CLAIM = "claim owners"
    REQUEST_ACCESS = "request access to"
    EXPLAIN_ACCESS = "explain access to"
    DECIDE_ACCESS = "decide about access to"
    REVOKE_ACCESS = "revoke access to"


class ResourceKind(StrEnum):
    """The kind of a resource."""

    OUTPUT = "output"
    PRODUCT = "product"
    CATALOG = "catalog"
    DOMAIN = "domain"
    DOMAINS = "domains"
    PRINCIPAL = "principal"
    PRINCIPALS = "principals"
    POLICIES = "policies"
    INCIDENTS = "incidents"
    SUBSCRIPTIONS = "subscriptions"
    AUDIT_LOG = "audit log"
    TABLES = "tables"
    MESH = "mesh"


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource of an action: an output, a product, or a resource of another kind with an optional name.

    `owner` and `domain` are those that a product.yaml beside the request declares. The name of policies is the domain
    whose policies they are, None for those of the mesh.
    """

    kind: ResourceKind
    product: str | None = None
    output: str | None = None
    name: str | None = None
    owner: str | None = None
    domain: str | None = None

    @classmethod
    def of(
        cls, product: str, output: str | None = None, *, owner: str | None = None, domain: str | None = None
    ) -> Resource:
        """Returns the resource of a product, or of one of its outputs."""
        kind = ResourceKind.OUTPUT if output else ResourceKind.PRODUCT
        return cls(kind, product, output or None, owner=owner, domain=domain)

    def __str__(self) -> str:
        if self.product is not None:
            return f"{self.product}.{self.output}" if self.output else self.product
        if self.kind is ResourceKind.POLICIES and self.name is not None:
            return f"the policies of {self.name}"
        return self.name or self.kind.value
