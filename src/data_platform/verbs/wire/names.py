"""The types that answers name without importing them at run time, by name."""

from __future__ import annotations

from data_platform.governance.readiness import Point
from data_platform.keys.states import Erasure, KeyState
from data_platform.quality.score import DimensionScore
from data_platform.quality.sla import Budget
from data_platform.quality.trust import Trust
from data_platform.quality.verdict import Verdict
from data_platform.search.document import OutputEntry
from data_platform.search.question import Highlight
from data_platform.verbs.results.catalog import ColumnInfo, UsageStats
from data_platform.verbs.results.checklist import DomainReadiness
from data_platform.verbs.results.identity import PrincipalInfo, RoleInfo
from data_platform.verbs.results.incidents import IncidentInfo
from data_platform.verbs.results.keys import ErasedColumn
from data_platform.verbs.results.lineage import LineageGraph
from data_platform.verbs.results.operating import DomainInfo
from data_platform.verbs.results.quality import RuleStatus, SlaCompliance, TrendPoint
from data_platform.verbs.results.runs import RunInfo

_KINDS: tuple[type, ...] = (
    Budget,
    ColumnInfo,
    DimensionScore,
    DomainInfo,
    DomainReadiness,
    ErasedColumn,
    Erasure,
    Highlight,
    IncidentInfo,
    KeyState,
    LineageGraph,
    OutputEntry,
    Point,
    PrincipalInfo,
    RoleInfo,
    RuleStatus,
    RunInfo,
    SlaCompliance,
    TrendPoint,
    Trust,
    UsageStats,
    Verdict,
)
NAMES = {kind.__name__: kind for kind in _KINDS}
"""A module's own names come before these; a test fails where one is missing."""
