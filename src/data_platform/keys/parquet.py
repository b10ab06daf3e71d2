"""Parquet Modular Encryption: plaintext footer, AES-256-GCM, a key per column.

Source: https://github.com/apache/parquet-format/blob/master/Encryption.md. The data keys are made by pyarrow, one a
file and column, and wrapped twice: by a key of the writing, and that one (RFC 3394) by the keyring's key. Readers
without keys still read the other columns.
"""

from __future__ import annotations

import ctypes
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

CONNECTION = pe.KmsConnectionConfig(kms_instance_id="keyring", kms_instance_url="local")
FOR_EVER = timedelta(days=3650)


def encryption_properties(
    keys: Mapping[str, bytes], footer_key: str, column_keys: Mapping[str, Sequence[str]]
) -> pe.FileEncryptionProperties:
    """What a ParquetWriter needs to seal `column_keys` (key id → Parquet leaf paths); `keys` has every id named."""
    configuration = pe.EncryptionConfiguration(
        footer_key=footer_key,
        column_keys={key_id: list(paths) for key_id, paths in column_keys.items()},
        encryption_algorithm="AES_GCM_V1",
        plaintext_footer=True,
        double_wrapping=True,
        data_key_length_bits=256,
        cache_lifetime=FOR_EVER,
    )
    return factory_of(keys).file_encryption_properties(CONNECTION, configuration)


_FACTORIES: dict[frozenset[tuple[str, bytes]], pe.CryptoFactory] = {}


def factory_of(keys: Mapping[str, bytes]) -> pe.CryptoFactory:
    """One factory a set of keys, which lives as long as the process.

    Its last owner may be a thread of pyarrow's that still reads ahead, and its end takes the interpreter's lock: were
    Python ending at that moment, the process would abort or hang. So a reference is held that nothing gives back.
    """
    known = frozenset(keys.items())
    factory = _FACTORIES.get(known)
    if factory is None:
        factory = _FACTORIES.setdefault(known, _new_factory(keys))
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(factory))
    return factory


if hasattr(os, "register_at_fork"):
    # a thread that was not forked may hold a factory's lock: a forked child makes its own
    os.register_at_fork(after_in_child=_FACTORIES.clear)


def _new_factory(keys: Mapping[str, bytes]) -> pe.CryptoFactory:
    held = dict(keys)

    class Client(pe.KmsClient):  # type: ignore[misc]  # pyarrow ships no types
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            return b64encode(aes_key_wrap(held[master_key_identifier], key_bytes))

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            try:
                return aes_key_unwrap(held[master_key_identifier], b64decode(wrapped_key))
            except InvalidUnwrap:  # a later key of the same column: the one that sealed this file is gone
                raise KeyError(master_key_identifier) from None

    def client(_: Any) -> Client:
        return Client()

    factory = pe.CryptoFactory(client)
    if held:
        _make_client(factory, next(iter(held)))
    return factory


def _make_client(factory: pe.CryptoFactory, key_id: str) -> None:
    """Has the factory make its client now, in this thread: sealing with it does.

    Made when it is first needed, it is made under a lock that waits for the interpreter's, with the same end. The
    client is kept by `CONNECTION`'s id: without one, sealing and reading keep one each.
    """
    configuration = pe.EncryptionConfiguration(footer_key=key_id, uniform_encryption=True, cache_lifetime=FOR_EVER)
    factory.file_encryption_properties(CONNECTION, configuration)
