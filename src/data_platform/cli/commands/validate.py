"""validate: product.yaml files are judged, and nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from data_platform.cli.as_json import print_json
from data_platform.cli.complaints import complain, tell_problems
from data_platform.cli.options import json_option
from data_platform.cli.paper import Styled, answer, notes
from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.loading import load_product
from data_platform.spec.product_files import product_files


@dataclass(frozen=True, slots=True)
class Judged:
    """What one file is worth."""

    file: Path
    valid: bool
    product: str | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@json_option
def validate(paths: tuple[Path, ...], as_json: bool) -> int:
    """Check product.yaml files, and change nothing.

    A folder stands for all product.yaml files below it. They are judged with the schemas they name, and every
    problem is told at once as file:line:column, with what to write instead. Exit code 2 when there is one.

    \b
    Example:
      data-platform validate domains/
    """
    judged = [_judged(path) for path in product_files(paths)]
    if as_json:
        print_json(judged)
    else:
        for each in judged:
            if each.valid:
                answer().line(Styled("valid", "green"), f"  {each.file}  {each.product}")
    return 0 if all(each.valid for each in judged) else InvalidSpec.exit_code


def _judged(path: Path) -> Judged:
    try:
        file = load_product(path)
    except InvalidSpec as error:
        complain(error)
        return Judged(path, False, problems=error.problems)
    tell_problems(notes(), file.warnings, "warning")
    return Judged(path, True, file.product.name, warnings=file.warnings)
