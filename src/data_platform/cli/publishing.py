"""The work of `publish` and `run`, which load the engine: publishes, and prints the result."""

from __future__ import annotations

from pathlib import Path

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.session import open_platform, warn, watch_publish
from data_platform.cli.views.verdict import build_verdict_json
from data_platform.pipelines.discovery import UserCode, enter_folder
from data_platform.product import DataProduct
from data_platform.quality.verdict import Failure, Verdict
from data_platform.settings.read_options import ReadOptions
from data_platform.settings.server_variables import find_server_url
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.spec.text.json_values import to_json_value
from data_platform.verbs.results import PublishResult


def publish_file(
    product_yaml: Path,
    output: str | None,
    file: Path,
    *,
    origins: tuple[str, ...],
    allow_missing_columns: bool,
    allow_empty: bool,
    options: ReadOptions,
    mode: PublishMode,
    as_json: bool,
) -> None:
    """Publishes the file, and prints the result."""
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
            mode=mode,
        )
    _print_result(result, as_json)


def run_pipeline(
    product_yaml: Path, output: str | None, *, allow_missing_columns: bool, allow_empty: bool, as_json: bool
) -> None:
    """Runs the pipeline of the output, publishes what it returns, and prints the result."""
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
    if find_server_url() is None:
        console.write_line(Styled(f"          {result.location}", "dim"))


def _warn(verdict: Verdict) -> None:
    for failure in verdict.failures:
        warn(str(Failure.from_result(failure)))
