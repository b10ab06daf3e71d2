"""Recognizes documents of a standard that were given as product.yaml, where every field would be wrong."""

from __future__ import annotations

from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Scalar

_IMPORT = "data-platform import FILE --out FOLDER makes a product.yaml of it"
_KINDS = {
    "DataContract": (
        "a contract of ODCS",
        f"{_IMPORT}; data-platform test FILE --data … judges data by it as it is",
    ),
    "DataProduct": ("a product of ODPS", _IMPORT),
}


def refuse_standards(root: Mapping, report: Report) -> None:
    """Raises InvalidSpec, through `report`, for a document whose `kind` is one of ODCS or ODPS."""
    for key, value in root.entries:
        if key.text == "kind" and isinstance(value, Scalar) and value.text in _KINDS:
            what, hint = _KINDS[value.text]
            report.fail(key.place, f"this is {what}, and no product.yaml", hint)
