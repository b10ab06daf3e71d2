"""publish, run: publish data as the next version of an output."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from data_platform.cli.options import json_option
from data_platform.cli.publish_arguments import parse_publish_arguments, require_run_arguments
from data_platform.cli.read_options import read_options
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.spec.product.reference import FORM

PRODUCT = click.Path(path_type=Path)
allow_missing_columns = click.option(
    "--allow-missing-columns",
    is_flag=True,
    help="Allow data without columns of earlier versions; they become null. For outputs without a schema.",
)
allow_empty = click.option(
    "--allow-empty", is_flag=True, help="Allow data without rows to replace rows. For outputs without a schema."
)


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("target", nargs=-1, required=True, metavar="[OUTPUT[@MAJOR]] FILE")
@click.option("--from", "origins", multiple=True, metavar=FORM, help="A source of FILE, for lineage; repeatable.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in PublishMode]),
    default=PublishMode.OVERWRITE.value,
    show_default=True,
    help="What stays of the version before: nothing, all rows, or the partitions in which FILE has no rows.",
)
@allow_missing_columns
@allow_empty
@read_options
@json_option
def publish(
    product_yaml: Path,
    target: tuple[str, ...],
    origins: tuple[str, ...],
    mode: str,
    allow_missing_columns: bool,
    allow_empty: bool,
    options: ReadOptions,
    as_json: bool,
) -> None:
    """Publish a file as the next version of an output.

    A version is a complete table, and earlier versions stay readable. It has the rows of FILE, and with --mode those
    that stay of the version before. OUTPUT is optional if the product has one output.

    FILE is .parquet, .csv, .json (one array of objects), .jsonl or .ndjson, the text formats also with .gz; or a folder
    of parquet files. Options describe text files that do not follow the standards. PRODUCT_YAML is the file or its
    folder; a new or changed product is registered first. Data that the contract or a blocking rule refuses never
    becomes visible: the exit code is 1, and the failed rules and rows are shown.

    \b
    Examples:
      data-platform publish orders/product.yaml orders_fact orders.parquet
      data-platform publish totals totals.csv --from orders.orders_fact#3
      data-platform publish orders orders_fact february.csv --mode overwrite_partitions
    """
    output, file = parse_publish_arguments(product_yaml, target)
    publishing = import_module("data_platform.cli.publishing")  # the engine: a missing file is reported before
    publishing.publish_file(
        product_yaml,
        output,
        file,
        origins=origins,
        allow_missing_columns=allow_missing_columns,
        allow_empty=allow_empty,
        options=options,
        mode=PublishMode(mode),
        as_json=as_json,
    )


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("output", required=False, metavar="[OUTPUT[@MAJOR]]")
@allow_missing_columns
@allow_empty
@json_option
def run(product_yaml: Path, output: str | None, allow_missing_columns: bool, allow_empty: bool, as_json: bool) -> None:
    """Run the pipeline of an output, and publish the result.

    OUTPUT is optional if the product has one output.

    The pipeline is a @product.pipeline function in pipeline.py or pipelines/*.py beside PRODUCT_YAML. The outputs that
    it consumes are recorded as lineage. The run is recorded with its log: `data-platform runs` lists it.

    \b
    Example:
      data-platform run ./product.yaml orders_fact
    """
    require_run_arguments(product_yaml, output)
    publishing = import_module("data_platform.cli.publishing")
    publishing.run_pipeline(
        product_yaml, output, allow_missing_columns=allow_missing_columns, allow_empty=allow_empty, as_json=as_json
    )
