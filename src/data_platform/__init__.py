"""data-platform: publish, govern, discover and consume data products.

Everything public is here, `data_platform.functions` (the DataFrame's functions) and `data_platform.quality` (the
expectations) apart. A name is loaded when it is first used (PEP 562), so that `import data_platform` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame
    from data_platform.errors import (
        AccessDenied,
        BadInput,
        ContractMoved,
        DataPlatformError,
        FrameError,
        IncompatibleChange,
        InvalidSpec,
        MissingExtra,
        NoRows,
        NotFound,
        OwnershipConflict,
        PolicyViolation,
        QueryFailed,
        RecordFailed,
        RecordTooNew,
        Refused,
        SchemaMismatch,
        SourceFailed,
        StorageFailed,
        Unavailable,
        UnreadableData,
    )
    from data_platform.platform import Platform
    from data_platform.product import DataProduct
    from data_platform.quality.verdict import DataQualityError
    from data_platform.settings.read_options import ReadOptions
    from data_platform.verbs.results import PublishResult

    __version__: str

__all__ = [
    "AccessDenied",
    "BadInput",
    "ContractMoved",
    "DataFrame",
    "DataPlatformError",
    "DataProduct",
    "DataQualityError",
    "FrameError",
    "IncompatibleChange",
    "InvalidSpec",
    "MissingExtra",
    "NoRows",
    "NotFound",
    "OwnershipConflict",
    "Platform",
    "PolicyViolation",
    "PublishResult",
    "QueryFailed",
    "ReadOptions",
    "RecordFailed",
    "RecordTooNew",
    "Refused",
    "SchemaMismatch",
    "SourceFailed",
    "StorageFailed",
    "Unavailable",
    "UnreadableData",
    "__version__",
]

_HOMES = {
    "DataFrame": "data_platform.engine.frame",
    "DataProduct": "data_platform.product",
    "DataQualityError": "data_platform.quality.verdict",
    "Platform": "data_platform.platform",
    "PublishResult": "data_platform.verbs.results",
    "ReadOptions": "data_platform.settings.read_options",
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
