"""What followers of a product see: its contract's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Happened = Literal["registered", "changed", "deprecated", "retired"]


@dataclass(frozen=True, slots=True)
class Following:
    """Who follows a product, since when; what happened after `seen` is news to them."""

    product: str
    principal: str
    since: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One thing that happened to a product's contract; `new` to the caller, if they follow it.

    Registered and changed have a `revision`, the contract `version` and its `changes` in words. Deprecated and retired
    are about one major of an output, `orders_fact@1`; deprecated has the `ends_at` that was announced.
    """

    product: str
    at: datetime
    happened: Happened
    by: str | None = None
    revision: int | None = None
    version: str | None = None
    changes: tuple[str, ...] = ()
    output: str | None = None
    ends_at: datetime | None = None
    new: bool = False
