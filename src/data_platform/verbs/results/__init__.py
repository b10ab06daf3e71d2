"""What verbs answer, in the mission text's shapes. Times are aware and in UTC; sizes are bytes.

A result loads its own file when it is first named (PEP 562), and never the rooms whose answers it carries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.verbs.results.audit_log import AuditAnchor, AuditEntry, AuditVerdict
    from data_platform.verbs.results.catalog import ColumnInfo, DataProductMetadata, OutputMetadata, UsageStats
    from data_platform.verbs.results.checklist import DomainReadiness, Readiness
    from data_platform.verbs.results.contract_diff import BreakInfo, ChangeInfo, ConsumerInfo, Difference
    from data_platform.verbs.results.identity import NewToken, TokenInfo
    from data_platform.verbs.results.incidents import (
        AffectedProduct,
        AffectedReader,
        IncidentDetail,
        IncidentEvent,
        IncidentInfo,
    )
    from data_platform.verbs.results.keys import ErasedColumn, ErasedKeys, KeyInfo, RotatedKeys
    from data_platform.verbs.results.lifecycle import DepartureInfo, ProductState, Renamed, TransferInfo
    from data_platform.verbs.results.lineage import LineageGraph, LineageNode
    from data_platform.verbs.results.majors import MajorInfo, MajorReader
    from data_platform.verbs.results.operating import (
        BackedUp,
        Collected,
        DamagedFile,
        Delivered,
        DomainInfo,
        DomainUsage,
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
    from data_platform.verbs.results.publishing import (
        PublishResult,
        Registration,
        Released,
        VersionInfo,
        VersionQuality,
    )
    from data_platform.verbs.results.quality import OutputScore, QualityMetrics, RuleStatus, SlaCompliance, TrendPoint
    from data_platform.verbs.results.runs import RunDetail, RunInfo
    from data_platform.verbs.results.search import ProductHit, SearchResult
    from data_platform.verbs.results.subscriptions import ContractChange, Following

_FILES = {
    "Affected": "policies",
    "AffectedProduct": "incidents",
    "AffectedReader": "incidents",
    "Applied": "policies",
    "AttestationInfo": "policies",
    "AuditAnchor": "audit_log",
    "AuditEntry": "audit_log",
    "AuditVerdict": "audit_log",
    "BreakInfo": "contract_diff",
    "ChangeInfo": "contract_diff",
    "ChangedPolicy": "policies",
    "Collected": "operating",
    "Restored": "operating",
    "Repaired": "operating",
    "Rebuilt": "operating",
    "Examined": "operating",
    "DamagedFile": "operating",
    "BackedUp": "operating",
    "ColumnInfo": "catalog",
    "ConsumerInfo": "contract_diff",
    "ContractChange": "subscriptions",
    "DataProductMetadata": "catalog",
    "Delivered": "operating",
    "DepartureInfo": "lifecycle",
    "Difference": "contract_diff",
    "DomainInfo": "operating",
    "DomainUsage": "operating",
    "DomainReadiness": "checklist",
    "ErasedColumn": "keys",
    "ErasedKeys": "keys",
    "Following": "subscriptions",
    "IncidentDetail": "incidents",
    "IncidentEvent": "incidents",
    "IncidentInfo": "incidents",
    "KeyInfo": "keys",
    "LineageGraph": "lineage",
    "LineageNode": "lineage",
    "MajorInfo": "majors",
    "MajorReader": "majors",
    "NewToken": "identity",
    "OutboxInfo": "operating",
    "OutputMetadata": "catalog",
    "OutputScore": "quality",
    "PolicyCheck": "policies",
    "PolicyFileInfo": "policies",
    "PolicyRevisionInfo": "policies",
    "PolicyStatus": "policies",
    "ProductHit": "search",
    "ProductState": "lifecycle",
    "PublishResult": "publishing",
    "QualityMetrics": "quality",
    "Readiness": "checklist",
    "Registration": "publishing",
    "Released": "publishing",
    "Renamed": "lifecycle",
    "RotatedKeys": "keys",
    "RuleStatus": "quality",
    "RunDetail": "runs",
    "RunInfo": "runs",
    "SearchResult": "search",
    "SlaCompliance": "quality",
    "Ticked": "operating",
    "TokenInfo": "identity",
    "UnreadableColumns": "operating",
    "TransferInfo": "lifecycle",
    "TrendPoint": "quality",
    "UsageStats": "catalog",
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
    "DomainUsage",
    "ErasedColumn",
    "ErasedKeys",
    "Examined",
    "Following",
    "IncidentDetail",
    "IncidentEvent",
    "IncidentInfo",
    "KeyInfo",
    "LineageGraph",
    "LineageNode",
    "MajorInfo",
    "MajorReader",
    "NewToken",
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
    "RotatedKeys",
    "RuleStatus",
    "RunDetail",
    "RunInfo",
    "SearchResult",
    "SlaCompliance",
    "Ticked",
    "TokenInfo",
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
