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
    from data_platform.verbs.results.following import ContractChange, Following
    from data_platform.verbs.results.incidents import (
        AffectedProduct,
        AffectedReader,
        IncidentDetail,
        IncidentEvent,
        IncidentInfo,
    )
    from data_platform.verbs.results.lifecycle import DepartureInfo, ProductState, Renamed, TransferInfo
    from data_platform.verbs.results.lineage import LineageGraph, LineageNode
    from data_platform.verbs.results.majors import MajorInfo, MajorReader
    from data_platform.verbs.results.operating import (
        BackedUp,
        Collected,
        DamagedFile,
        Delivered,
        DomainInfo,
        Examined,
        OutboxInfo,
        Rebuilt,
        Repaired,
        Restored,
        Ticked,
        UnreadableColumns,
    )
    from data_platform.verbs.results.policies import (
        Affected,
        Applied,
        AttestationInfo,
        ChangedPolicy,
        PolicyCheck,
        PolicyFileInfo,
        PolicyRevisionInfo,
        PolicyStatus,
        WaiverInfo,
        WhatIf,
    )
    from data_platform.verbs.results.products import ColumnInfo, DataProductMetadata, OutputMetadata, UsageStats
    from data_platform.verbs.results.publishing import (
        PublishResult,
        Registration,
        Released,
        VersionInfo,
        VersionQuality,
    )
    from data_platform.verbs.results.quality import OutputScore, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint
    from data_platform.verbs.results.readiness import DomainReadiness, Readiness

_FILES = {
    "Affected": "policies",
    "AffectedProduct": "incidents",
    "AffectedReader": "incidents",
    "Applied": "policies",
    "AttestationInfo": "policies",
    "AuditAnchor": "auditing",
    "AuditEntry": "auditing",
    "AuditVerdict": "auditing",
    "BreakInfo": "changing",
    "ChangeInfo": "changing",
    "ChangedPolicy": "policies",
    "Collected": "operating",
    "Restored": "operating",
    "Repaired": "operating",
    "Rebuilt": "operating",
    "Examined": "operating",
    "DamagedFile": "operating",
    "BackedUp": "operating",
    "ColumnInfo": "products",
    "ConsumerInfo": "changing",
    "ContractChange": "following",
    "DataProductMetadata": "products",
    "Delivered": "operating",
    "DepartureInfo": "lifecycle",
    "Difference": "changing",
    "DomainInfo": "operating",
    "DomainReadiness": "readiness",
    "Following": "following",
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
    "PolicyCheck": "policies",
    "PolicyFileInfo": "policies",
    "PolicyRevisionInfo": "policies",
    "PolicyStatus": "policies",
    "ProductHit": "finding",
    "ProductState": "lifecycle",
    "PublishResult": "publishing",
    "QualityMetrics": "quality",
    "Readiness": "readiness",
    "Registration": "publishing",
    "Released": "publishing",
    "Renamed": "lifecycle",
    "RuleStatus": "quality",
    "SearchResult": "finding",
    "SlaCompliance": "quality",
    "Ticked": "operating",
    "UnreadableColumns": "operating",
    "TransferInfo": "lifecycle",
    "TrendPoint": "quality",
    "UsageStats": "products",
    "VersionInfo": "publishing",
    "VersionQuality": "publishing",
    "WaiverInfo": "policies",
    "WhatIf": "policies",
}

__all__ = [
    "Affected",
    "AffectedProduct",
    "AffectedReader",
    "Applied",
    "AttestationInfo",
    "AuditAnchor",
    "AuditEntry",
    "AuditVerdict",
    "BackedUp",
    "BreakInfo",
    "ChangeInfo",
    "ChangedPolicy",
    "Collected",
    "ColumnInfo",
    "ConsumerInfo",
    "ContractChange",
    "DamagedFile",
    "DataProductMetadata",
    "Delivered",
    "DepartureInfo",
    "Difference",
    "DomainInfo",
    "DomainReadiness",
    "Examined",
    "Following",
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
    "PolicyCheck",
    "PolicyFileInfo",
    "PolicyRevisionInfo",
    "PolicyStatus",
    "ProductHit",
    "ProductState",
    "PublishResult",
    "QualityMetrics",
    "Readiness",
    "Rebuilt",
    "Registration",
    "Released",
    "Renamed",
    "Repaired",
    "Restored",
    "RuleStatus",
    "SearchResult",
    "SlaCompliance",
    "Ticked",
    "TransferInfo",
    "TrendPoint",
    "UnreadableColumns",
    "UsageStats",
    "VersionInfo",
    "VersionQuality",
    "WaiverInfo",
    "WhatIf",
]


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"there is no result {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
