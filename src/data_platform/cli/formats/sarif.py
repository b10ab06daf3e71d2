"""Violations as SARIF 2.1.0 (OASIS), which GitHub and GitLab show at the line of the pull request.

A rule of the run is a policy, a result a violation; one that is waived is suppressed (3.27.23): it stops nothing,
and is still seen. A result stands at the line that declares its output; one of the product at that of the field that it
is about, or of the product's name.
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


def sarif(found: Sequence[PolicyCheck], files: Sequence[ProductFile]) -> dict[str, Any]:
    """The log of one run; `files` are what was checked, in the same order."""
    names = sorted({violation.policy for check in found for violation in check.violations})
    results = []
    for check, file in zip(found, files, strict=True):
        lines = _Lines.of(file)
        results += [_result(check.file, violation, names, lines) for violation in check.violations]
    driver = {
        "name": "data-platform",
        "version": VERSION,
        "rules": [{"id": name, "shortDescription": {"text": f"policy {name}"}} for name in names],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(file: str, found: Violation, names: Sequence[str], lines: _Lines) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": lines.about(found)}}
    told: dict[str, Any] = {
        "ruleId": found.policy,
        "ruleIndex": names.index(found.policy),
        "level": _LEVELS[found.enforcement],
        "message": {"text": clean(f"{found.subject}: {found.reason}")},
        "locations": [{"physicalLocation": place}],
    }
    if found.waived_until is not None:
        until = f"waived until {found.waived_until:%Y-%m-%d}"
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": until}]
    return told


def _uri(file: str) -> str:
    """A relative file as a code host knows it, an absolute one as a file's URI."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where a product.yaml has its fields and its outputs' names; nowhere where its text was not kept."""

    product: str
    fields: dict[str, int]
    outputs: dict[str, int]

    @classmethod
    def of(cls, file: ProductFile) -> _Lines:
        try:
            root = parse_yaml(file.text, Report(str(file.path)), needs="")
        except InvalidSpec:
            return cls(file.product.name, {}, {})
        outputs = _value(root, "outputs")
        items = outputs.items if isinstance(outputs, Items) else ()
        names = (_value(item, "name") for item in items)
        fields = {key.text: key.place.line for key, _ in root.entries} if isinstance(root, Mapping) else {}
        return cls(file.product.name, fields, {n.text: n.place.line for n in names if isinstance(n, Scalar)})

    def about(self, found: Violation) -> int:
        """The line to show the violation at; an output may be called as its product is."""
        field = _OF_PRODUCT.match(found.reason)
        if found.subject == self.product and (field or self.product not in self.outputs):
            return self.fields.get(field[1] if field else "name", self.fields.get("name", 1))
        return self.outputs.get(found.subject.partition(".")[0], 1)


_OF_PRODUCT = re.compile(r"product\.([a-z_]+)")


def _value(node: Node | None, key: str) -> Node | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for known, value in entries if known.text == key), None)
