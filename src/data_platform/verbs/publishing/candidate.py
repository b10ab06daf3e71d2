"""What a publish would make the next version: the rows that were staged, and files that stay of the version before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from data_platform.engine.digests import PublishedFile
from data_platform.engine.source import ParquetSource
from data_platform.errors import BadInput
from data_platform.keys.current import CurrentKeys
from data_platform.record.catalog import versions
from data_platform.record.catalog.data_files import DataFileRow, map_by_version
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.iceberg.kept_files import has_partitioning, list_untouched
from data_platform.tables.place import get_name
from data_platform.tables.staging.stage import Staged
from data_platform.tables.storage.locations import find_path
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import PublishSeal
from data_platform.verbs.core.encryption.erasures import map_erasures
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.publishing.rule_runner import open_staged


@dataclass(frozen=True, slots=True)
class Base:
    """The version that a publish builds on, and its files."""

    version: VersionRow
    files: Sequence[DataFileRow]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The content of the next version: the staged files, and those of `base` that stay.

    Without a `base` everything is staged. Unless the `mode` is overwrite, nothing may be published in between.
    """

    staged: Staged
    mode: PublishMode = PublishMode.OVERWRITE
    base: Base | None = None
    kept: Sequence[DataFileRow] = ()

    @property
    def rows(self) -> int:
        """Rows over all files."""
        return self.staged.rows + sum(file.rows for file in self.kept)

    @property
    def bytes(self) -> int:
        """Bytes over all files."""
        return self.staged.bytes + sum(file.bytes for file in self.kept)

    @property
    def files(self) -> int:
        """The number of files."""
        return len(self.staged.files) + len(self.kept)

    @property
    def kept_names(self) -> frozenset[str]:
        """The names of the files that stay, as Iceberg metadata is compared with them."""
        return frozenset(get_name(file.path) for file in self.kept)

    @property
    def removed(self) -> tuple[str, ...]:
        """The paths of the files of `base` that do not stay."""
        names = self.kept_names
        return tuple(file.path for file in self.base.files if get_name(file.path) not in names) if self.base else ()


def find_base(context: Context, target: Target, mode: PublishMode) -> Base | None:
    """The newest version, of which a publish in `mode` keeps files; None where it keeps none.

    Raises BadInput where they cannot be kept: the next version has other columns, partitions or keys.
    """
    if mode is PublishMode.OVERWRITE:
        return None
    product, output, partition_by = target.product.name, target.name, target.output.partition_by
    if mode is PublishMode.OVERWRITE_PARTITIONS and not partition_by:
        hint = "declare partition_by in product.yaml, or publish with another mode"
        raise BadInput(f"{target.subject} has no partitions to overwrite", hint=hint)
    with context.record.reading() as conn:
        newest = versions.find_latest(conn, product, output)
        if newest is None:
            return None
        files = map_by_version(conn, [newest.stage_id]).get(newest.stage_id, ())
        erased = map_erasures(conn, context.folder(product), output, newest.version)
    place = context.place(product, output)
    if not files:
        reason = "was published by an older release"
    elif target.schema is not None and not _has_files_of(target.contract, newest.schema):
        reason = "has other columns than the contract"
    elif erased:
        reason = f"has an erased column: {', '.join(sorted(erased))}"
    elif not has_partitioning(place, newest.metadata_location, target.ids, partition_by):
        reason = "is partitioned in another way"
    else:
        return Base(newest, files)
    raise BadInput(
        f"version {newest.version} of {target.subject} {reason}: its files cannot be kept",
        hint="publish the whole table once, with the mode overwrite",
    )


def _has_files_of(schema: TableSchema, other: TableSchema) -> bool:
    """Whether files of both schemas are the same but for their rows; descriptions and constraints are in no file."""
    sealed, other_sealed = ([column.name for column in one if column.encrypted] for one in (schema, other))
    is_alike = (schema.masked, sealed) == (other.masked, other_sealed)
    return is_alike and bool(to_arrow(schema).equals(to_arrow(other)))


def assemble(context: Context, target: Target, staged: Staged, mode: PublishMode) -> Candidate:
    """The candidate on top of the newest version. Raises BadInput where that one's files cannot be kept."""
    base = find_base(context, target, mode)
    if base is None:
        return Candidate(staged, mode)
    if mode is PublishMode.APPEND:
        return Candidate(staged, mode, base, base.files)
    untouched = list_untouched(
        staged.place,
        base.version.manifest_list,
        staged.files,
        target.contract,
        target.ids,
        target.output.partition_by,
    )
    kept = tuple(file for file in base.files if get_name(file.path) in untouched)
    return Candidate(staged, mode, base, kept)


def open_candidate(context: Context, schema: TableSchema, candidate: Candidate, sealed: PublishSeal) -> ParquetSource:
    """The whole content of the next version, as something that rules may read."""
    source = open_staged(schema, candidate.staged, sealed.seal.keys if sealed.seal else {})
    if not candidate.kept:
        return source
    keys = CurrentKeys(context.keyring, sealed.key_ids) if sealed.seal else {}  # also those before a rotation
    kept = [PublishedFile(find_path(context.storage, file.path), file.bytes, file.digest) for file in candidate.kept]
    paths = (*source.files, *(file.path for file in kept))
    return replace(source, files=paths, rows=candidate.rows, digests=tuple(kept), keys=keys)
