"""Prints results as JSON: their fields, with times in ISO 8601 and UTC."""

from __future__ import annotations

import sys
from typing import Any

from data_platform.cli.console.stdout import guard_stdout
from data_platform.spec.text.json_values import dump_json


def print_json(value: Any) -> None:
    """Prints the value on stdout, indented, with every hidden character escaped."""
    text = dump_json(value, indent=2)
    with guard_stdout():
        sys.stdout.write(text + "\n")
