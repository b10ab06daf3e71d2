"""Finds the version to read, and the columns to mask; shared by consume and sql."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data_platform.access.decision import Decision
from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.errors import BadInput, NotFound
from data_platform.record.access import product_access
from data_platform.record.catalog import outputs, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.access.masks import REDACT, Mask
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.access.stored import read_outputs
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.text.numbers import describe_numbers
from data_platform.verbs.core.lookup.resolve import (
    find_label,
    list_majors,
    resolve_output,
    resolve_output_name,
    resolve_product,
    retired_error,
)
from data_platform.verbs.core.timestamps import Moment, parse_moment


def find_version(
    conn: Connection, product: str, output: str, version: int | None = None, as_of: Moment | None = None
) -> VersionRow:
    """The newest version, the pinned one, or the one that was current at a moment; raises NotFound, BadInput.

    `output` may name a major. Without one, a moment means the major that the plain name meant then, and a data version
    the only major that has it. Where two majors have it, the caller must name one.
    """
    if version is not None and as_of is not None:
        raise BadInput("version and as_of exclude each other", hint="pin a version, or name a moment")
    product = resolve_product(conn, product).name
    output = resolve_output_name(conn, product, output)
    if version is not None:
        row = _with_version(conn, product, output, version)
        version_row = versions.find(conn, product, row.name, version)
    elif as_of is not None:
        row, version_row = _find_version_at(conn, product, output, parse_moment(as_of))
    else:
        row = resolve_output(conn, product, output)
        version_row = versions.find_latest(conn, product, row.name)
    if version_row is None:
        raise _explain_missing_version(conn, row, version, as_of, output)
    return version_row


def find_ticket_version(conn: Connection, product: str, output: str, version: int) -> VersionRow:
    """The version that a ticket names: `output` is the one that the record calls so, whatever majors it has.

    Raises NotFound, also for a major that was retired since.
    """
    row = outputs.find(conn, product, output)
    if row is not None and row.closed:
        raise retired_error(conn, row)
    version_row = None if row is None else versions.find(conn, product, output, version)
    return version_row or find_version(conn, product, output, version)


def _with_version(conn: Connection, product: str, output: str, version: int) -> OutputRow:
    wanted = OutputName.parse(output)
    if wanted.major is None:
        having = [row for row in list_majors(conn, product, wanted.name) if row.version >= version]
        if len(having) > 1:
            choices = " or ".join(f"{wanted.name}@{row.major}" for row in having)
            majors = " and ".join(str(row.major) for row in having)
            message = f"majors {majors} of {product}.{output} have a version {version}"
            raise BadInput(message, hint=f"name one of them: {choices}")
        if having:
            return resolve_output(conn, product, f"{wanted.name}@{having[0].major}")
    return resolve_output(conn, product, output)


def _find_version_at(conn: Connection, product: str, output: str, at: datetime) -> tuple[OutputRow, VersionRow | None]:
    """The major that the name meant at a moment, with its version of then."""
    row = resolve_output(conn, product, output)
    if OutputName.parse(output).major is not None:
        return row, versions.find_as_of(conn, product, row.name, at)
    rows = [major for major in list_majors(conn, product, output) if not major.closed]
    candidates = [(row, version) for row in rows if (version := versions.find_as_of(conn, product, row.name, at))]
    if not candidates:
        return row, None
    deprecated = [major.deprecated_at is not None and major.deprecated_at <= at for major, _ in candidates]
    return max(zip(deprecated, candidates, strict=True), key=lambda case: (not case[0], case[1][0].major or 0))[1]


def find_view(
    conn: Connection,
    version: VersionRow,
    decision: Decision | None,
    *,
    mask: bool = False,
    also_masked: Collection[str] = (),
) -> TableView:
    """What a reader sees of a version: its rows and masks by the decision.

    With `mask` every column is masked that others may see masked, and those in `also_masked` are in any case: a reader
    may see less.
    """
    needs_row = mask or (decision is not None and decision.is_by_classes)
    row = outputs.find(conn, version.product, version.output) if needs_row else None
    view = make_view(version, row, decision)
    if not mask and not also_masked:
        return view
    declared = _find_declared_masks(conn, version)
    more = {*also_masked, *((*list_masked(version, row), *declared) if mask else ())} & set(version.schema.names)
    return view.with_masks({name: declared.get(name, REDACT) for name in more})


def make_view(version: VersionRow, row: OutputRow | None, decision: Decision | None) -> TableView:
    """What the decision shows of a version of the output `row`, as that is now."""
    if decision is None:
        return WHOLE_TABLE
    return decision.view_columns(version.output, version.schema, list_masked(version, row))


def _find_declared_masks(conn: Connection, version: VersionRow) -> Mapping[str, Mask]:
    """The masks that the product declares for the output now."""
    access = read_outputs(product_access.find(conn, version.product))
    stored = access.get(OutputName.parse(version.output).name) or access.get("")
    return stored.spec.masks if stored else {}


def sees_every_row(version: VersionRow, row: OutputRow | None, decision: Decision | None) -> bool:
    """Whether no row of the version is hidden from a reader, so that counts of its rows may be known."""
    return make_view(version, row, decision).condition == EVERY_ROW


def find_masked_columns(conn: Connection, version: VersionRow) -> frozenset[str]:
    """The columns to mask: what was personal data when the version was published, or is by now."""
    return list_masked(version, outputs.find(conn, version.product, version.output))


def list_masked(version: VersionRow, row: OutputRow | None) -> frozenset[str]:
    """As `find_masked_columns`, for a version of the output `row` as it is now."""
    masked = {*version.schema.masked, *(row.schema.masked if row and row.schema else ())}
    return frozenset(masked & set(version.schema.names))


def select_statistics(version: VersionRow, view: TableView) -> dict[str, Mapping[str, Any]]:
    """The statistics of a version that its view leaves true: those of unmasked columns, where every row is visible.

    A masked column has none: which of its values are null is hidden too.
    """
    if view.condition != EVERY_ROW:
        return {}
    return {name: facts for name, facts in version.statistics.items() if name not in view.masks}


def _explain_missing_version(
    conn: Connection, row: OutputRow, version: int | None, as_of: Moment | None, output: str
) -> NotFound:
    subject = f"{row.product}.{find_label(conn, row)}"
    if row.type == "stream":
        return NotFound(f"{subject} is a stream, and this version reads tables only")
    if row.version == 0:
        return NotFound(f"{subject} has no version yet", hint="its owner has to publish it first")
    if version is not None:
        return NotFound(f"{subject} has no version {version}", hint=_list_versions(conn, row))
    first = _find_first_version(conn, row, output)
    hint = f"its first version was published at {first.published_at:%Y-%m-%d %H:%M:%S} UTC" if first else None
    return NotFound(f"{row.product}.{output} had no version at {as_of}", hint=hint)


def _find_first_version(conn: Connection, row: OutputRow, output: str) -> VersionRow | None:
    """The oldest version among the majors that the name may mean."""
    rows = [row] if OutputName.parse(output).major is not None else list_majors(conn, row.product, row.base)
    published = [version for major in rows for version in versions.list_history(conn, row.product, major.name)]
    return min(published, key=lambda version: version.published_at, default=None)


def _list_versions(conn: Connection, row: OutputRow) -> str:
    numbers = [version.version for version in versions.list_history(conn, row.product, row.name)]
    return f"versions are {describe_numbers(numbers)}" if len(numbers) > 1 else f"its version is {numbers[0]}"
