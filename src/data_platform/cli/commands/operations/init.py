"""init: creates the home of a mesh."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option
from data_platform.cli.session import warn
from data_platform.settings import find_outer_home, init_home


@click.command()
@click.argument("place", type=click.Path(path_type=Path), required=False)
@json_option
def init(place: Path | None, as_json: bool) -> None:
    """Create the home of a mesh.

    The home is `.data-platform/` in the folder PLACE. Without PLACE it is the folder in DATA_PLATFORM_HOME, else
    `.data-platform/` in the working directory. PLACE may also be the folder in DATA_PLATFORM_HOME: that creates a mesh
    even if another one in the same parent folder has a similar name.

    Every command below that folder finds the home. Without init, the first successful register, publish, run, domain
    define or policies apply creates a home in the working directory.

    \b
    Example:
      data-platform init ~/mesh
    """
    home = init_home(place)
    outer = find_outer_home(home) if home.created else None
    if outer is not None:
        warn(
            f"this mesh is inside another one, {outer}: commands in {home.path.parent} and below use the new mesh; "
            f"to use the outer one there, remove {home.path}"
        )
    if as_json:
        print_json({"home": home.path, "created": home.created})
        return
    stdout_console().write_line(
        "created the mesh in " if home.created else "the mesh already exists in ", Styled(str(home.path), "bold")
    )
