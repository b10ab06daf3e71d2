"""Who may do what: the one question, answered with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.settings import Principal


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the rule that gave it."""

    allowed: bool
    reason: str


def decide(principal: Principal, action: str, resource: str) -> Decision:
    """Whether `principal` may do `action` (a verb's name) to `resource` (a product, output or domain).

    What nothing allows is denied. Whoever opened the home themselves may do everything: the files are theirs to read
    and write anyway, so a refusal here would only pretend to be a boundary.
    """
    if principal.local:
        return Decision(True, f"{principal} opened the home and may do everything in it")
    return Decision(False, f"nothing allows {principal} to {action} {resource}")
