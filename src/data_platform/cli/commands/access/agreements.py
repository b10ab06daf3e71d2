"""access export, import: agreements as files, in the form of Bitol's RFC 0056."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import NumberType, json_option
from data_platform.cli.path_types import InputPath
from data_platform.cli.session import open_platform
from data_platform.cli.views.access import draw_requests


@click.command("export")
@click.argument("id", type=NumberType(), metavar="[ID]", required=False)
@click.option("--product", metavar="PRODUCT", help="The agreements of every request for this product.")
@json_option
def export_agreements(id: int | None, product: str | None, as_json: bool) -> None:
    """Export agreements as YAML of Bitol's RFC 0056: of the request ID, of a product, or else yours. Experimental.

    \b
    Examples:
      data-platform access export 12
      data-platform access export --product orders > agreements.yaml
    """
    with open_platform() as mesh:
        exported = mesh.export_agreements(id=id, product=product)
    if as_json:
        print_json(exported)
    else:
        click.echo(exported.text, nl=False)


@click.command("import")
@click.argument("file", type=InputPath(), metavar="FILE")
@click.option("--accept-terms", is_flag=True, help="Accept the terms of the outputs.")
@json_option
def import_agreements(file: Path, accept_terms: bool, as_json: bool) -> None:
    """Request what the agreements in FILE say. Experimental.

    The status of an agreement grants nothing: each becomes a request, which the usual people decide about.

    \b
    Example:
      data-platform access import agreements.yaml
    """
    with open_platform() as mesh:
        made = mesh.import_agreements(file, accept_terms=accept_terms)
    if as_json:
        print_json(made)
    elif made:
        draw_requests(stdout_console(), made)
    else:
        stderr_console().write_line("no agreement asks for access")
