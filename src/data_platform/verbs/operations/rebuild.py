"""doctor --rebuild: a record made from the tables' own metadata, where the record is lost."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection

from data_platform.errors import BadInput, RecordFailed
from data_platform.keys.opening import open_keyring
from data_platform.record.catalog import outputs, products, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db import mesh_id
from data_platform.record.db.stored_json import StoredSchema
from data_platform.record.operations import unrestored_files
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.store import Record
from data_platform.settings import Home, load_settings, resolve_identity
from data_platform.settings.disk import sync
from data_platform.settings.mesh_id import read_mesh_id, write_mesh_id
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, OutputType, Product, ProductStatus
from data_platform.spec.product.semver import SEMVER, SemVer
from data_platform.tables.iceberg.history import RecoveredVersion, TableHistory, read_histories
from data_platform.tables.orphans import find_commit, find_data_orphans, find_metadata_orphans, list_files
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.opening import open_storage
from data_platform.tables.storage.port import Storage
from data_platform.verbs.contracts.register import describe_revision, ensure_domain
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.record_opening import record_url
from data_platform.verbs.events.outcomes import MESH, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import Rebuilt

LOST_FOR_GOOD = (
    "judgements, scores and statistics of versions",
    "lineage, incidents, reads, subscriptions, waivers and attestations",
    "rules, promises, inputs and streams of contracts: register each product.yaml again",
    "principals, roles, tokens, requests for access and grants: make them again",
    "policies: apply the file again",
    "terms of the glossary: define them again",
    "the audit log before now, and the former names of products",
)
UNKNOWN_DOMAIN = "restored"
UNKNOWN_MAJOR = 1


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's history, and the output of a product that it is.

    `major` is None where a table of an older release does not state it: the next product.yaml does.
    """

    history: TableHistory
    base: str
    major: int | None

    @classmethod
    def of(cls, history: TableHistory) -> _Table:
        base, _, major = history.output.partition("@")
        if major.isdigit():
            return cls(history, base, int(major))
        stated = _read_stated_version(history.versions[-1])
        return cls(history, base, SemVer.parse(stated).major if stated else None)

    @property
    def newest(self) -> RecoveredVersion:
        return self.history.versions[-1]

    @property
    def assumed_major(self) -> int:
        return UNKNOWN_MAJOR if self.major is None else self.major

    @property
    def contract_version(self) -> str:
        return _read_stated_version(self.newest) or f"{self.assumed_major}.0.0"


def _read_stated_version(version: RecoveredVersion) -> str | None:
    """The contract version that the table's properties state; older releases did not write it."""
    text = version.facts.get("contract_version", "")
    return text if SEMVER.fullmatch(text) else None


def rebuild_record(home: Home) -> Rebuilt:
    """Makes a record for the home, in one step: it is there when it is whole. The lost one, if any, is moved aside.

    Raises BadInput where there is a record already, or no table to rebuild one from.
    """
    settings = load_settings(home)
    url = record_url(home, settings)
    storage = open_storage(home)
    histories = tuple(read_histories(storage))
    tables = tuple(_Table.of(history) for history in histories if history.versions)
    if not tables:
        raise BadInput(f"{locate(storage)} has no version that can be read: there is nothing to rebuild from")
    _require_no_record(url)
    is_file = url.startswith("sqlite:///")
    place = Path(url.removeprefix("sqlite:///")) if is_file else None
    draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}.rebuilding") if place else None
    with ExitStack() as cleaning:
        if draft:
            cleaning.callback(_remove, draft)
        with Record.open(f"sqlite:///{draft}" if draft else url) as record:
            mesh = Mesh(home, settings, record, open_keyring(home, settings))
            context = Context(mesh, Caller(resolve_identity()))
            agreed = read_mesh_id(home) or uuid4().hex
            with record.transaction() as tx:
                mesh_id.adopt(tx, agreed, datetime.now(UTC))
                added = [_add_product(context, tx, group) for group in _group_by_product(tables)]
                count = sum(len(table.history.versions) for table in tables)
                unexplained = _list_unexplained(storage, tables)
                unrestored_files.add(tx, unexplained)
                details = {"outputs": len(tables), "versions": count}
                record_outcomes(context, tx, *added, ActOutcome(EventKind.RECORD_REBUILT, MESH, details))
        if draft and place:
            _put(draft, place)
    write_mesh_id(home, agreed)
    unreadable = tuple(name for history in histories for name in history.unreadable)
    gaps = {f"{history.folder}.{history.output}": history.gaps for history in histories if history.gaps}
    return Rebuilt(len(added), len(tables), count, unreadable, LOST_FOR_GOOD, gaps, len(unexplained))


def _list_unexplained(storage: Storage, tables: Sequence[_Table]) -> list[str]:
    """The files of the storage that no restored version names; gc keeps them."""
    restored = [version for table in tables for version in table.history.versions]
    files = tuple(list_files(storage))
    named = {find_commit(name) for version in restored for name in (version.metadata_location, version.manifest_list)}
    return [
        *find_data_orphans(files, {version.stage_id for version in restored}),
        *find_metadata_orphans(files, named, (), lambda _: False),
    ]


def _require_no_record(url: str) -> None:
    """Raises BadInput where there is a record that knows products; one that cannot be opened knows none."""
    with suppress(RecordFailed), Record.open(url, begin=False) as record, record.reading() as conn:
        if products.list_all(conn):
            raise BadInput(
                f"the record {record.place} knows products: nothing was rebuilt",
                hint="data-platform repair rewrites the metadata of versions; to rebuild the record, move it away",
            )


def _group_by_product(tables: Sequence[_Table]) -> Iterator[list[_Table]]:
    for _, group in groupby(sorted(tables, key=_select_folder), key=_select_folder):
        yield sorted(group, key=lambda table: (table.base, table.assumed_major))


def _select_folder(table: _Table) -> str:
    return table.history.folder


def _add_product(context: Context, tx: Connection, tables: Sequence[_Table]) -> ActOutcome:
    """Saves a product, its outputs and their versions; returns what is to be recorded of it."""
    contract = _build_contract(context, tables)
    product = contract.product
    ensure_domain(context, tx, contract)
    row = ProductRow.of(contract, 1, context.clock(), context.principal.name)
    products.save(tx, row)
    for table in tables:
        _add_output(context, tx, product, table)
    return describe_revision(context, tx, row, ["rebuilt from the tables' metadata"])


def _build_contract(context: Context, tables: Sequence[_Table]) -> Contract:
    """A draft, which its owner may change freely: the metadata holds less than the contract did."""
    facts = max((table.newest for table in tables), key=lambda version: version.published_at).facts
    product_version = facts.get("product_version", "")
    ports = tuple(_build_output(table, product_version) for table in tables)
    name = tables[0].history.folder
    product = Product(
        name=name,
        domain=facts.get("domain") or UNKNOWN_DOMAIN,
        owner=facts.get("owner") or context.principal.name,
        outputs=ports,
        status=ProductStatus.DRAFT,
        version=product_version if SEMVER.fullmatch(product_version) else None,
    )
    schemas = {product.label(port): table.newest.schema for port, table in zip(ports, tables, strict=True)}
    return Contract(product, schemas)


def _build_output(table: _Table, product_version: str) -> Output:
    """The output; it has a version of its own unless its product's version is the same."""
    inherits = not table.newest.facts.get("output_version") and table.contract_version == product_version
    version = None if inherits else table.contract_version
    return Output(table.base, OutputType.TABLE, version=version, partition_by=table.newest.partition_by)


def _add_output(context: Context, tx: Connection, product: Product, table: _Table) -> None:
    history, newest = table.history, table.history.versions[-1]
    outputs.save(
        tx,
        OutputRow(
            product=product.name,
            name=history.output,
            type=OutputType.TABLE.value,
            topic=None,
            stored_schema=StoredSchema.of(newest.schema),
            inferred=False,
            field_ids=newest.field_ids,
            last_column_id=newest.last_column_id,
            output=table.base,
            major=table.major,
            revision=1,
        ),
    )
    outputs.set_pointer(tx, product.name, history.output, newest.metadata_location, newest.version)
    for version in history.versions:
        versions.add(tx, _build_version_row(context, product.name, table, version))


def _build_version_row(context: Context, product: str, table: _Table, version: RecoveredVersion) -> VersionRow:
    return VersionRow(
        product=product,
        output=table.history.output,
        version=version.version,
        contract_version=_read_stated_version(version) or f"{table.assumed_major}.0.0",
        contract_revision=1,
        stage_id=version.stage_id,
        snapshot_id=version.snapshot_id,
        metadata_location=version.metadata_location,
        manifest_list=version.manifest_list,
        rows=version.rows,
        bytes=version.bytes,
        files=version.files,
        stored_schema=StoredSchema.of(version.schema),
        statistics={},
        outcome="unknown",
        published_at=version.published_at,
        published_by=version.facts.get("publisher") or context.principal.name,
    )


def _put(draft: Path, place: Path) -> None:
    """Gives the new record its name; the old one is kept beside it."""
    aside = f"{place.name}.lost-{secrets.token_hex(4)}"
    for suffix in ("", "-wal", "-shm"):
        old = place.with_name(place.name + suffix)
        if os.path.lexists(old):
            old.rename(place.with_name(aside + suffix))
    draft.rename(place)
    sync(place.parent)


def _remove(draft: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
