"""Parquet Modular Encryption: plaintext footer, AES-256-GCM, a key per column.

Source: https://github.com/apache/parquet-format/blob/master/Encryption.md. pyarrow creates the data keys, one per
file and column, and wraps them twice: with a key of the writer, which is wrapped (RFC 3394) with the key of the
keyring. Readers without keys can read the other columns.
"""

from __future__ import annotations

import ctypes
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from data_platform.keys.ring import earlier_key_id

CONNECTION = pe.KmsConnectionConfig(kms_instance_id="keyring", kms_instance_url="local")
CACHE_LIFETIME = timedelta(days=3650)


def build_encryption_properties(
    keys: Mapping[str, bytes], footer_key: str, column_keys: Mapping[str, Sequence[str]]
) -> pe.FileEncryptionProperties:
    """Returns the properties for a ParquetWriter that encrypts `column_keys` (key id → leaf paths) with `keys`."""
    configuration = pe.EncryptionConfiguration(
        footer_key=footer_key,
        column_keys={key_id: list(paths) for key_id, paths in column_keys.items()},
        encryption_algorithm="AES_GCM_V1",
        plaintext_footer=True,
        double_wrapping=True,
        data_key_length_bits=256,
        cache_lifetime=CACHE_LIFETIME,
    )
    return get_factory(keys).file_encryption_properties(CONNECTION, configuration)


_FACTORIES: dict[frozenset[tuple[str, bytes]], pe.CryptoFactory] = {}


def get_factory(keys: Mapping[str, bytes]) -> pe.CryptoFactory:
    """Returns the factory for a set of keys, which exists until the process ends.

    Its last owner may be a thread of pyarrow that is still reading ahead, and its destructor takes the GIL: if Python
    exits at that moment, the process aborts or hangs. Therefore a reference is kept that is never released.
    """
    key_set = frozenset(keys.items())
    factory = _FACTORIES.get(key_set)
    if factory is None:
        factory = _FACTORIES.setdefault(key_set, _make_factory(dict(key_set)))
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(factory))
    return factory


if hasattr(os, "register_at_fork"):
    # a thread that was not forked may have locked a factory: a forked child creates its own
    os.register_at_fork(after_in_child=_FACTORIES.clear)


def _make_factory(master_keys: Mapping[str, bytes]) -> pe.CryptoFactory:
    class Client(pe.KmsClient):  # type: ignore[misc]  # pyarrow ships no types
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            return b64encode(aes_key_wrap(master_keys[master_key_identifier], key_bytes))

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            wrapped, key, number = b64decode(wrapped_key), master_keys[master_key_identifier], 0
            while True:
                with suppress(InvalidUnwrap):
                    return aes_key_unwrap(key, wrapped)
                number += 1  # without an earlier key, KeyError: the key of this file was erased
                key = master_keys[earlier_key_id(master_key_identifier, number)]

    def make_client(_: Any) -> Client:
        return Client()

    factory = pe.CryptoFactory(make_client)
    if master_keys:
        _make_client(factory, next(iter(master_keys)))
    return factory


def _make_client(factory: pe.CryptoFactory, key_id: str) -> None:
    """Makes the factory create its client now, in this thread, by encrypting with it.

    If it were created at its first use, that would happen under a lock that waits for the GIL, with the same result.
    The client is cached by the id of `CONNECTION`: without an id, encryption and decryption would use one each.
    """
    configuration = pe.EncryptionConfiguration(
        footer_key=key_id, uniform_encryption=True, cache_lifetime=CACHE_LIFETIME
    )
    factory.file_encryption_properties(CONNECTION, configuration)
