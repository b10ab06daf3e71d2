"""The commands that need the files of a home, beside the verbs that no server serves: a client refuses them."""

from __future__ import annotations

from data_platform.errors import BadInput
from data_platform.settings.server_variables import URL_VARIABLE

HOME_COMMANDS = {
    "init": "the server has the home of this mesh; to make another one here",
    "serve": "a server works in a home; to start one here",
    "backup": "run it where the server's home is; to back up a home here",
    "restore": "run it where the server's home will be; to restore one here",
    "repair": "run it where the server's home is; to repair a home here",
    "keys": "run it where the server's home is; to see the keys of a home here",
}
"""What to do instead, by the command."""


def refuse_for_client(command: str, url: str) -> None:
    """Raises BadInput for a command that makes no sense where a server has the mesh."""
    if command in HOME_COMMANDS:
        reason = f"makes this a client of {url}" if url else "is set, but empty"
        raise BadInput(
            f"{command} needs the files of a home, and {URL_VARIABLE} {reason}",
            hint=f"{HOME_COMMANDS[command]}: unset {URL_VARIABLE}",
        )
