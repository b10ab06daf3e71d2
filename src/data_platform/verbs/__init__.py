"""The verbs: a typed request and the story that answers it, in one file each.

`verbs.versions.Versions(…)` loads its verb when it is first named (PEP 562), so that listing versions never waits for
the engine that a consume needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.verbs import (
        attestations,
        audit_log,
        backup,
        check,
        checklist,
        collect,
        column_lineage,
        consume,
        diff,
        domains,
        examine,
        impact,
        incidents,
        lifecycle,
        lineage,
        majors,
        offboarding,
        openlineage,
        outbox,
        policies,
        policy_checks,
        publish,
        quality,
        rebuild,
        register,
        release,
        rename,
        repair,
        restore,
        search,
        show,
        sql,
        subscriptions,
        tick,
        transfers,
        versions,
        waivers,
    )

__all__ = [
    "attestations",
    "audit_log",
    "backup",
    "check",
    "checklist",
    "collect",
    "column_lineage",
    "consume",
    "diff",
    "domains",
    "examine",
    "impact",
    "incidents",
    "lifecycle",
    "lineage",
    "majors",
    "offboarding",
    "openlineage",
    "outbox",
    "policies",
    "policy_checks",
    "publish",
    "quality",
    "rebuild",
    "register",
    "release",
    "rename",
    "repair",
    "restore",
    "search",
    "show",
    "sql",
    "subscriptions",
    "tick",
    "transfers",
    "versions",
    "waivers",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"there is no verb {name!r}")
    return import_module(f"{__name__}.{name}")
