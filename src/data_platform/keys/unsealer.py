"""Decrypts Parquet files. It is separate from encryption, because pyarrow.dataset takes 0.2 seconds to import."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.dataset as ds
import pyarrow.parquet.encryption as pe

from data_platform.keys.parquet import CACHE_LIFETIME, CONNECTION, get_factory


class Unsealer:
    """Decrypts columns with one set of keys (id → 32 bytes).

    It caches every key that was used. Read a value of each file first, in the current thread (`build_properties`): a
    scan (`build_dataset_format`) then finds all keys in the cache, and no thread of pyarrow requests one. A thread that
    requests a key needs the GIL, and crashes or hangs if Python exits at that moment.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._factory = get_factory(keys)

    def build_properties(self) -> pe.FileDecryptionProperties:
        """Returns the decryption properties for a ParquetFile."""
        return self._factory.file_decryption_properties(CONNECTION, _build_decryption())

    def build_dataset_format(self) -> ds.ParquetFileFormat:
        """Returns the file format for a pyarrow dataset.

        Use a dataset for one scan only: pyarrow locks a fragment while it requests the key of a column, which may take
        the GIL, and starts a scan with both locks in the other order.
        """
        config = ds.ParquetDecryptionConfig(self._factory, CONNECTION, _build_decryption())
        options = ds.ParquetFragmentScanOptions(decryption_config=config, page_checksum_verification=True)
        return ds.ParquetFileFormat(default_fragment_scan_options=options)


def _build_decryption() -> pe.DecryptionConfiguration:
    return pe.DecryptionConfiguration(cache_lifetime=CACHE_LIFETIME)
