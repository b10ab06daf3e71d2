"""What an act did to incidents, and the outcomes that are to be recorded of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.incidents import Incident
from data_platform.verbs.events.outcomes import ActOutcome, describe_incident


@dataclass
class IncidentChanges:
    """The incidents that were opened, resolved and made graver, in the caller's transaction."""

    opened: list[Incident] = field(default_factory=list)
    resolved: list[Incident] = field(default_factory=list)
    grown: list[Incident] = field(default_factory=list)

    def add(self, other: IncidentChanges) -> None:
        """Joins what another round did."""
        self.opened += other.opened
        self.resolved += other.resolved
        self.grown += other.grown

    @property
    def outcomes(self) -> tuple[ActOutcome, ...]:
        """An outcome for each change, which follows from the act."""
        changes = (
            (EventKind.INCIDENT_OPENED, self.opened),
            (EventKind.INCIDENT_RAISED, self.grown),
            (EventKind.INCIDENT_RESOLVED, self.resolved),
        )
        return tuple(
            describe_incident(kind, incident, follows=True) for kind, changed in changes for incident in changed
        )
