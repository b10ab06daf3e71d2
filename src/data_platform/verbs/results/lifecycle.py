"""How products change hands and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TransferInfo:
    """A product that is offered to another owner; `state` is offered, accepted or withdrawn."""

    product: str
    owner: str
    to_owner: str
    offered_at: datetime
    offered_by: str
    state: str


@dataclass(frozen=True, slots=True)
class ProductState:
    """Where a product is in its life; archived, it is read on and takes no more publishes."""

    product: str
    owner: str
    status: str
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Renamed:
    """A product under its new name; `revision` is the contract's that says so, `former` all names that lead there."""

    product: str
    formerly: str
    revision: int
    since: datetime
    former: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DepartureInfo:
    """A person who has left (`back`: is back), and the products that they still own."""

    principal: str
    at: datetime
    by: str
    back: bool
    products: tuple[str, ...]
