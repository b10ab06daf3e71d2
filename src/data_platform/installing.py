"""How data-platform is installed: from its source, for on the package index its name belongs to somebody else."""

from __future__ import annotations

SOURCE = "git+https://github.com/data-platform/data-platform"


def pip_install(extra: str = "", option: str = "") -> str:
    """The command that installs this project, with an extra or with an option of pip's."""
    wanted = f"data-platform[{extra}]" if extra else "data-platform"
    return " ".join(["pip install", *([option] if option else []), f"'{wanted} @ {SOURCE}'"])
