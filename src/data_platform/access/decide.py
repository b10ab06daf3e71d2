"""Who may do what: the one question, answered with its reason."""

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
    """The answer, and the rule that gave it.

    `masked` is how each protected column is shown (column -> way of masking), `row_filter` the SQL condition of the
    rows that are shown, None for all. A reader may ask for more masking than this, never for less.
    """

    allowed: bool
    reason: str
    masked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    row_filter: str | None = None


def decide(principal: Principal, action: Action, resource: Resource) -> Decision:
    """Whether `principal` may do `action` to `resource`, and how much of it they see.

    What nothing allows is denied. Who opened the home may do everything: the files are theirs to read and write anyway,
    so a refusal here would only pretend to be a boundary.
    """
    if principal.local:
        return Decision(True, f"{principal} opened the home and may do everything in it")
    return Decision(False, f"nothing allows {principal} to {action} {resource}")
