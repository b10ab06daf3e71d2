"""`access` in the standards: our custom property carries it in product.yaml's words.

ODCS 3.2.0 has a place for the names of roles (`roles`) and for nothing else of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.spec.access.model import AccessSpec
from data_platform.spec.product.yaml.access import read_access
from data_platform.spec.product.yaml.declaration import Claims
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.vocabulary import OUTPUT
from data_platform.spec.standards.yaml_out import write_yaml
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.tree import parse_yaml

CUSTOM_ACCESS = "access"

Json = dict[str, Any]


def read_custom_access(ours: Mapping[str, Any]) -> AccessSpec:
    """What our custom property says; what does not read so is nothing here."""
    written = ours.get(CUSTOM_ACCESS)
    if not isinstance(written, Mapping):
        return AccessSpec()
    report = Report(CUSTOM_ACCESS)
    node = parse_yaml(write_yaml({CUSTOM_ACCESS: dict(written)}), report)
    if not isinstance(node, tree.Mapping):
        return AccessSpec()
    access = read_access(Fields(report, node, OUTPUT, "the port"), Claims())
    return AccessSpec() if report.problems else access


def write_roles(access: AccessSpec) -> list[Json]:
    """ODCS's `roles`: those that may read, with who decides about requests."""
    approvers = {"firstLevelApprovers": ", ".join(access.approvers)} if access.approvers else {}
    opening = [entry for entry in access.readers or () if not entry.deny]
    roles = dict.fromkeys(role for entry in opening for role in entry.who.roles)
    return [{"role": role, "access": "read", **approvers} for role in roles]
