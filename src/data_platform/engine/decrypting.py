"""Encrypted columns, read through a pyarrow dataset that holds their keys."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from data_platform.engine.source import Source
from data_platform.errors import FrameError
from data_platform.keys.parquet import decrypting_format, decryption_properties

_HINT = "leave them out, or ask for them masked (mask=True)"


def decrypting(name: str, source: Source, sealed: Sequence[str]) -> ds.Dataset:
    """The source as a dataset that can read the `sealed` columns; FrameError where its keys do not open them."""
    listed = ", ".join(sealed)
    if not source.keys:
        raise FrameError(f"{name}: no key to read the encrypted {listed}", hint=_HINT)
    try:
        _try_keys(source, sealed)
    except (InvalidUnwrap, KeyError, pa.ArrowException) as error:
        raise FrameError(f"{name}: the keys held do not open the encrypted {listed}", hint=_HINT) from error
    return ds.dataset(list(source.files), schema=source.schema, format=decrypting_format(source.keys))


def _try_keys(source: Source, sealed: Sequence[str]) -> None:
    """One value read in this very thread: a key that fails inside a dataset's threads hangs pyarrow 26 for ever."""
    with pq.ParquetFile(source.files[0], decryption_properties=decryption_properties(source.keys)) as file:
        if file.num_row_groups:
            next(file.iter_batches(1, row_groups=[0], columns=list(sealed), use_threads=False), None)
