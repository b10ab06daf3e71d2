"""The result of judging: one violation of one policy."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.spec.policies.policy import Enforcement, PolicyScope


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """A violation: `subject` is what it is about (`orders_fact.customer_email`), `reason` why, with the values.

    `level` is whose policy it is: the federation's, or the domain's that wrote or raised it. `undecided` says that the
    policy could not be judged, and so counts as violated.
    """

    policy: str
    level: PolicyScope
    enforcement: Enforcement
    subject: str
    reason: str
    undecided: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it refuses."""
        return self.enforcement is Enforcement.BLOCKING

    def __str__(self) -> str:
        return f"{self.policy}: {self.subject}: {self.reason}"
