"""What can be done in a mesh, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a principal asks to do. Each verb has one; no verb borrows the action of another act."""

    READ = "read"
    CONSUME = "consume"
    PUBLISH = "publish"
    REGISTER = "register"
    DEPRECATE = "deprecate"
    RETIRE = "retire"
    ARCHIVE = "archive"
    RELEASE = "release"
    RENAME = "rename"
    TRANSFER = "transfer"
    SUBSCRIBE = "subscribe"
    WAIVE = "waive"
    ATTEST = "attest"
    RESPOND = "respond"
    GOVERN = "govern"
    DEFINE_DOMAIN = "define domain"
    OFFBOARD = "offboard"
    OPERATE = "operate"
    COLLECT = "collect"


class ResourceKind(StrEnum):
    """What an action is done to."""

    OUTPUT = "output"
    PRODUCT = "product"
    CATALOG = "catalog"
    DOMAIN = "domain"
    DOMAINS = "domains"
    PRINCIPAL = "principal"
    POLICIES = "policies"
    INCIDENTS = "incidents"
    SUBSCRIPTIONS = "subscriptions"
    AUDIT_LOG = "audit log"
    TABLES = "tables"
    MESH = "mesh"


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action is done to: an output, a product, or what `kind` says, with its name where it has one."""

    kind: ResourceKind
    product: str | None = None
    output: str | None = None
    name: str | None = None

    @classmethod
    def of(cls, product: str, output: str | None = None) -> Resource:
        """A product, or one of its outputs."""
        return cls(ResourceKind.OUTPUT if output else ResourceKind.PRODUCT, product, output or None)

    def __str__(self) -> str:
        if self.product is not None:
            return f"{self.product}.{self.output}" if self.output else self.product
        return self.name or self.kind.value
