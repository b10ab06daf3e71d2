"""publish, run: data becomes an output's next version, or is refused."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.as_json import plain, print_json
from data_platform.cli.options import json_option
from data_platform.cli.paper import Styled, answer
from data_platform.cli.rules import verdict_json
from data_platform.cli.session import opened, warn, watching
from data_platform.cli.text import amount
from data_platform.pipelines.discovery import UserCode, at_home_in
from data_platform.product import DataProduct
from data_platform.quality.verdict import Failure, Verdict
from data_platform.verbs.results import PublishResult

PRODUCT = click.Path(path_type=Path)
allow_missing_columns = click.option(
    "--allow-missing-columns",
    is_flag=True,
    help="Without a schema: columns that earlier versions have may be missing, and become null.",
)
allow_empty = click.option("--allow-empty", is_flag=True, help="Without a schema: data without a row may replace rows.")


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("output")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from", "origins", multiple=True, metavar="PRODUCT.OUTPUT[#VERSION]", help="What FILE was made of; repeatable."
)
@allow_missing_columns
@allow_empty
@json_option
def publish(
    product_yaml: Path,
    output: str,
    file: Path,
    origins: tuple[str, ...],
    allow_missing_columns: bool,
    allow_empty: bool,
    as_json: bool,
) -> None:
    """Publish a file as the next version of an output.

    FILE is .parquet, .csv, .jsonl, or a folder of parquet. The product is registered first where it is new or
    changed. Data that its contract or a blocking rule refuses never becomes visible: exit code 1, with the rules
    and rows that failed.

    \b
    Example:
      data-platform publish orders/product.yaml orders_fact orders.parquet
    """
    product = DataProduct(product_yaml)
    with opened(product.platform), watching(output) as watch:
        result = product.publish(
            output,
            file,
            lineage=origins or None,
            watch=watch,
            allow_missing_columns=allow_missing_columns,
            allow_empty=allow_empty,
        )
    _tell(result, as_json)


@click.command()
@click.argument("product_yaml", type=PRODUCT)
@click.argument("output")
@allow_missing_columns
@allow_empty
@json_option
def run(product_yaml: Path, output: str, allow_missing_columns: bool, allow_empty: bool, as_json: bool) -> None:
    """Build an output by its pipeline, and publish it.

    The pipeline is a @product.pipeline function in pipeline.py or pipelines/*.py beside PRODUCT_YAML. What the
    pipeline consumed is recorded as lineage.

    \b
    Example:
      data-platform run ./product.yaml orders_fact
    """
    product = DataProduct.with_pipeline(product_yaml, output)
    file = product.file.path.absolute()
    with opened(product.platform), watching(output) as watch, UserCode(file.parent, file), at_home_in(file.parent):
        result = product.run(output, watch, allow_missing_columns=allow_missing_columns, allow_empty=allow_empty)
    _tell(result, as_json)


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
        warn(str(Failure.of(failure)))
