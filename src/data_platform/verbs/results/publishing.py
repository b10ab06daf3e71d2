"""What register and publish answer, and the versions that stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.quality.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Registration:
    """What a register did: `created`, else `changes` in words (none: nothing changed); warnings never refuse."""

    product: str
    domain: str
    revision: int
    created: bool
    domain_created: bool = False
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether a new contract revision was recorded."""
        return self.created or bool(self.changes)


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: `revision` of the environment `source` is what `registration` says in `target`."""

    source: str
    target: str
    revision: int
    registration: Registration


@dataclass(frozen=True, slots=True)
class PublishResult:
    """A publish that became visible: `version` counts 1, 2, 3 … per output, `location` is the table's folder.

    `warnings` are doubts that stopped nothing, such as personal data that the schema leaves unprotected.
    """

    success: bool
    product: str
    output: str
    version: int
    location: str
    rows: int
    quality: Verdict
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One data version of an output."""

    product: str
    output: str
    version: int
    contract_version: str
    rows: int
    bytes: int
    files: int
    outcome: str
    published_at: datetime
    published_by: str
    metadata_location: str
    statistics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
