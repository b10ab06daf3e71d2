"""export, import: products in the words of ODPS, ODCS and DPROD."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.errors import tell_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import folder_for, write_new, write_text
from data_platform.cli.options import json_option
from data_platform.errors import BadInput
from data_platform.spec.product.loading import load_product
from data_platform.spec.standards.assembly import Wanted
from data_platform.spec.standards.exporting import Standard, export_file
from data_platform.spec.standards.importing import import_files, lint_files


@click.command("export")
@click.argument("product", type=click.Path(path_type=Path), metavar="PRODUCT.YAML")
@click.option(
    "--to",
    "standard",
    required=True,
    type=click.Choice([each.value for each in Standard]),
    help="The standard to write.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The folder for the files, a document each.")
def export_product(product: Path, standard: str, out: Path | None) -> None:
    """Write a product as ODPS 1.1.0, ODCS 3.2.0 or DPROD.

    ODPS is one document for the product, ODCS a contract for each output, DPROD one document of JSON-LD. Without
    --out they go to stdout, YAML documents set apart by `---`. What the standard has no field for stands in its
    customProperties, so that `import` gives the same product again.

    \b
    Example:
      data-platform export product.yaml --to odcs --out contracts/
    """
    file = load_product(product)
    tell_problems(notes(), file.warnings, "warning")
    texts, left_out = export_file(file, Standard(standard))
    tell_problems(notes(), left_out, "warning")
    if out is None:
        click.echo("---\n".join(texts.values()), nl=False)
        return
    folder_for(out)
    for name, text in texts.items():
        write_text(out / name, text)
        answer().line("wrote ", Styled(str(out / name), "bold"))


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write; nothing is replaced.")
@click.option("--lint", is_flag=True, help="Only say where the files are no valid ODPS and ODCS; nothing is written.")
@click.option("--name", help="The product's name, instead of the files'.")
@click.option("--domain", "-d", help="Its domain, instead of the files'.")
@click.option("--owner", "-o", help="Its owner, instead of the files'.")
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
    """Make a product of ODPS and ODCS files.

    Older versions are read too: ODPS from 0.9, ODCS from 2.2. It writes product.yaml and the schema files. What the
    standards say beyond a product is kept there under `odps` and `odcs`, and `export` writes it again; checks that
    cannot run here are kept under `unchecked`.

    \b
    Example:
      data-platform import orders.odps.yaml orders_fact.odcs.yaml --out orders/
      data-platform import orders_fact.odcs.yaml --lint
    """
    if lint:
        lint_files(files)
        for file in files if not as_json else ():
            answer().line(Styled("valid", "green"), f"  {file}")
        if as_json:
            print_json([{"file": str(file), "valid": True} for file in files])
        return
    if out is None:
        raise BadInput("import needs a folder to write", hint="--out FOLDER, or --lint to judge the files alone")
    imported = import_files(files, Wanted(name, domain, owner))
    tell_problems(notes(), imported.warnings, "warning")
    written = write_new(out, imported.files, "--out")
    if as_json:
        print_json({"product": imported.product.name, "folder": out.absolute(), "files": written})
        return
    answer().line("wrote ", Styled(f"{out}/", "bold"), ": ", ", ".join(imported.files))
    answer().line("next: ", Styled(f"data-platform validate {out}", "cyan"))
