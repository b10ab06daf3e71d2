"""register: registers products and contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import Console, Styled, stdout_console
from data_platform.cli.console.errors import build_error_json, print_error
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath
from data_platform.cli.session import open_platform, warn
from data_platform.errors import DataPlatformError
from data_platform.platform import Platform
from data_platform.spec.product.files import find_product_files
from data_platform.spec.text.json_values import to_json_value
from data_platform.verbs.results import Registration


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=InputPath())
@json_option
def register(paths: tuple[Path, ...], as_json: bool) -> int:
    """Register products and their contracts in the mesh.

    PATH is a product.yaml file, or a folder with such files at any depth. Changes are shown; an unchanged file has no
    effect. All files are processed; the exit code is the highest one of a file.

    \b
    Example:
      data-platform register domains/orders domains/customers/product.yaml
    """
    files = find_product_files(paths)
    with open_platform(Platform.open(products=files)) as mesh:
        done = [_register_file(mesh, path, as_json) for path in files]
    if as_json:
        print_json([result for result, _ in done])
    return max(code for _, code in done)


def _register_file(mesh: Platform, path: Path, as_json: bool) -> tuple[dict[str, Any], int]:
    """Registers a file; returns the result as a dict, and the exit code."""
    try:
        registration = mesh.register(path)
    except DataPlatformError as error:
        print_error(error)
        return {"file": str(path), "error": build_error_json(error)}, error.exit_code
    if not as_json:
        _print_registration(stdout_console(), registration)
    for warning in registration.warnings:
        warn(warning)
    return {"file": str(path), **to_json_value(registration)}, 0


def _print_registration(console: Console, done: Registration) -> None:
    state = "registered" if done.created else "changed" if done.changes else "unchanged"
    style = "green" if done.changed else "dim"
    revision = f", revision {done.revision}" if done.changes else ""
    console.write_line(
        Styled(f"{state:<11}", style), Styled(done.product, "bold"), f" in domain {done.domain}{revision}"
    )
    if done.domain_created:
        console.write_line(
            f"           domain {done.domain} is new: data-platform domain define {done.domain} sets its owner"
        )
    for change in done.changes:
        console.write_line(f"           {change}")
