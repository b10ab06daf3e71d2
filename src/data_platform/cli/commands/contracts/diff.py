"""diff: the effects of a register, without registering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import stdout_console
from data_platform.cli.console.errors import build_error_json, print_error
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath
from data_platform.cli.session import open_platform, warn
from data_platform.cli.views.contract_diff import draw_difference, format_markdown, format_markdown_error
from data_platform.errors import BadInput, DataPlatformError, Refused
from data_platform.platform import Platform
from data_platform.spec.product.files import find_product_files
from data_platform.spec.text.json_values import to_json_value
from data_platform.verbs.results import Difference


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A file and its difference, or the error that prevents the comparison."""

    path: Path
    result: Difference | DataPlatformError

    @property
    def exit_code(self) -> int:
        """The exit code that register would have."""
        if isinstance(self.result, DataPlatformError):
            return self.result.exit_code
        return Refused.exit_code if self.result.refused else 0

    def to_json(self) -> dict[str, Any]:
        """Returns the result as a dict."""
        if isinstance(self.result, DataPlatformError):
            return {"file": str(self.path), "error": build_error_json(self.result)}
        return {"file": str(self.path), **to_json_value(self.result)}

    def to_markdown(self) -> str:
        """Returns the result as a section of a comment."""
        if isinstance(self.result, DataPlatformError):
            return format_markdown_error(self.path, str(self.result))
        return format_markdown(self.path, self.result)

    def print(self) -> None:
        """Prints the result; warnings are printed on stderr."""
        if isinstance(self.result, DataPlatformError):
            print_error(self.result)
            return
        draw_difference(stdout_console(), self.result)
        for warning in self.result.warnings:
            warn(warning)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=InputPath())
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    help="The format; markdown is a comment for a pull request.",
)
@json_option
def diff(paths: tuple[Path, ...], form: str | None, as_json: bool) -> int:
    """Show what register would change, and which readers it breaks.

    PATH is a product.yaml file, or a folder with such files at any depth. Nothing is written. The exit code is 1 if
    register would refuse a file, and 2 if a file cannot be read.

    \b
    Example:
      data-platform diff domains/orders/product.yaml
    """
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    files = find_product_files(paths)
    with open_platform(Platform.open(make=False, products=files)) as mesh:
        judged = [_compare_file(mesh, path) for path in files]
    if as_json or form == "json":
        print_json([file.to_json() for file in judged])
    elif form == "markdown":
        click.echo(_format_comment(judged))
    else:
        for file in judged:
            file.print()
    return max(file.exit_code for file in judged)


def _format_comment(judged: list[ComparedFile]) -> str:
    """Returns a section per changed product, and the number of unchanged ones."""
    unchanged = [file for file in judged if isinstance(file.result, Difference) and file.result.verdict == "unchanged"]
    sections = [file.to_markdown() for file in judged if file not in unchanged]
    return "\n".join([*sections, *([f"{format_count(len(unchanged), 'product')} unchanged."] if unchanged else [])])


def _compare_file(mesh: Platform, path: Path) -> ComparedFile:
    try:
        return ComparedFile(path, mesh.diff(path))
    except DataPlatformError as error:
        return ComparedFile(path, error)
