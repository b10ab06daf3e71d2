"""diff: what registering would do, before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import answer
from data_platform.cli.console.errors import complain, error_json
from data_platform.cli.console.json import plain, print_json
from data_platform.cli.console.text import amount
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn
from data_platform.cli.views.contract_diff import draw, markdown, markdown_error
from data_platform.errors import BadInput, DataPlatformError, Refused
from data_platform.platform import Platform
from data_platform.spec.product.files import product_files
from data_platform.verbs.results import Difference


@dataclass(frozen=True, slots=True)
class Judged:
    """One file: what it would do, or why that cannot be said."""

    path: Path
    found: Difference | DataPlatformError

    @property
    def exit_code(self) -> int:
        """That of a register."""
        if isinstance(self.found, DataPlatformError):
            return self.found.exit_code
        return Refused.exit_code if self.found.refused else 0

    def as_json(self) -> dict[str, Any]:
        """What there is to tell."""
        if isinstance(self.found, DataPlatformError):
            return {"file": str(self.path), "error": error_json(self.found)}
        return {"file": str(self.path), **plain(self.found)}

    def as_markdown(self) -> str:
        """A section of a comment."""
        if isinstance(self.found, DataPlatformError):
            return markdown_error(self.path, str(self.found))
        return markdown(self.path, self.found)

    def tell(self) -> None:
        """In words, doubts on stderr."""
        if isinstance(self.found, DataPlatformError):
            complain(self.found)
            return
        draw(answer(), self.found)
        for warning in self.found.warnings:
            warn(warning)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), help="Words, or a comment for a pull request."
)
@json_option
def diff(paths: tuple[Path, ...], form: str | None, as_json: bool) -> int:
    """Show what registering would change and break, and for whom.

    A folder stands for all product.yaml files below it. Nothing is written. Exit code 1 when register would refuse
    one of them, 2 when one cannot be read.

    \b
    Example:
      data-platform diff domains/orders/product.yaml
    """
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    files = product_files(paths)
    with opened(Platform.open(make=False, products=files)) as mesh:
        judged = [_judged(mesh, path) for path in files]
    if as_json or form == "json":
        print_json([each.as_json() for each in judged])
    elif form == "markdown":
        click.echo(_comment(judged))
    else:
        for each in judged:
            each.tell()
    return max(each.exit_code for each in judged)


def _comment(judged: list[Judged]) -> str:
    """A section for each product that something would happen to; those that stay as they are are counted."""
    still = [each for each in judged if isinstance(each.found, Difference) and each.found.verdict == "unchanged"]
    sections = [each.as_markdown() for each in judged if each not in still]
    return "\n".join([*sections, *([f"{amount(len(still), 'product')} unchanged."] if still else [])])


def _judged(mesh: Platform, path: Path) -> Judged:
    try:
        return Judged(path, mesh.diff(path))
    except DataPlatformError as error:
        return Judged(path, error)
