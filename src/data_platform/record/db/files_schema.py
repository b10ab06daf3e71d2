"""The tables that tie the record to the files beside it: the mesh's identity, digests of data, keys and erasures."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Json, Moment, Text

MESH = Table(
    "mesh",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", Moment, nullable=False),
)
"""One row: the identity of the mesh, which its home carries too. A home whose identity differs is another mesh's."""

DATA_FILES = Table(
    "data_files",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("stage_id", Text, nullable=False, index=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("removed", BigInteger),
    Column("statistics", Json, nullable=False),
    Column("checked_at", Moment, nullable=False),
    Column("damage", Text),
    Column("stamp", Text),
    Index("ix_data_files_checked_at", "checked_at"),
    Index("ix_data_files_output", "product", "output", "added"),
)
"""Each data file of a version, with the digest of its bytes as `ALGORITHM:HEX`. Files of revision 0004 have no row.

A file belongs to the versions from `added` on, until one replaces the whole content (`versions.content_since`), or
until `removed`, the first version of the same content that is without it.
`statistics` are those of its columns, as a version has them.

`checked_at` is when its bytes were last compared with the digest, or written; `damage` is the damage found then.
`stamp` is the file's size and times at that moment; None requests a check at once.
"""

ENDED_LEASES = Table(
    "ended_leases",
    METADATA,
    Column("stage_id", Text, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("ended_at", Moment, nullable=False),
)
"""Expired leases, until gc has removed their files: they explain files that belong to no version."""

UNRESTORED_FILES = Table(
    "unrestored_files",
    METADATA,
    Column("path", Text, primary_key=True),
)
"""The files of tables that no version named when the record was rebuilt: they may be versions that it lost."""

KEY_ERASURES = Table(
    "key_erasures",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("key_id", Text, nullable=False, index=True),
    Column("key_uid", Text),
    Column("version", BigInteger, nullable=False),
    Column("erased_at", Moment, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("finished_at", Moment),
)
"""Each erasure of a key: the versions up to `version` of its output are unreadable in its column.

A row is written before the key is erased; `finished_at` is None until it is. `key_uid` identifies the key among those
that had the same id, and is None where the key was missing.
"""

MESH_KEYS = Table(
    "mesh_keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
)
"""The keys that belong to no output. One that has a row and no file is lost, and no new one takes its place."""
