"""Reading what is sealed: apart from the sealing, because pyarrow's datasets take a fifth of a second to load."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.dataset as ds
import pyarrow.parquet.encryption as pe

from data_platform.keys.parquet import CONNECTION, FOR_EVER, factory_of


class Unsealer:
    """Reads sealed columns with one set of keys (id → 32 bytes).

    It remembers every key that a file's columns needed. Read a value of each file first, in the thread at hand
    (`properties`): a scan (`dataset_format`) then finds all keys remembered, and none of pyarrow's threads has to ask
    for one. A thread that asks needs the interpreter's lock, and dies or waits for ever when Python ends meanwhile.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._factory = factory_of(keys)

    def properties(self) -> pe.FileDecryptionProperties:
        """What a ParquetFile needs."""
        return self._factory.file_decryption_properties(CONNECTION, _decryption())

    def dataset_format(self) -> ds.ParquetFileFormat:
        """The file format of a pyarrow dataset.

        A dataset is for one scan: pyarrow locks a fragment while it asks for a column's key, which may take the
        interpreter's lock, and begins a scan with both in the other order.
        """
        config = ds.ParquetDecryptionConfig(self._factory, CONNECTION, _decryption())
        options = ds.ParquetFragmentScanOptions(decryption_config=config, page_checksum_verification=True)
        return ds.ParquetFileFormat(default_fragment_scan_options=options)


def _decryption() -> pe.DecryptionConfiguration:
    return pe.DecryptionConfiguration(cache_lifetime=FOR_EVER)
