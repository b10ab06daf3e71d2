"""consumers, contract: who consumes a product, and its contract as text."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_minute
from data_platform.cli.formats.files import ensure_folder, write_text
from data_platform.cli.options import NAMED_OUTPUT, json_option, output_argument, product_argument, reference_argument
from data_platform.cli.path_types import OutputFolder
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.catalog.registered_contract import FORMS, ContractForm
from data_platform.verbs.results import ConsumingProduct, ProductConsumers


@click.command()
@reference_argument(NAMED_OUTPUT)
@output_argument
@json_option
def consumers(target: Reference, output: str | None, as_json: bool) -> None:
    """List who consumes a product, and the columns that are read.

    Readers are those of the last 30 days. Their names are shown to the owner's side and the governance.

    \b
    Example:
      data-platform consumers orders-data-product
    """
    with open_platform() as mesh:
        answer = mesh.consumers(target, output)
    if as_json:
        print_json(answer)
        return
    console = stdout_console()
    if answer.products:
        console.write_table(("product", "reads", "owner", "columns", "made"), map(_format_product, answer.products))
    if answer.readers:
        header = ("reader", "reads", "times", "columns", "last read")
        console.write_table(
            header,
            [
                (Styled(one.principal, "bold"), one.output, one.reads, ", ".join(one.columns), one.last_read_at)
                for one in answer.readers
            ],
        )
    console.write_line(_summarize_readers(answer))


@click.command()
@product_argument()
@click.option("--to", "form", type=click.Choice(FORMS), default="product", show_default=True, help="The form.")
@click.option("--revision", type=click.IntRange(1), help="An earlier revision, from 1; `changes` lists them.")
@click.option("--out", type=OutputFolder(), help="The folder for the files, one per document.")
@json_option
def contract(product: str, form: ContractForm, revision: int | None, out: Path | None, as_json: bool) -> None:
    """Print the registered contract of a product.

    The text is written anew from what was registered: comments of the original file are not kept. Inputs that you may
    not find are left out.

    \b
    Example:
      data-platform contract orders-data-product --to odcs --out contracts/
    """
    with open_platform() as mesh:
        registered = mesh.contract(product, form, revision)
    if as_json:
        print_json(registered)
    elif out is None:
        click.echo("---\n".join(registered.texts.values()), nl=False)
    else:
        ensure_folder(out)
        for name, text in registered.texts.items():
            write_text(out / name, text)
            stdout_console().write_line("wrote ", Styled(str(out / name), "bold"))


def _format_product(one: ConsumingProduct) -> tuple[object, ...]:
    made = format_minute(one.made_at) if one.made_at else "declared only"
    return Styled(one.product, "bold"), one.output, one.owner, ", ".join(one.columns), made


def _summarize_readers(consumers: ProductConsumers) -> str:
    named, others = len(consumers.readers), consumers.other_readers
    readers = format_count(named + others, "reader")
    return f"{readers} since {format_minute(consumers.since)}, {others} of them without a name"
