"""The name and release of this distribution, and the command that installs it.

On the public package index, `data-platform` is another project; the name of this one is `data-mesh-platform`. Until it
is published, `SOURCE` is a checkout.
"""

from __future__ import annotations

import os
from shlex import quote

DISTRIBUTION = "data-mesh-platform"
VERSION = "0.1.0"

CHECKOUT = "."
SOURCE = CHECKOUT
"""The source in install hints: a checkout, a folder, a URL for pip, or DISTRIBUTION once it is published."""
VARIABLE = "DATA_PLATFORM_INSTALL_FROM"
"""The environment variable that replaces SOURCE."""


def format_pip_command(extra: str = "", option: str = "") -> str:
    """Returns the command that installs this project, with an extra or with an option of pip."""
    source = os.environ.get(VARIABLE) or SOURCE
    extras = f"[{extra}]" if extra else ""
    requirement = f"{DISTRIBUTION}{extras} @ {source}" if "://" in source else f"{source}{extras}"
    command = " ".join(["pip install", *([option] if option else []), quote(requirement)])
    return f"{command} (in a checkout of data-platform)" if source == CHECKOUT else command
