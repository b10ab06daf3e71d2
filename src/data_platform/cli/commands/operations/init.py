"""init: a home for the mesh."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option
from data_platform.settings import init_home


@click.command()
@click.argument("place", type=click.Path(path_type=Path), required=False)
@json_option
def init(place: Path | None, as_json: bool) -> None:
    """Make the home of a mesh.

    It is `.data-platform/` in the folder PLACE. Without PLACE it is the folder that DATA_PLATFORM_HOME names, else
    `.data-platform/` in the working directory. PLACE may also be the folder that DATA_PLATFORM_HOME names: that
    creates a mesh even if another one in the same parent folder has almost the same name.

    Every command below that folder finds it. Without init, the first register, publish, run, domain define or
    policies apply that succeeds makes one in the working directory.

    \b
    Example:
      data-platform init ~/mesh
    """
    home = init_home(place)
    if as_json:
        print_json({"home": home.path, "created": home.created})
        return
    answer().line(
        "the mesh lives in " if home.created else "the mesh lives already in ", Styled(str(home.path), "bold")
    )
