"""A product as the catalog shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.keys.states import Erasure
    from data_platform.spec.access.model import AccessSpec
    from data_platform.spec.schema.types import SchemaColumn
    from data_platform.verbs.results.lineage import LineageGraph


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column of an output's contract, or of a version; `encryption` is `none` where it was waived.

    `not_pii` says why values that look like personal data are none, by the path inside the column ("": the column);
    `anonymised` is the method by which a column made from personal data is declared to be none. `term` is the term of
    the glossary that says what it means.

    `erased_at` and `erased_by` say since when its values cannot be read: those of that version, or of the newest.
    """

    name: str
    type: str
    required: bool
    description: str | None
    tags: tuple[str, ...]
    encryption: str | None
    erased_at: datetime | None = None
    erased_by: str | None = None
    not_pii: Mapping[str, str] = field(default_factory=dict)
    anonymised: str | None = None
    term: str | None = None

    @classmethod
    def of(cls, column: SchemaColumn) -> ColumnInfo:
        """The column as results describe it."""
        described = (column.required, column.description, column.tags, column.encryption)
        anonymised = column.anonymised.method if column.anonymised else None
        reasons = dict(column.list_not_pii())
        return cls(column.name, str(column.type), *described, not_pii=reasons, anonymised=anonymised, term=column.term)

    def with_erasure(self, erasure: Erasure | None) -> ColumnInfo:
        """The column, with its erasure if there is one."""
        return self if erasure is None else replace(self, erased_at=erasure.at, erased_by=erasure.by)


@dataclass(frozen=True, slots=True)
class AccessInfo:
    """Who may read an output, in the words of product.yaml, with the values that count where it declares none.

    `readers` and `masks` are texts, `masks` by column; `approvers` decide about requests.
    """

    visibility: str
    discoverable: bool
    readers: tuple[str, ...] = ()
    rows: str | None = None
    masks: Mapping[str, str] = field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    max_duration: str | None = None
    terms: str | None = None

    @classmethod
    def of(cls, access: AccessSpec) -> AccessInfo:
        """The access as results describe it."""
        return cls(
            access.effective_visibility.value,
            access.is_discoverable,
            tuple(map(str, access.readers or ())),
            None if access.rows is None else access.rows.text,
            {column: str(mask) for column, mask in access.masks.items()},
            access.approvers,
            access.max_duration_text,
            access.terms,
        )


@dataclass(frozen=True, slots=True)
class OutputMetadata:
    """One output as the catalog shows it; `version` is 0 before the first publish.

    `name` has `@major` where there is more than one; a deprecated major has the end that was announced.
    """

    name: str
    type: str
    version: int
    rows: int | None
    published_at: datetime | None
    topic: str | None
    sla: Mapping[str, str]
    rules: tuple[str, ...]
    inferred: bool
    columns: tuple[ColumnInfo, ...]
    major: int | None = None
    deprecated_at: datetime | None = None
    ends_at: datetime | None = None
    access: AccessInfo | None = None


@dataclass(frozen=True, slots=True)
class UsageStats:
    """How much a product is read: consumes in all, distinct principals, the last time.

    `page_views` counts looks at its page, at most one for each principal in an hour.
    """

    views: int
    consumers: int
    last_read: datetime | None
    page_views: int = 0


@dataclass(frozen=True, slots=True)
class LastGoodVersion:
    """The newest version of a product that no blocking rule failed, and whose files are as they were published."""

    output: str
    version: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class DataProductMetadata:
    """A product as the catalog shows it; `quality_score` is 0–100, None before rules judged anything.

    Archived, it is read on and takes no more publishes. `on_call` is who of the `oncall` is on call now; `alerts` are
    the channels that hear of incidents.
    """

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    outputs: tuple[OutputMetadata, ...]
    quality_score: float | None
    usage_stats: UsageStats
    lineage: LineageGraph
    archived_at: datetime | None = None
    on_call: str | None = None
    oncall: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    last_good: LastGoodVersion | None = None
