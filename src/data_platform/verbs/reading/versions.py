"""versions: the data versions of a product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from data_platform.access.view import TableView
from data_platform.quality.score import score_recorded_results, to_dimension
from data_platform.record.catalog import outputs, versions
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.record.governance import judgements
from data_platform.record.governance.judgements import AuditRow
from data_platform.record.operations import key_erasures
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.rules.model import Rule
from data_platform.verbs.core.authorization.measurements import hide_measurement
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import select_erased
from data_platform.verbs.core.lookup.resolve import map_labels, resolve_output, resolve_product
from data_platform.verbs.core.lookup.version_lookup import find_version, make_view, select_statistics
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import ColumnInfo, RuleStatus, VersionInfo, VersionQuality

_RECORDED = ("rule", "severity", "passed", "value", "operator", "threshold", "unit", "error")


@dataclass(frozen=True, slots=True)
class Versions(Request[list[VersionInfo]]):
    """The data versions of a product, or of one of its outputs (in the major that the name means), or one of them.

    With `newest` only the newest of the output.
    """

    product: str
    output: str | None = None
    version: int | None = None
    newest: bool = False


def list_versions(context: Context, request: Versions) -> list[VersionInfo]:
    """The versions, newest first; raises NotFound for an unknown product or output, or where the one asked for is not.

    Each has its schema and what its audit measured.
    """
    with context.record.reading() as conn:
        owner = resolve_product(conn, request.product)
        product = owner.name
        if request.newest or (request.version is not None and request.output is not None):
            row = find_version(conn, request.product, request.output or "", request.version)
            judged = judgements.find_by_version(conn, row.product, row.output, row.version)
            return _build_infos(context, conn, owner, [row], [judged] if judged else [])
        key = resolve_output(conn, request.product, request.output).name if request.output is not None else None
        rows = versions.list_history(conn, product, key)
        return _build_infos(context, conn, owner, rows, judgements.list_history(conn, product, key, published=True))


def _build_infos(
    context: Context, conn: Connection, owner: ProductRow, rows: Sequence[VersionRow], judged: Iterable[AuditRow]
) -> list[VersionInfo]:
    product = owner.name
    listed = outputs.list_by_product(conn, product)
    names = map_labels(listed)
    current, part = {row.name: row for row in listed}, find_visible_part(context, conn)
    audit_rows = {(audit.output, audit.version): audit for audit in judged}
    columns_by_schema: dict[StoredSchema, tuple[ColumnInfo, ...]] = {}  # read once, however many versions have it
    described = []
    for row in rows:
        columns = columns_by_schema.get(row.stored_schema)
        if columns is None:
            columns = columns_by_schema[row.stored_schema] = tuple(map(ColumnInfo.of, row.schema))
        view = make_view(row, current[row.output], context.decision)
        audit = audit_rows.get((row.output, row.version))
        info = _build_info(context, row, names[row.output], columns, view)
        quality = _build_quality(info.output, audit, view, _list_rules(owner, row, view)) if audit else None
        described.append(_hide_rules(replace(info, quality=quality), part))
    return _mark_erased(context, conn, product, rows, described)


def _hide_rules(info: VersionInfo, part: VisiblePart) -> VersionInfo:
    """The version without what hidden products expect of it."""
    if info.quality is None or not part.hidden:
        return info
    rules = tuple(rule for rule in info.quality.rules if part.shows_rule(rule.rule))
    return replace(info, quality=replace(info.quality, rules=rules))


def _mark_erased(
    context: Context, conn: Connection, product: str, rows: Sequence[VersionRow], infos: list[VersionInfo]
) -> list[VersionInfo]:
    """The versions with the erasures of their columns, which are read only if a column is encrypted."""
    if not any(column.encryption not in (None, "none") for info in infos for column in info.schema):
        return infos
    erasures = key_erasures.list_by_folder(conn, context.folder(product))
    if not erasures:
        return infos
    marked = []
    for row, info in zip(rows, infos, strict=True):
        erased = select_erased(erasures, row.output, row.version)
        columns = tuple(column.with_erasure(erased.get(column.name)) for column in info.schema)
        marked.append(replace(info, schema=columns))
    return marked


def _build_info(
    context: Context,
    row: VersionRow,
    label: str,
    columns: tuple[ColumnInfo, ...],
    view: TableView,
) -> VersionInfo:
    location = context.place(row.product, row.output).location
    sees_rows = view.condition == EVERY_ROW
    sees_all = sees_rows and not view.masks
    return VersionInfo(
        product=row.product,
        output=label,
        version=row.version,
        contract_version=row.contract_version,
        rows=row.rows if sees_rows else None,
        bytes=row.bytes if sees_all else None,
        files=row.files if sees_all else None,
        outcome=row.outcome,
        published_at=row.published_at,
        published_by=row.published_by,
        metadata_location=f"{location}/{row.metadata_location}",
        statistics=select_statistics(row, view),
        location=location,
        schema=columns,
    )


def _list_rules(owner: ProductRow, row: VersionRow, view: TableView) -> list[Rule]:
    """The rules of the output that are declared now; where nothing is masked none are needed."""
    if not view.masks:
        return []
    name = OutputName.parse(row.output).name
    return [rule for output in owner.contract.product.outputs if output.name == name for rule in output.rules]


def _build_quality(label: str, audit: AuditRow, view: TableView, rules: Sequence[Rule]) -> VersionQuality:
    score = score_recorded_results(audit.outcome, audit.results).value if audit.score is None else audit.score
    return VersionQuality(
        audit.outcome,
        score,
        tuple(hide_measurement(_build_status(label, audit, result), view, rules) for result in audit.results),
    )


def _build_status(label: str, audit: AuditRow, result: Mapping[str, Any]) -> RuleStatus:
    return RuleStatus(
        label,
        at=audit.at,
        dimension=to_dimension(result["dimension"] or ""),
        last=(),
        note=result.get("note"),
        **{name: result[name] for name in _RECORDED},
    )
