"""publish, run: publish data as the next version of an output."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json, to_json_value
from data_platform.cli.console.text import format_count
from data_platform.cli.options import json_option
from data_platform.cli.read_options import read_options
from data_platform.cli.session import open_platform, warn, watch_publish
from data_platform.cli.views.verdict import build_verdict_json
from data_platform.errors import BadInput
from data_platform.pipelines.discovery import UserCode, enter_folder
from data_platform.product import DataProduct
from data_platform.quality.verdict import Failure, Verdict
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.product.reference import FORM
from data_platform.verbs.results import PublishResult

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
@allow_missing_columns
@allow_empty
@read_options
@json_option
def publish(
    product_yaml: Path,
    target: tuple[str, ...],
    origins: tuple[str, ...],
    allow_missing_columns: bool,
    allow_empty: bool,
    options: ReadOptions,
    as_json: bool,
) -> None:
    """Publish a file as the next version of an output.

    A version is a complete table: it replaces the content of the output, and earlier versions stay readable. OUTPUT is
    optional if the product has one output.

    FILE is .parquet, .csv, .json (one array of objects), .jsonl or .ndjson, the text formats also with .gz; or a folder
    of parquet files. Options describe text files that do not follow the standards. PRODUCT_YAML is the file or its
    folder; a new or changed product is registered first. Data that the contract or a blocking rule refuses never
    becomes visible: the exit code is 1, and the failed rules and rows are shown.

    \b
    Examples:
      data-platform publish orders/product.yaml orders_fact orders.parquet
      data-platform publish totals totals.csv --from orders.orders_fact#3
    """
    output, file = _parse_target(target)
    product = DataProduct(product_yaml)
    with open_platform(product.platform), watch_publish(output or product.name) as watch:
        result = product.publish(
            output,
            file,
            lineage=origins or None,
            watch=watch,
            allow_missing_columns=allow_missing_columns,
            allow_empty=allow_empty,
            options=options,
        )
    _print_result(result, as_json)


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
    it consumes are recorded as lineage.

    \b
    Example:
      data-platform run ./product.yaml orders_fact
    """
    product = DataProduct.with_pipeline(product_yaml, output)
    file = product.file.path.absolute()
    with (
        open_platform(product.platform),
        watch_publish(output or product.name) as watch,
        UserCode(file.parent, file),
        enter_folder(file.parent),
    ):
        result = product.run(output, watch, allow_missing_columns=allow_missing_columns, allow_empty=allow_empty)
    _print_result(result, as_json)


def _parse_target(target: tuple[str, ...]) -> tuple[str | None, Path]:
    """Splits the arguments after PRODUCT_YAML into the output, or None, and the file."""
    if target[-1].lower().endswith((".yaml", ".yml")):
        what = f"{target[-1]} is YAML, but a data file is expected here"
        raise BadInput(what, hint="data-platform publish PRODUCT_YAML [OUTPUT] FILE")
    if len(target) > 2:
        raise click.UsageError(f"Got unexpected extra argument ({target[2]})")
    return (target[0] if len(target) == 2 else None), Path(target[-1])


def _print_result(result: PublishResult, as_json: bool) -> None:
    _warn(result.quality)
    for warning in result.warnings:
        warn(warning)
    if as_json:
        print_json({**to_json_value(result), "quality": build_verdict_json(result.quality)})
        return
    rules, failed = len(result.quality.results), len(result.quality.failures)
    judged = f"{format_count(rules - failed, 'rule')} passed" if rules else "no rules"
    console = stdout_console()
    console.write_line(
        Styled("published ", "green"),
        Styled(f"{result.product}.{result.output}", "bold"),
        f" version {result.version}: {format_count(result.rows, 'row')}, {judged}",
        f", {format_count(failed, 'warning')}" if failed else "",
    )
    console.write_line(Styled(f"          {result.location}", "dim"))


def _warn(verdict: Verdict) -> None:
    for failure in verdict.failures:
        warn(str(Failure.from_result(failure)))
