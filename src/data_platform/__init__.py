"""data-platform: publish, govern, discover and consume data products.

Everything public is here, `data_platform.functions` (the DataFrame's functions) and `data_platform.quality` (the
expectations) apart. A name is loaded when it is first used (PEP 562), so that `import data_platform` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.catalog import DataCatalog, SearchQuery
    from data_platform.engine.frame import DataFrame
    from data_platform.errors import (
        AccessDenied,
        AnswerLost,
        BadInput,
        ContractMoved,
        DataPlatformError,
        FrameError,
        IncompatibleChange,
        InvalidSpec,
        KeyInUse,
        KeyReused,
        LimitExceeded,
        MissingExtra,
        NoRows,
        NotAuthenticated,
        NotFound,
        OwnershipConflict,
        PolicyViolation,
        QueryFailed,
        RecordFailed,
        RecordTooNew,
        Refused,
        RunConflict,
        SchemaMismatch,
        ServerFailed,
        SourceFailed,
        StorageFailed,
        TooLarge,
        Unavailable,
        UnreadableData,
    )
    from data_platform.platform import Platform
    from data_platform.product import DataProduct
    from data_platform.quality.verdict import DataQualityError
    from data_platform.quality_checker import QualityChecker
    from data_platform.settings.read_options import ReadOptions
    from data_platform.verbs.results import (
        DataProductMetadata,
        LineageGraph,
        OutputMetadata,
        PublishResult,
        QualityMetrics,
        UsageStats,
        VersionInfo,
    )

    __version__: str

__all__ = [
    "AccessDenied",
    "AnswerLost",
    "BadInput",
    "ContractMoved",
    "DataCatalog",
    "DataFrame",
    "DataPlatformError",
    "DataProduct",
    "DataProductMetadata",
    "DataQualityError",
    "FrameError",
    "IncompatibleChange",
    "InvalidSpec",
    "KeyInUse",
    "KeyReused",
    "LimitExceeded",
    "LineageGraph",
    "MissingExtra",
    "NoRows",
    "NotAuthenticated",
    "NotFound",
    "OutputMetadata",
    "OwnershipConflict",
    "Platform",
    "PolicyViolation",
    "PublishResult",
    "QualityChecker",
    "QualityMetrics",
    "QueryFailed",
    "ReadOptions",
    "RecordFailed",
    "RecordTooNew",
    "Refused",
    "RunConflict",
    "SchemaMismatch",
    "SearchQuery",
    "ServerFailed",
    "SourceFailed",
    "StorageFailed",
    "TooLarge",
    "Unavailable",
    "UnreadableData",
    "UsageStats",
    "VersionInfo",
    "__version__",
]

_HOMES = {
    "DataCatalog": "data_platform.catalog",
    "DataFrame": "data_platform.engine.frame",
    "DataProduct": "data_platform.product",
    "DataProductMetadata": "data_platform.verbs.results",
    "DataQualityError": "data_platform.quality.verdict",
    "LineageGraph": "data_platform.verbs.results",
    "OutputMetadata": "data_platform.verbs.results",
    "Platform": "data_platform.platform",
    "PublishResult": "data_platform.verbs.results",
    "QualityChecker": "data_platform.quality_checker",
    "QualityMetrics": "data_platform.verbs.results",
    "ReadOptions": "data_platform.settings.read_options",
    "SearchQuery": "data_platform.catalog",
    "UsageStats": "data_platform.verbs.results",
    "VersionInfo": "data_platform.verbs.results",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'data_platform' has no attribute {name!r}")
    if name == "__version__":
        value: Any = import_module("data_platform.installing").VERSION
    else:
        value = getattr(import_module(_HOMES.get(name, "data_platform.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
