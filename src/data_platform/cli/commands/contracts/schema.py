"""schema: the JSON Schema of product.yaml."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import write_text
from data_platform.cli.path_types import OutputFile
from data_platform.spec.product.editor_schema import make_editor_schema
from data_platform.spec.text.json_values import dump_json


@click.command()
@click.option("--out", type=OutputFile(), help="Write to this file instead of stdout.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of product.yaml, for editors.

    With it, editors complete, describe and check product.yaml.

    \b
    Example:
      data-platform schema --out product.schema.json
      # and as the first line of product.yaml:
      # yaml-language-server: $schema=product.schema.json
    """
    if out is None:
        print_json(make_editor_schema())
    else:
        write_text(out, dump_json(make_editor_schema(), indent=2) + "\n")
