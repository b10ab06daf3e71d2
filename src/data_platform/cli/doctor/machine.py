"""The Python that runs, and what is installed in it."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from data_platform.cli.doctor.check import Check, State
from data_platform.installing import DISTRIBUTION, VERSION, pip_install

OLDEST = (3, 11)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_FOR_DEVELOPERS = "dev"


def check_machine() -> Iterator[Check]:
    """Python, each dependency, each extra."""
    version = platform.python_version()
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        yield Check("python", State.FAILED, version, f"install Python {wanted} or newer")
    else:
        yield Check("python", State.OK, f"{version} at {sys.executable}")
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Check("packages", State.WARNING, f"{DISTRIBUTION} is not installed, only importable", pip_install())
        return
    yield _dependencies([text for text in requirements if not _EXTRA.search(text)])
    extras = sorted({found[1] for text in requirements if (found := _EXTRA.search(text))} - {_FOR_DEVELOPERS})
    for extra in extras:
        yield _extra(extra, [text for text in requirements if (found := _EXTRA.search(text)) and found[1] == extra])


def _dependencies(requirements: list[str]) -> Check:
    missing = _missing(requirements)
    if missing:
        return Check(
            "packages", State.MISSING, f"missing: {', '.join(missing)}", pip_install(option="--force-reinstall")
        )
    return Check("packages", State.OK, f"{DISTRIBUTION} {VERSION}, all {len(requirements)} dependencies")


def _extra(extra: str, requirements: list[str]) -> Check:
    missing = _missing(requirements)
    if missing:
        return Check(
            f"extra {extra}",
            State.WARNING,
            f"not installed: {', '.join(missing)}",
            f"if you need it, {pip_install(extra)}",
        )
    return Check(f"extra {extra}", State.OK, ", ".join(map(_name, requirements)))


def _missing(requirements: list[str]) -> list[str]:
    return [name for name in map(_name, requirements) if not _is_installed(name)]


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0] if found else requirement


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
