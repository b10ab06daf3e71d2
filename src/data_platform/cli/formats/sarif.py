"""Formats violations as SARIF 2.1.0 (OASIS), which GitHub and GitLab show at the lines of a pull request.

A rule of the run is a policy, and a result is a violation. A waived violation is suppressed (3.27.23): it does not
block, but is still visible. A result is located at the line that declares its output; a result about the product at
the line of the field concerned, or of the product's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from data_platform.cli.console.text import clean
from data_platform.errors import InvalidSpec, Violation
from data_platform.installing import VERSION
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, parse_yaml
from data_platform.spec.text.yaml.tree import Sequence as Items
from data_platform.verbs.results import PolicyCheck

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"blocking": "error", "warning": "warning"}


def build_sarif(checks: Sequence[PolicyCheck], files: Sequence[ProductFile]) -> dict[str, Any]:
    """Returns the log of one run; `files` are the checked files, in the same order."""
    names = sorted({violation.policy for check in checks for violation in check.violations})
    results = []
    for check, file in zip(checks, files, strict=True):
        lines = _Lines.parse(file)
        results += [_build_result(check.file, violation, names, lines) for violation in check.violations]
    driver = {
        "name": "data-platform",
        "version": VERSION,
        "rules": [{"id": name, "shortDescription": {"text": f"policy {name}"}} for name in names],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _build_result(file: str, violation: Violation, names: Sequence[str], lines: _Lines) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _format_uri(file)}, "region": {"startLine": lines.find_line(violation)}}
    result: dict[str, Any] = {
        "ruleId": violation.policy,
        "ruleIndex": names.index(violation.policy),
        "level": _LEVELS[violation.enforcement],
        "message": {"text": clean(f"{violation.subject}: {violation.reason}")},
        "locations": [{"physicalLocation": place}],
    }
    if violation.waived_until is not None:
        until = f"waived until {violation.waived_until:%Y-%m-%d}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": until}]
    return result


def _format_uri(file: str) -> str:
    """Returns a relative path for a relative file, and a file URI for an absolute one."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of the fields and output names of a product.yaml; empty if its text was not kept."""

    product: str
    fields: dict[str, int]
    outputs: dict[str, int]

    @classmethod
    def parse(cls, file: ProductFile) -> _Lines:
        try:
            root = parse_yaml(file.text, Report(str(file.path)), needs="")
        except InvalidSpec:
            return cls(file.product.name, {}, {})
        outputs = _find_value(root, "outputs")
        items = outputs.items if isinstance(outputs, Items) else ()
        names = (_find_value(item, "name") for item in items)
        fields = {key.text: key.place.line for key, _ in root.entries} if isinstance(root, Mapping) else {}
        return cls(file.product.name, fields, {n.text: n.place.line for n in names if isinstance(n, Scalar)})

    def find_line(self, violation: Violation) -> int:
        """Returns the line of the violation; an output may have the same name as its product."""
        field = _OF_PRODUCT.match(violation.reason)
        if violation.subject == self.product and (field or self.product not in self.outputs):
            return self.fields.get(field[1] if field else "name", self.fields.get("name", 1))
        return self.outputs.get(violation.subject.partition(".")[0], 1)


_OF_PRODUCT = re.compile(r"product\.([a-z_]+)")


def _find_value(node: Node | None, key: str) -> Node | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for field, value in entries if field.text == key), None)
