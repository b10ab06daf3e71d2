"""The name and release of this distribution, and the command that installs it.

The name of the command, `data-platform`, is another project's on the public package index; `data-mesh-platform` is this
one's. Until that name is published, `SOURCE` is a checkout.
"""

from __future__ import annotations

import os
from shlex import quote

DISTRIBUTION = "data-mesh-platform"
VERSION = "0.1.0"

CHECKOUT = "."
SOURCE = CHECKOUT
"""What hints install from: a checkout, a folder, an address for pip, or DISTRIBUTION once that is published."""
VARIABLE = "DATA_PLATFORM_INSTALL_FROM"
"""The environment variable that replaces SOURCE."""


def pip_install(extra: str = "", option: str = "") -> str:
    """The command that installs this project, with an extra or with an option of pip."""
    source = os.environ.get(VARIABLE) or SOURCE
    extras = f"[{extra}]" if extra else ""
    requirement = f"{DISTRIBUTION}{extras} @ {source}" if "://" in source else f"{source}{extras}"
    command = " ".join(["pip install", *([option] if option else []), quote(requirement)])
    return f"{command} (in a checkout of data-platform)" if source == CHECKOUT else command
