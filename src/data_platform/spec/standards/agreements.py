"""Access agreements in the form of Bitol's RFC 0056 (`kind: AccessAgreement`, v0.9.0). Experimental, as the RFC is.

One document records who may read one output of a product, for what purpose, and for how long. A text has one or
several, separated by `---`. The RFC has no field for columns: ours are custom properties of the vendor `data-platform`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.standards.custom import read_our_properties, read_texts, write_custom_properties
from data_platform.spec.standards.document import View, parse_document
from data_platform.spec.standards.yaml_out import write_yaml
from data_platform.spec.text.file import check_text
from data_platform.spec.text.report import Report

API_VERSION = "v0.9.0"
KIND = "AccessAgreement"
STATUSES = ("requested", "approved", "rejected")
_MOST = 100
_SEPARATOR = re.compile(r"^---[ \t]*$", re.MULTILINE)
_COLUMNS, _PERSONAL_DATA = "columns", "opensPersonalData"


@dataclass(frozen=True, slots=True)
class AccessAgreement:
    """An agreement; its consumer is a team or a user. `columns` None: all."""

    id: str
    status: str
    purpose: str
    provider: str
    product: str
    output: str
    team: str | None = None
    user: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    review_at: datetime | None = None
    terms: str | None = None
    columns: tuple[str, ...] | None = None
    opens_personal_data: bool | None = None


def write_agreements(agreements: Iterable[AccessAgreement]) -> str:
    """The agreements as YAML documents."""
    return "---\n".join(write_yaml(_serialize(agreement)) for agreement in agreements)


def read_agreements(origin: str, text: str) -> tuple[AccessAgreement, ...]:
    """The agreements of a text; `origin` is the name of its file. Raises InvalidSpec with every problem, by line."""
    read: list[AccessAgreement] = []
    problems: list[Problem] = []
    for part in _split(check_text(text, Report(origin))):
        try:
            read.append(_read(origin, part))
        except InvalidSpec as error:
            problems += error.problems
    if len(read) > _MOST:
        problems.append(Problem(origin, 0, 0, f"{len(read)} agreements are too many", f"at most {_MOST} in one text"))
    if problems:
        raise InvalidSpec(problems)
    return tuple(read)


def _split(text: str) -> Iterator[str]:
    """The documents of a text, each at its own lines; an empty one between separators is none."""
    begin, parts = 0, []
    for match in _SEPARATOR.finditer(text):
        parts.append((begin, text[begin : match.start()]))
        begin = match.end()
    parts.append((begin, text[begin:]))
    written = [(at, part) for at, part in parts if part.strip()] or parts[:1]
    for at, part in written:
        yield "\n" * text.count("\n", 0, at) + part


def _serialize(agreement: AccessAgreement) -> dict[str, Any]:
    document = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "id": agreement.id,
        "status": agreement.status,
        "description": _drop_none({"purpose": agreement.purpose, "terms": agreement.terms}),
        "startTimestamp": _format(agreement.starts_at),
        "endTimestamp": _format(agreement.ends_at),
        "nextReassessmentTimestamp": _format(agreement.review_at),
        "provider": {
            "teamId": agreement.provider,
            "dataProductId": agreement.product,
            "outputPortId": agreement.output,
        },
        "consumer": _drop_none({"teamId": agreement.team, "userId": agreement.user}),
    }
    columns = None if agreement.columns is None else list(agreement.columns)
    ours = {_COLUMNS: columns, _PERSONAL_DATA: agreement.opens_personal_data}
    return {**_drop_none(document), **write_custom_properties(ours)}


def _read(origin: str, text: str) -> AccessAgreement:
    document = parse_document(Path(origin), text)
    root = View(document, (), document.root)
    _check_header(root)
    description, provider = root.read_view("description"), root.read_view("provider")
    consumer = root.read_view("consumer")
    team, user = consumer.read_text("teamId"), consumer.read_text("userId")
    if (team is None) == (user is None):
        root.error("`consumer` must name a `teamId` or a `userId`", "consumer", hint="name the one who gets the access")
    ours = read_our_properties(root.read_plains("customProperties"))
    agreement = AccessAgreement(
        id=_require(root, "id"),
        status=_require(root, "status"),
        purpose=_require(description, "purpose"),
        provider=_require(provider, "teamId"),
        product=_require(provider, "dataProductId"),
        output=_require(provider, "outputPortId"),
        team=team,
        user=user,
        starts_at=_read_moment(root, "startTimestamp"),
        ends_at=_read_moment(root, "endTimestamp"),
        review_at=_read_moment(root, "nextReassessmentTimestamp"),
        terms=description.read_text("terms"),
        columns=read_texts(ours[_COLUMNS]) if _COLUMNS in ours else None,
        opens_personal_data=ours.get(_PERSONAL_DATA) is True,
    )
    if agreement.status not in STATUSES:
        root.error(f"`status` must be one of {', '.join(STATUSES)}", "status")
    document.report.close()
    return agreement


def _check_header(root: View) -> None:
    if root.value.get("kind") != KIND:
        root.document.report.fail(root.document.find_place(("kind",)), f"this is no {KIND}", f"write kind: {KIND}")
    if root.value.get("apiVersion") != API_VERSION:
        root.error(f"`apiVersion` must be {API_VERSION}", "apiVersion", hint="the RFC has no other version")


def _require(view: View, key: str) -> str:
    value = view.read_text(key)
    if not value:
        view.error(f"`{key}` is missing", hint="RFC 0056 requires it")
    return value or ""


def _read_moment(view: View, key: str) -> datetime | None:
    text = view.read_text(key)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        view.error(f"`{key}` must be a timestamp", key, hint="such as 2027-06-30T23:59:59Z")
        return None


def _format(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _drop_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
