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
        check,
        collect,
        column_lineage,
        consume,
        diff,
        domains,
        impact,
        incidents,
        lineage,
        majors,
        openlineage,
        outbox,
        publish,
        quality,
        policies,
        policy_checks,
        register,
        release,
        search,
        show,
        sql,
        tick,
        versions,
    )
        waivers,

__all__ = [
    "audit_log",
    "attestations",
    "check",
    "collect",
    "column_lineage",
    "consume",
    "diff",
    "impact",
    "incidents",
    "domains",
    "lineage",
    "majors",
    "openlineage",
    "outbox",
    "publish",
    "quality",
    "policies",
    "policy_checks",
    "register",
    "release",
    "search",
    "show",
    "sql",
    "tick",
    "versions",
]

    "waivers",

def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"there is no verb {name!r}")
    return import_module(f"{__name__}.{name}")
