"""export, import: products in the formats ODPS, ODCS and DPROD."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.errors import print_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import ensure_folder, write_new, write_text
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath, OutputFolder
from data_platform.errors import BadInput
from data_platform.spec.product.loading import load_product
from data_platform.spec.standards.assembly import Wanted
from data_platform.spec.standards.exporting import Standard, export_file
from data_platform.spec.standards.importing import import_files, validate_files


@click.command("export")
@click.argument("product", type=InputPath(), metavar="PRODUCT.YAML")
@click.option(
    "--to",
    "standard",
    required=True,
    type=click.Choice([item.value for item in Standard]),
    help="The standard to write.",
)
@click.option("--out", type=OutputFolder(), help="The folder for the files, one per document.")
def export_product(product: Path, standard: str, out: Path | None) -> None:
    """Export a product as ODPS 1.1.0, ODCS 3.2.0 or DPROD.

    ODPS is one document per product, ODCS one contract per output, DPROD one JSON-LD document. Without --out the
    documents are written to stdout; YAML documents are separated by `---`. Properties without a field in the standard
    are written to its customProperties, so that `import` restores the same product.

    \b
    Example:
      data-platform export product.yaml --to odcs --out contracts/
    """
    file = load_product(product)
    print_problems(stderr_console(), file.warnings, "warning")
    texts, left_out = export_file(file, Standard(standard))
    print_problems(stderr_console(), left_out, "warning")
    if out is None:
        click.echo("---\n".join(texts.values()), nl=False)
        return
    ensure_folder(out)
    for name, text in texts.items():
        write_text(out / name, text)
        stdout_console().write_line("wrote ", Styled(str(out / name), "bold"))


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=InputPath(), metavar="FILE…")
@click.option("--out", type=OutputFolder(), help="The folder to write; existing files are not replaced.")
@click.option("--lint", is_flag=True, help="Only report where the files are not valid ODPS or ODCS.")
@click.option("--name", help="The name of the product, instead of the one in the files.")
@click.option("--domain", "-d", help="The domain, instead of the one in the files.")
@click.option("--owner", "-o", help="The owner, instead of the one in the files.")
@json_option
def import_product(
    files: tuple[Path, ...],
    out: Path | None,
    lint: bool,
    name: str | None,
    domain: str | None,
    owner: str | None,
    as_json: bool,
) -> None:
    """Import a product from ODPS and ODCS files.

    Reads ODPS from version 0.9 and ODCS from 2.2; writes product.yaml and the schema files. Properties that a product
    does not have are kept under `odps` and `odcs`, and `export` writes them again; checks that cannot run are kept
    under `unchecked`.

    \b
    Example:
      data-platform import orders.odps.yaml orders_fact.odcs.yaml --out orders/
      data-platform import orders_fact.odcs.yaml --lint
    """
    if lint:
        validate_files(files)
        for file in files if not as_json else ():
            stdout_console().write_line(Styled("valid", "green"), f"  {file}")
        if as_json:
            print_json([{"file": str(file), "valid": True} for file in files])
        return
    if out is None:
        raise BadInput("import needs a folder to write", hint="--out FOLDER, or --lint to check the files only")
    imported = import_files(files, Wanted(name, domain, owner))
    print_problems(stderr_console(), imported.warnings, "warning")
    written = write_new(out, imported.files, "--out")
    if as_json:
        print_json({"product": imported.product.name, "folder": out.absolute(), "files": written})
        return
    stdout_console().write_line("wrote ", Styled(f"{out}/", "bold"), ": ", ", ".join(imported.files))
    stdout_console().write_line("next: ", Styled(f"data-platform validate {out}", "cyan"))
