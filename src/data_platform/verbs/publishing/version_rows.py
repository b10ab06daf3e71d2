"""What the record and the table's own metadata keep of a published version."""

from __future__ import annotations

import json

from data_platform.engine.digests import read_stamp
from data_platform.quality.verdict import Outcome
from data_platform.record.catalog.data_files import DataFileRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.spec.schema.json_form import serialize_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.iceberg.commit import PointerSwap
from data_platform.tables.staging.stage import StagedFile
from data_platform.tables.staging.statistics import ColumnStatistics, build_column_statistics, merge_column_statistics
from data_platform.tables.storage.locations import find_path
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.publishing.candidate import Candidate


def collect_facts(context: Context, target: Target) -> dict[str, str]:
    """Facts for the table's own properties, from which a lost record is rebuilt."""
    return {
        "owner": target.product.owner,
        "domain": target.product.domain,
        "major": str(target.product.major(target.output)),
        "product_version": target.product.version or "",
        "output_version": target.output.version or "",
        "contract_version": target.product.output_version(target.output),
        "publisher": context.principal.name,
        "schema": json.dumps(serialize_schema(target.contract)),
    }


def build_version_row(
    context: Context,
    target: Target,
    candidate: Candidate,
    swap: PointerSwap,
    statistics: ColumnStatistics,
    outcome: Outcome,
) -> VersionRow:
    """The version that the swap makes of a candidate; its content begins anew where no file of the base stays."""
    base = candidate.base.version if candidate.base and candidate.kept else None
    return VersionRow(
        product=target.product.name,
        output=target.name,
        version=swap.version,
        contract_version=target.product.output_version(target.output),
        contract_revision=target.revision,
        stage_id=candidate.staged.stage_id,
        snapshot_id=swap.snapshot_id,
        metadata_location=swap.new,
        manifest_list=swap.manifest_list,
        rows=candidate.rows,
        bytes=candidate.bytes,
        files=candidate.files,
        stored_schema=_get_stored_schema(target),
        statistics=statistics,
        outcome=outcome.value,
        published_at=context.clock(),
        published_by=context.principal.name,
        content_since=base.content_since if base else swap.version,
    )


def _get_stored_schema(target: Target) -> StoredSchema:
    """The schema of the version: the output's own, but where its data is more personal than that says."""
    written = None if target.inherited else target.row.stored_schema
    return written or StoredSchema.of(target.contract)


def build_file_row(context: Context, version: VersionRow, file: StagedFile) -> DataFileRow:
    """What is recorded of a file that the stage of `version` wrote."""
    return DataFileRow(
        path=file.key,
        stage_id=version.stage_id,
        product=version.product,
        output=version.output,
        added=version.version,
        rows=file.rows,
        bytes=file.bytes,
        digest=file.digest,
        statistics=build_column_statistics(version.schema, file.leaves, file.nulls),
        checked_at=context.clock(),
        stamp=read_stamp(find_path(context.storage, file.key)),
    )


def merge_statistics(schema: TableSchema, candidate: Candidate) -> ColumnStatistics:
    """The statistics of the whole content; distinct values are counted only where all of it was staged."""
    staged = candidate.staged
    files = [(file.rows, build_column_statistics(schema, file.leaves, file.nulls)) for file in staged.files]
    files += [(file.rows, file.statistics) for file in candidate.kept]
    return merge_column_statistics(schema, files, {} if candidate.kept else staged.distinct)
