"""Decides whether a principal may do an action, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data_platform.access.actions import Action, Resource
from data_platform.settings import Principal

MASK = "mask"
"""Every value is shown as `***`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision and its reason.

    `masked` maps protected columns to the kind of masking: every read applies it, and a reader may request more, but
    not less. `row_filter` is the SQL condition of the visible rows, None for all; reads cannot apply one yet, so a
    request with one is denied.
    """

    allowed: bool
    reason: str
    masked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    row_filter: str | None = None


def decide(principal: Principal, action: Action, resource: Resource) -> Decision:
    """Decides whether `principal` may do `action` to `resource`, and which part of it is visible.

    Everything that is not allowed is denied. A principal that opened the home may do everything: the user can read and
    write its files anyway, so a refusal here would not protect anything.
    """
    if principal.local:
        return Decision(True, f"{principal} opened the home and may do everything in it")
    return Decision(False, f"nothing allows {principal} to {action} {resource}")
