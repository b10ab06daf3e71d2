"""Shell completion of product and output names. It is fast, and prints nothing on failure."""

from __future__ import annotations

from pathlib import Path

from click.shell_completion import CompletionItem

from data_platform.errors import DataPlatformError
from data_platform.record.catalog.completion_names import list_output_names, list_product_names
from data_platform.settings import find_home
from data_platform.settings.server_variables import find_server_url


def list_product_completions(incomplete: str) -> list[CompletionItem]:
    """Returns the products whose names begin with `incomplete`."""
    file = _record_file()
    return [CompletionItem(name) for name in list_product_names(file, incomplete)] if file else []


def list_reference_completions(incomplete: str) -> list[CompletionItem]:
    """Returns matching products; after a dot, matching outputs of the product."""
    product, dot, output = incomplete.partition(".")
    if not dot:
        return list_product_completions(incomplete)
    file = _record_file()
    return [CompletionItem(f"{product}.{name}") for name in list_output_names(file, product, output)] if file else []


def _record_file() -> Path | None:
    if find_server_url() is not None:  # asking a server at each press of a key is too slow
        return None
    try:
        home = find_home()
    except DataPlatformError:
        return None
    return home.record_file if home else None
