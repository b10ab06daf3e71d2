"""lineage of a version: what one data version was made from."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.access.actions import Action, Resource
from data_platform.engine.origin import Origin
from data_platform.record.lineage import lineage
from data_platform.settings import Environment
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.version_lookup import find_ticket_version
from data_platform.verbs.core.request import Request


@dataclass(frozen=True, slots=True)
class VersionInput:
    """An origin of a version, with the columns read of it; none where they are unknown."""

    origin: Origin
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineageOfVersion(Request[list[VersionInput]]):
    """What a data version was made from. `environment` is the one whose mesh has it, None for this one."""

    product: str
    output: str
    version: int
    environment: Environment | None = None


def show_version_lineage(context: Context, request: LineageOfVersion) -> list[VersionInput]:
    """The version's origins; raises NotFound, AccessDenied."""
    if request.environment is not None:
        context = context.environment(request.environment)
        authorize(context, Action.READ, Resource.of(request.product, request.output))
    with context.record.reading() as conn:
        row = find_ticket_version(conn, request.product, request.output, request.version)
        edges = lineage.list_by_version(conn, row.product, row.output, row.version)
        part = find_visible_part(context, conn)
    return [
        VersionInput(Origin(edge.kind, edge.source_name, edge.source_output or "", edge.source_version), edge.columns)
        for edge in edges
        if edge.kind == "source" or part.shows(edge.source_name)
    ]
