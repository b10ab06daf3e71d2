"""versions: the data versions of a product."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.record import outputs, versions
from data_platform.record.versions import VersionRow
from data_platform.verbs.lookup import labels, product_row, resolve_output
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.reading import find_version
from data_platform.verbs.request import Request
from data_platform.verbs.results import VersionInfo


@dataclass(frozen=True, slots=True)
class Versions(Request[list[VersionInfo]]):
    """The data versions of a product, or of one of its outputs (in the major that the name means), or one of them."""

    product: str
    output: str | None = None
    version: int | None = None


def list_versions(mesh: Mesh, request: Versions) -> list[VersionInfo]:
    """The versions, newest first; raises NotFound for an unknown product or output."""
    permit(mesh, "read", request.product)
    with mesh.record.reading() as conn:
        product_row(conn, request.product)
        if request.version is not None and request.output is not None:
            row = find_version(conn, request.product, request.output, request.version)
            return [_version(mesh, row, labels(outputs.of_product(conn, row.product))[row.output])]
        key = resolve_output(conn, request.product, request.output).name if request.output is not None else None
        told = labels(outputs.of_product(conn, request.product))
        return [_version(mesh, row, told[row.output]) for row in versions.history(conn, request.product, key)]


def _version(mesh: Mesh, row: VersionRow, label: str) -> VersionInfo:
    return VersionInfo(
        product=row.product,
        output=label,
        version=row.version,
        contract_version=row.contract_version,
        rows=row.rows,
        bytes=row.bytes,
        files=row.files,
        outcome=row.outcome,
        published_at=row.published_at,
        published_by=row.published_by,
        metadata_location=str(mesh.place(row.product, row.output).location / row.metadata_location),
        statistics=row.statistics,
    )
