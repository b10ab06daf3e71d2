"""validate: product.yaml files are judged, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.errors import complain, tell_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option
from data_platform.errors import BadInput, InvalidSpec, Problem
from data_platform.platform import Platform
from data_platform.settings import find_home
from data_platform.spec.product.files import product_files
from data_platform.spec.product.loading import load_product


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
    problem is told at once as file:line:column, with what to write instead. Exit code 2 when there is one. Where there
    is a mesh, an output without a schema is compared with the columns of its published data.

    \b
    Example:
      data-platform validate domains/
    """
    files = product_files(paths)
    with _opened_mesh(files) as mesh:
        judged = [_judged(path, mesh) for path in files]
    if as_json:
        print_json(judged)
    else:
        for each in judged:
            if each.valid:
                answer().line(Styled("valid", "green"), f"  {each.file}  {each.product}")
    return 0 if all(each.valid for each in judged) else InvalidSpec.exit_code


@contextmanager
def _opened_mesh(files: Sequence[Path]) -> Iterator[Platform | None]:
    """The mesh of these files; None where there is none, which says nothing against a file."""
    try:
        home = find_home(files)
    except BadInput:
        home = None
    if home is None:
        yield None
        return
    with Platform.open(home.path, make=False) as mesh:
        yield mesh


def _judged(path: Path, mesh: Platform | None) -> Judged:
    try:
        file = load_product(path)
        if mesh is not None:
            mesh.check_columns(file)
    except InvalidSpec as error:
        complain(error)
        return Judged(path, False, problems=error.problems)
    tell_problems(notes(), file.warnings, "warning")
    return Judged(path, True, file.product.name, warnings=file.warnings)
