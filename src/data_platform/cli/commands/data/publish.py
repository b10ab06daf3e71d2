"""publish, run: data becomes an output's next version, or is refused."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import plain, print_json
from data_platform.cli.console.text import amount
from data_platform.cli.options import json_option
from data_platform.cli.read_options import read_options
from data_platform.cli.session import opened, warn, watching
from data_platform.cli.views.verdict import verdict_json
from data_platform.errors import BadInput
from data_platform.pipelines.discovery import UserCode, at_home_in
from data_platform.product import DataProduct
from data_platform.quality.verdict import Failure, Verdict
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.product.reference import FORM
from data_platform.verbs.results import PublishResult

PRODUCT = click.Path(path_type=Path)
allow_missing_columns = click.option(
    "--allow-missing-columns",
    is_flag=True,
    help="Without a schema: columns that earlier versions have may be missing, and become null.",
)
allow_empty = click.option("--allow-empty", is_flag=True, help="Without a schema: data without rows may replace rows.")


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("target", nargs=-1, required=True, metavar="[OUTPUT[@MAJOR]] FILE")
@click.option("--from", "origins", multiple=True, metavar=FORM, help="What FILE was made of; repeatable.")
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

    It replaces the output's content: a version is a whole table, and earlier versions stay readable. OUTPUT may be
    left out where the product has one output.

    FILE is .parquet, .csv, .json (one array of objects), .jsonl or .ndjson, each of the text formats also with .gz; or
    a folder of parquet files. Options say how text is written, where it is not as the standards say. PRODUCT_YAML is
    the file or its folder; the product is registered first where it is new or changed. Data that its contract or a
    blocking rule refuses never becomes visible: exit code 1, with the rules and rows that failed.

    \b
    Examples:
      data-platform publish orders/product.yaml orders_fact orders.parquet
      data-platform publish totals totals.csv --from orders.orders_fact#3
    """
    output, file = _output_and_file(target)
    product = DataProduct(product_yaml)
    with opened(product.platform), watching(output or product.name) as watch:
        result = product.publish(
            output,
            file,
            lineage=origins or None,
            watch=watch,
            allow_missing_columns=allow_missing_columns,
            allow_empty=allow_empty,
            options=options,
        )
    _tell(result, as_json)


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("output", required=False, metavar="[OUTPUT[@MAJOR]]")
@allow_missing_columns
@allow_empty
@json_option
def run(product_yaml: Path, output: str | None, allow_missing_columns: bool, allow_empty: bool, as_json: bool) -> None:
    """Build an output by its pipeline, and publish it.

    OUTPUT may be left out where the product has one output.

    The pipeline is a @product.pipeline function in pipeline.py or pipelines/*.py beside PRODUCT_YAML. What the
    pipeline consumed is recorded as lineage.

    \b
    Example:
      data-platform run ./product.yaml orders_fact
    """
    product = DataProduct.with_pipeline(product_yaml, output)
    file = product.file.path.absolute()
    with (
        opened(product.platform),
        watching(output or product.name) as watch,
        UserCode(file.parent, file),
        at_home_in(file.parent),
    ):
        result = product.run(output, watch, allow_missing_columns=allow_missing_columns, allow_empty=allow_empty)
    _tell(result, as_json)


def _output_and_file(target: tuple[str, ...]) -> tuple[str | None, Path]:
    """The words behind PRODUCT_YAML: an output where one is named, and the file."""
    if target[-1].lower().endswith((".yaml", ".yml")):
        what = f"{target[-1]} is YAML, but a data file is expected here"
        raise BadInput(what, hint="data-platform publish PRODUCT_YAML [OUTPUT] FILE")
    if len(target) > 2:
        raise click.UsageError(f"Got unexpected extra argument ({target[2]})")
    return (target[0] if len(target) == 2 else None), Path(target[-1])


def _tell(result: PublishResult, as_json: bool) -> None:
    _warn(result.quality)
    for warning in result.warnings:
        warn(warning)
    if as_json:
        print_json({**plain(result), "quality": verdict_json(result.quality)})
        return
    rules, failed = len(result.quality.results), len(result.quality.failures)
    judged = f"{amount(rules - failed, 'rule')} passed" if rules else "no rules"
    paper = answer()
    paper.line(
        Styled("published ", "green"),
        Styled(f"{result.product}.{result.output}", "bold"),
        f" version {result.version}: {amount(result.rows, 'row')}, {judged}",
        f", {amount(failed, 'warning')}" if failed else "",
    )
    paper.line(Styled(f"          {result.location}", "dim"))


def _warn(verdict: Verdict) -> None:
    for failure in verdict.failures:
        warn(str(Failure.from_result(failure)))
