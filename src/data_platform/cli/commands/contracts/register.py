"""register: contracts become known to the mesh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import Paper, Styled, answer
from data_platform.cli.console.errors import complain, error_json
from data_platform.cli.console.json import plain, print_json
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn
from data_platform.errors import DataPlatformError
from data_platform.platform import Platform
from data_platform.spec.product.files import product_files
from data_platform.verbs.results import Registration


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@json_option
def register(paths: tuple[Path, ...], as_json: bool) -> int:
    """Make products and their contracts known to the mesh.

    A folder stands for all product.yaml files below it. What changed is shown. Doing it twice changes nothing.
    Every file found is judged; the exit code is that of the worst.

    \b
    Example:
      data-platform register domains/orders domains/customers/product.yaml
    """
    files = product_files(paths)
    with opened(Platform.open(products=files)) as mesh:
        done = [_registered(mesh, path, as_json) for path in files]
    if as_json:
        print_json([told for told, _ in done])
    return max(code for _, code in done)


def _registered(mesh: Platform, path: Path, as_json: bool) -> tuple[dict[str, Any], int]:
    """What there is to tell as JSON, and the exit code."""
    try:
        registration = mesh.register(path)
    except DataPlatformError as error:
        complain(error)
        return {"file": str(path), "error": error_json(error)}, error.exit_code
    if not as_json:
        _tell(answer(), registration)
    for warning in registration.warnings:
        warn(warning)
    return {"file": str(path), **plain(registration)}, 0


def _tell(paper: Paper, done: Registration) -> None:
    state = "registered" if done.created else "changed" if done.changes else "unchanged"
    style = "green" if done.changed else "dim"
    revision = f", revision {done.revision}" if done.changes else ""
    paper.line(Styled(f"{state:<11}", style), Styled(done.product, "bold"), f" in domain {done.domain}{revision}")
    if done.domain_created:
        paper.line(
            f"           domain {done.domain} is new: data-platform domain define {done.domain} says who owns it"
        )
    for change in done.changes:
        paper.line(f"           {change}")
