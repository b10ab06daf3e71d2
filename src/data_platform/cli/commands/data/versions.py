"""versions: the published versions of a product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_size
from data_platform.cli.options import json_option, output_argument, reference_argument
from data_platform.cli.session import open_platform
from data_platform.cli.views.erasures import describe_erased_column
from data_platform.spec.product.reference import Reference
from data_platform.verbs.results import ErasedColumn, VersionInfo


@click.command()
@reference_argument()
@output_argument
@json_option
def versions(target: Reference, output: str | None, as_json: bool) -> None:
    """List the data versions of a product, newest first.

    \b
    Example:
      data-platform versions orders-data-product.orders_fact
    """
    with open_platform() as mesh:
        infos = mesh.versions(target, output)
    if as_json:
        print_json(infos)
    elif infos:
        stdout_console().write_table(
            ("output", "version", "rows", "size", "contract", "quality", "published", "by"),
            [
                (
                    Styled(info.output, "bold"),
                    info.version,
                    info.rows,
                    None if info.bytes is None else format_size(info.bytes),
                    info.contract_version,
                    info.outcome,
                    info.published_at,
                    info.published_by,
                )
                for info in infos
            ],
        )
        for erased in _list_erased(infos):
            stdout_console().write_line(Styled(erased, "yellow"), hang=2)
    else:
        stderr_console().write_line(f"{target.product} has no version yet: data-platform publish creates one")


def _list_erased(infos: list[VersionInfo]) -> list[str]:
    """The erased columns, each with the newest of the listed versions in which it is erased."""
    erased: dict[tuple[str, str], str] = {}
    for info in infos:
        for column in info.schema:
            if column.erased_at is not None and (info.output, column.name) not in erased:
                row = ErasedColumn(info.output, column.name, info.version, column.erased_at, column.erased_by or "")
                erased[info.output, column.name] = f"erased {describe_erased_column(row)}"
    return list(erased.values())
