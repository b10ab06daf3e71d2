"""Requests for access, decisions and grants, as the verbs of access answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from data_platform.sentences import Sentence


@dataclass(frozen=True, slots=True)
class RequestedAccess:
    """An output of a request, with its state at the moment of the answer.

    `columns` None: all. `personal_data` are those of them that hold personal data: a governor has to approve them too.
    `missing` says whose approval is missing, and `awaits` are its sentences. `ends_at` and `review_at` are those of
    the grant, before it the ends that an approval now would give. `terms` is the digest of the accepted text. `renews`
    is the grant that it follows.
    """

    product: str
    output: str
    columns: tuple[str, ...] | None
    personal_data: tuple[str, ...]
    state: str
    missing: tuple[str, ...]
    grant: str | None
    ends_at: datetime | None
    review_at: datetime | None
    terms: str | None
    renews: str | None
    awaits: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessRequestInfo:
    """A request for one or several outputs, with its state at the moment of the answer.

    `state` is pending, approved without personal data, approved, expired, revoked, denied or withdrawn: of several
    outputs, the first of these that one of them is in. `holder` is who gets the access: the requester or a team.
    """

    id: int
    state: str
    requester: str
    holder: str
    purpose: str
    until: datetime | None
    created_at: datetime
    break_glass: bool
    outputs: tuple[RequestedAccess, ...]
    missing: tuple[str, ...]
    awaits: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedOutput:
    """What a principal sees of an output, and why. `lines` decided, such as `product.yaml:12: teams analytics: …`.

    `columns` are clear; `masks` maps the others to what is shown in their place; where `clear_rows` has a condition for
    one of these, it is clear on the rows that meet it. `rows` is the condition of the visible
    rows, with the principal's attributes in it; None: all. `missing` says what would open more. `erased` columns have
    no values in the newest version: they are neither clear nor tested by a condition. `because` and `steps` are the
    sentences of `reason` and `missing`.
    """

    output: str
    allowed: bool
    reason: str
    lines: tuple[str, ...]
    columns: tuple[str, ...]
    masks: Mapping[str, str]
    clear_rows: Mapping[str, str]
    rows: str | None
    missing: tuple[str, ...]
    erased: tuple[str, ...] = ()
    because: Sentence | None = None
    steps: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessExplanation:
    """Whether a principal may read outputs of a product, for a purpose, at the moment of the answer."""

    principal: str
    product: str
    purpose: str | None
    outputs: tuple[ExplainedOutput, ...]


@dataclass(frozen=True, slots=True)
class AccessDecisionInfo:
    """A decision about an output of a request; `capacity` is owner, approver, governor, requester or product.yaml."""

    product: str
    output: str
    by: str
    capacity: str
    verdict: str
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenedAccess:
    """What the approval of an output opens: columns, rows (the condition as it is written, None: all) and terms.

    `derived` are the products that are made from the output, by lineage.
    """

    product: str
    output: str
    columns: tuple[str, ...]
    personal_data: tuple[str, ...]
    rows: str | None
    terms: str | None
    derived: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessRequestDetail:
    """A request with what it opens, the decisions about it, and every grant that came of it."""

    request: AccessRequestInfo
    opens: tuple[OpenedAccess, ...]
    decisions: tuple[AccessDecisionInfo, ...]
    grants: tuple[GrantInfo, ...]


@dataclass(frozen=True, slots=True)
class GrantInfo:
    """A grant; `state` is open, expired or revoked at the moment of the answer, `columns` None: all.

    `revoked_for` is the reason of an early end: revoked, approved further, narrowed, renewed, retired, or left.
    """

    id: str
    request: int
    product: str
    output: str
    holder: str
    purpose: str
    columns: tuple[str, ...] | None
    opens_personal_data: bool
    break_glass: bool
    state: str
    begins_at: datetime
    ends_at: datetime | None
    review_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_for: str | None


@dataclass(frozen=True, slots=True)
class ReviewedGrant:
    """An open grant with its use: the columns that its holder really read since it began, and when last.

    `advice` says what is to be reviewed: that it is unused, wider than its use, or past its review date.
    """

    id: str
    product: str
    output: str
    holder: str
    purpose: str
    columns: tuple[str, ...] | None
    opens_personal_data: bool
    begins_at: datetime
    ends_at: datetime | None
    review_at: datetime | None
    reads: int
    last_read_at: datetime | None
    read_columns: tuple[str, ...]
    unread_columns: tuple[str, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Access that was taken in an emergency, without an approval: its grant, its end, and the incident it opened."""

    request: int
    grant: str
    product: str
    output: str
    reason: str
    ends_at: datetime
    incident: int


@dataclass(frozen=True, slots=True)
class Agreements:
    """Access agreements as YAML documents, in the form of Bitol's RFC 0056 (experimental)."""

    text: str
    agreements: int
