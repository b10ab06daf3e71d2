"""What a shell offers for a name: fast, and silent where anything fails."""

from __future__ import annotations

from pathlib import Path

from click.shell_completion import CompletionItem

from data_platform.errors import DataPlatformError
from data_platform.record.catalog.quick_names import list_output_names, list_product_names
from data_platform.settings import find_home


def complete_product(incomplete: str) -> list[CompletionItem]:
    """The products whose names begin so."""
    file = _record_file()
    return [CompletionItem(name) for name in list_product_names(file, incomplete)] if file else []


def complete_reference(incomplete: str) -> list[CompletionItem]:
    """The products whose names begin so; behind a dot the outputs of the product."""
    product, dot, output = incomplete.partition(".")
    if not dot:
        return complete_product(incomplete)
    file = _record_file()
    return [CompletionItem(f"{product}.{name}") for name in list_output_names(file, product, output)] if file else []


def _record_file() -> Path | None:
    try:
        home = find_home()
    except DataPlatformError:
        return None
    return home.record_file if home else None
