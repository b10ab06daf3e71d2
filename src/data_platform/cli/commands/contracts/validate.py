"""validate: checks product.yaml files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.errors import print_error, print_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath
from data_platform.errors import BadInput, InvalidSpec, Problem
from data_platform.platform import Platform
from data_platform.settings import find_home
from data_platform.spec.product.files import find_product_files
from data_platform.spec.product.loading import load_product


@dataclass(frozen=True, slots=True)
class ValidatedFile:
    """The result for one file."""

    file: Path
    valid: bool
    product: str | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=InputPath())
@json_option
def validate(paths: tuple[Path, ...], as_json: bool) -> int:
    """Check product.yaml files.

    PATH is a product.yaml file, or a folder with such files at any depth. Schemas that they reference are checked too.
    All problems are reported as file:line:column, with a remedy; the exit code is then 2. Nothing is recorded. In a
    mesh, an output without a schema is compared with the columns of its published data.

    \b
    Example:
      data-platform validate domains/
    """
    files = find_product_files(paths)
    with _open_mesh(files) as mesh:
        judged = [_validate_file(path, mesh) for path in files]
    if as_json:
        print_json(judged)
    else:
        for file in judged:
            if file.valid:
                stdout_console().write_line(Styled("valid", "green"), f"  {file.file}  {file.product}")
    return 0 if all(file.valid for file in judged) else InvalidSpec.exit_code


@contextmanager
def _open_mesh(files: Sequence[Path]) -> Iterator[Platform | None]:
    """Opens the mesh of these files; yields None if there is none, which is not a problem of a file."""
    try:
        home = find_home(files)
    except BadInput:
        home = None
    if home is None:
        yield None
        return
    with Platform.open(home.path, make=False) as mesh:
        yield mesh


def _validate_file(path: Path, mesh: Platform | None) -> ValidatedFile:
    try:
        file = load_product(path)
        if mesh is not None:
            mesh.check_columns(file)
    except InvalidSpec as error:
        print_error(error)
        return ValidatedFile(path, False, problems=error.problems)
    print_problems(stderr_console(), file.warnings, "warning")
    return ValidatedFile(path, True, file.product.name, warnings=file.warnings)
