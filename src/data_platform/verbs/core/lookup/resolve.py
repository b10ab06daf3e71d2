"""Finds products and outputs by name, and suggests the nearest name where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.catalog import outputs, products, redirects
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.product.semver import SemVer
from data_platform.spec.text.names import find_nearest

if TYPE_CHECKING:
    from data_platform.spec.product.model import Output, Product


def resolve_product(conn: Connection, name: str) -> ProductRow:
    """The registered product, by its name or one that it had; raises NotFound."""
    row = products.find(conn, name) or products.find(conn, redirects.resolve_name(conn, name))
    if row is None:
        raise product_not_found(conn, name)
    return row


def product_not_found(conn: Connection, name: str, hidden: Collection[str] = ()) -> NotFound:
    """The error for a product that does not exist, or that is to be as if it did not, as those in `hidden` are."""
    return NotFound(f"no product {name} is registered", hint=_suggest_product(conn, name, hidden))


def refuse_archived(product: ProductRow) -> None:
    """Raises Refused for a product that is closed."""
    name, since = product.name, product.archived_at
    if since is not None:
        raise Refused(
            f"{name} was archived on {since:%Y-%m-%d}: it is readable, and takes no more publishes and contracts",
            hint=f"data-platform unarchive {name}",
        )


def resolve_output(conn: Connection, product: str, reference: str) -> OutputRow:
    """The major that `name` or `name@major` means.

    Plain, it is the newest major that has a version and is neither deprecated nor retired; where there is none such,
    the newest deprecated one that can be read, then the newest at all. Raises NotFound, BadInput.
    """
    wanted = OutputName.parse(reference)
    majors = list_majors(conn, product, wanted.name)
    if wanted.major is not None:
        majors = [row for row in majors if row.major == wanted.major]
    major = select_preferred(majors)
    if major is not None:
        return major
    raise retired_error(conn, majors[-1]) if majors else output_not_found(conn, product, reference)


def resolve_output_name(conn: Connection, product: str, reference: str) -> str:
    """`name` or `name@major`, with the name of the only output where it is left out; raises NotFound, BadInput."""
    wanted = OutputName.parse(reference)
    if wanted.name:
        return reference
    rows = outputs.list_by_product(conn, resolve_product(conn, product).name)
    names = list(dict.fromkeys(row.base for row in rows if not row.retired))
    if not names:
        raise NotFound(f"{product} has no output")
    if len(names) > 1:
        tail = "" if wanted.major is None else f"@{wanted.major}"
        choices = ", ".join(f"{product}.{name}{tail}" for name in names[:8])
        raise BadInput(f"{product} has {len(names)} outputs", hint=f"name one: {choices}")
    return str(OutputName(names[0], wanted.major))


def select_preferred(majors: Iterable[OutputRow]) -> OutputRow | None:
    """Where the plain name of an output leads among its majors; None where all are retired."""
    return min((row for row in majors if not row.closed), key=_rank_major, default=None)


def list_majors(conn: Connection, product: str, output: str) -> list[OutputRow]:
    """Every major of an output, the oldest first, retired ones too; empty when there is no such output."""
    rows = outputs.list_majors(conn, product, output) or outputs.list_majors(
        conn, redirects.resolve_name(conn, product), output
    )
    if any(row.major is None for row in rows):  # a program of the last release wrote it
        registered = resolve_product(conn, product)
        rows = tuple(with_major(row, registered) for row in rows)
    return sorted(rows, key=lambda row: row.major or 0)


def with_major(row: OutputRow, product: ProductRow) -> OutputRow:
    """The row with the major that the product's contract gives it, where the row does not say."""
    if row.major is not None:
        return row
    own = next((output.version for output in product.contract.product.outputs if output.name == row.base), None)
    return replace(row, output=row.base, major=SemVer.parse(own or product.version).major)


def find_output_row(rows: Iterable[OutputRow], product: Product, output: Output) -> OutputRow | None:
    """The row of an output that the product lists."""
    wanted = (output.name, product.major(output))
    return next((row for row in rows if (row.base, row.major) == wanted), None)


def map_labels(rows: Iterable[OutputRow]) -> dict[str, str]:
    """The labels of a product's outputs by key: the name, with `@major` where there is more than one."""
    all_rows = list(rows)
    counted = Counter(row.base for row in all_rows)
    return {row.name: format_label(row, several=counted[row.base] > 1) for row in all_rows}


class OutputLabels:
    """How outputs that are known by their keys are shown: a first major is a plain key, and has others beside it."""

    def __init__(self, conn: Connection) -> None:
        self._firsts = outputs.map_first_majors(conn)

    def label(self, product: str, key: str) -> str:
        """The name, with `@major` where the output has several."""
        first = self._firsts.get((product, key))
        return key if first is None else str(OutputName(key, first))


def format_label(row: OutputRow, *, several: bool) -> str:
    """The output's name, with `@major` where there are several."""
    return str(OutputName(row.base, row.major if several else None))


def find_label(conn: Connection, row: OutputRow) -> str:
    """The same, looking how many majors the output has."""
    return format_label(row, several=len(outputs.list_majors(conn, row.product, row.base)) > 1)


def retired_error(conn: Connection, row: OutputRow) -> NotFound:
    """The error for a major that is retired: since when, and its replacement."""
    when = f" on {row.ends_at:%Y-%m-%d}" if row.ends_at else ""
    instead = select_preferred(list_majors(conn, row.product, row.base))
    hint = f"read {row.base}@{instead.major}" if instead else None
    return NotFound(f"{row.product}.{OutputName(row.base, row.major)} was retired{when}", hint=hint)


def output_not_found(conn: Connection, product: str, output: str) -> NotFound:
    """The error for an output, or a major of one, that the product does not have."""
    rows = outputs.list_by_product(conn, product)
    wanted = OutputName.parse(output)
    if wanted.major is not None and (
        same := [row.major for row in rows if row.base == wanted.name and not row.retired]
    ):
        names = ", ".join(f"{wanted.name}@{major}" for major in sorted(major or 0 for major in same))
        hint = f"it has {names}; data version {wanted.major} is written {wanted.name}#{wanted.major}"
        return NotFound(f"{product} has no output {output}", hint=hint)
    having = [row for row in rows if row.schema and output in row.schema.names]
    if having:
        place = f"{product}.{having[-1].base}"
        lineage = f"for its lineage write {place}.{output}"
        hint = f"{output} is a column of {place}: {lineage}, to read it --columns {output} (columns)"
        return NotFound(f"{product} has no output {output}", hint=hint)
    return NotFound(f"{product} has no output {output}", hint=_describe_closest(output, map_labels(rows).values()))


def _suggest_product(conn: Connection, name: str, hidden: Collection[str]) -> str | None:
    """What to write in place of a product that does not exist; the name may be that of an output."""
    owners = dict.fromkeys(row.product for row in outputs.list_named(conn, name) if row.product not in hidden)
    if owners:
        return f"{name} is an output: write {' or '.join(f'{product}.{name}' for product in list(owners)[:8])}"
    return _describe_closest(name, [other.name for other in products.list_all(conn) if other.name not in hidden])


def _rank_major(row: OutputRow) -> tuple[bool, bool, int]:
    """What plain names mean first: what has data, is not deprecated, and is newest."""
    return row.version == 0, row.retired or row.deprecated_at is not None, -(row.major or 0)


def _describe_closest(name: str, candidates: Iterable[str]) -> str | None:
    names = list(candidates)
    close = find_nearest(name, names)
    if close:
        return f"did you mean {close}?"
    return f"known: {', '.join(sorted(names)[:8])}" if names else "nothing is registered yet"
