"""What verbs answer, in the mission text's shapes. Times are aware and in UTC; sizes are bytes.

A result loads its own file when it is first named (PEP 562), and never the rooms whose answers it carries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.verbs.results.auditing import AuditAnchor, AuditEntry, AuditVerdict
    from data_platform.verbs.results.changing import BreakInfo, ChangeInfo, ConsumerInfo, Difference
    from data_platform.verbs.results.finding import ProductHit, SearchResult
    from data_platform.verbs.results.incidents import (
        AffectedProduct,
        AffectedReader,
        IncidentDetail,
        IncidentEvent,
        IncidentInfo,
    )
    from data_platform.verbs.results.lineage import LineageGraph, LineageNode
    from data_platform.verbs.results.majors import MajorInfo, MajorReader
    from data_platform.verbs.results.operating import Collected, Delivered, DomainInfo, OutboxInfo, Ticked
    from data_platform.verbs.results.policies import (
        Affected,
        Applied,
        AttestationInfo,
        PolicyCheck,
        PolicyFileInfo,
        PolicyRevisionInfo,
        PolicyStatus,
        WaiverInfo,
        WhatIf,
    )
    from data_platform.verbs.results.products import ColumnInfo, DataProductMetadata, OutputMetadata, UsageStats
    from data_platform.verbs.results.publishing import PublishResult, Registration, Released, VersionInfo
    from data_platform.verbs.results.quality import OutputScore, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint

_FILES = {
    "Affected": "policies",
    "AffectedReader": "incidents",
    "AffectedProduct": "incidents",
    "AuditAnchor": "auditing",
    "Applied": "policies",
    "AttestationInfo": "policies",
    "AuditEntry": "auditing",
    "AuditVerdict": "auditing",
    "BreakInfo": "changing",
    "ChangeInfo": "changing",
    "Collected": "operating",
    "ColumnInfo": "products",
    "ConsumerInfo": "changing",
    "DataProductMetadata": "products",
    "Delivered": "operating",
    "Difference": "changing",
    "DomainInfo": "operating",
    "IncidentDetail": "incidents",
    "IncidentEvent": "incidents",
    "IncidentInfo": "incidents",
    "LineageGraph": "lineage",
    "LineageNode": "lineage",
    "MajorInfo": "majors",
    "MajorReader": "majors",
    "OutboxInfo": "operating",
    "OutputMetadata": "products",
    "OutputScore": "quality",
    "ProductHit": "finding",
    "PublishResult": "publishing",
    "PolicyCheck": "policies",
    "PolicyFileInfo": "policies",
    "PolicyRevisionInfo": "policies",
    "PolicyStatus": "policies",
    "QualityMetrics": "quality",
    "Registration": "publishing",
    "Released": "publishing",
    "RuleStatus": "quality",
    "SearchResult": "finding",
    "SlaCompliance": "quality",
    "Ticked": "operating",
    "TrendPoint": "quality",
    "UsageStats": "products",
    "VersionInfo": "publishing",
}

__all__ = [
    "WaiverInfo": "policies",
    "WhatIf": "policies",
    "Affected",
    "AffectedProduct",
    "AffectedReader",
    "AuditAnchor",
    "AuditEntry",
    "AuditVerdict",
    "Applied",
    "AttestationInfo",
    "BreakInfo",
    "ChangeInfo",
    "Collected",
    "ColumnInfo",
    "ConsumerInfo",
    "DataProductMetadata",
    "Delivered",
    "Difference",
    "DomainInfo",
    "IncidentDetail",
    "IncidentEvent",
    "IncidentInfo",
    "LineageGraph",
    "LineageNode",
    "MajorInfo",
    "MajorReader",
    "OutboxInfo",
    "OutputMetadata",
    "OutputScore",
    "ProductHit",
    "PublishResult",
    "QualityMetrics",
    "Registration",
    "PolicyCheck",
    "PolicyFileInfo",
    "PolicyRevisionInfo",
    "PolicyStatus",
    "Released",
    "RuleStatus",
    "SearchResult",
    "SlaCompliance",
    "Ticked",
    "TrendPoint",
    "UsageStats",
    "VersionInfo",
]


def __getattr__(name: str) -> Any:
    if name not in _FILES:
    "WaiverInfo",
    "WhatIf",
        raise AttributeError(f"there is no result {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
