"""Checks the Python version and the installed packages."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.installing import DISTRIBUTION, VERSION, format_pip_command

OLDEST = (3, 11)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_FOR_DEVELOPERS = "dev"


def check_machine() -> Iterator[Diagnosis]:
    """Checks Python, the dependencies and the extras."""
    version = platform.python_version()
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        yield Diagnosis("python", State.FAILED, version, f"install Python {wanted} or newer")
    else:
        yield Diagnosis("python", State.OK, f"{version} at {sys.executable}")
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Diagnosis(
            "packages", State.WARNING, f"{DISTRIBUTION} can be imported, but is not installed", format_pip_command()
        )
        return
    yield _check_dependencies([text for text in requirements if not _EXTRA.search(text)])
    extras = sorted({match[1] for text in requirements if (match := _EXTRA.search(text))} - {_FOR_DEVELOPERS})
    for extra in extras:
        yield _check_extra(
            extra, [text for text in requirements if (match := _EXTRA.search(text)) and match[1] == extra]
        )


def _check_dependencies(requirements: list[str]) -> Diagnosis:
    missing = _find_missing(requirements)
    if missing:
        return Diagnosis(
            "packages", State.MISSING, f"missing: {', '.join(missing)}", format_pip_command(option="--force-reinstall")
        )
    return Diagnosis("packages", State.OK, f"{DISTRIBUTION} {VERSION}, all {len(requirements)} dependencies")


def _check_extra(extra: str, requirements: list[str]) -> Diagnosis:
    missing = _find_missing(requirements)
    if missing:
        return Diagnosis(
            f"extra {extra}",
            State.WARNING,
            f"not installed: {', '.join(missing)}",
            f"if you need it, {format_pip_command(extra)}",
        )
    return Diagnosis(f"extra {extra}", State.OK, ", ".join(map(_parse_name, requirements)))


def _find_missing(requirements: list[str]) -> list[str]:
    return [name for name in map(_parse_name, requirements) if not _is_installed(name)]


def _parse_name(requirement: str) -> str:
    match = _NAME.match(requirement)
    return match[0] if match else requirement


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
