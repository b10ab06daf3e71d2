"""One Vault server over its HTTP API: connections, sign-in, and what can go wrong on the way.

Source: https://developer.hashicorp.com/vault/api-docs. The token is that of `VAULT_TOKEN`, else AppRole signs in with
`VAULT_ROLE_ID` and `VAULT_SECRET_ID`. None of them is stored, or appears in an error.
"""

from __future__ import annotations

import json
import os
import time
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple

from data_platform.errors import StorageFailed
from data_platform.installing import VERSION
from data_platform.settings.key_managers import VaultSettings

TOKEN, ROLE_ID, SECRET_ID = "VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID"
_PAUSES = (0.2, 1.0)
"""Seconds before the second and the third attempt of a request that Vault could not serve."""
_LONGEST_PAUSE = 5.0
_LARGEST_ANSWER = 1_000_000


class VaultAnswer(NamedTuple):
    """The status of an answer below 500, its `data`, and its `errors`."""

    status: int
    data: dict[str, Any]
    errors: tuple[str, ...] = ()


class VaultClient:
    """A Vault server. Threads may share it; nothing is sent before the first request."""

    def __init__(self, settings: VaultSettings) -> None:
        self._settings = settings
        self._token: str | None = None
        self._lock = Lock()
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f"VaultClient({self._settings.address!r})"

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> VaultAnswer:
        """Sends a request as the signed-in caller; a token of AppRole that has ended is replaced once.

        Raises StorageFailed for a server that does not answer, or that refuses the caller.
        """
        token = self._get_token()
        answer = self._send_repeatedly(method, path, body, token)
        if answer.status == HTTPStatus.FORBIDDEN and self._drop_token(token):
            answer = self._send_repeatedly(method, path, body, self._get_token())
        if answer.status == HTTPStatus.FORBIDDEN:
            raise StorageFailed(
                f"Vault at {self._settings.address} refuses {method} {path}",
                hint="its policy must allow this path to the token, and the token must be valid",
            )
        return answer

    def _get_token(self) -> str:
        if token := os.environ.get(TOKEN):
            return token
        with self._lock:
            if self._token is None:
                self._token = self._sign_in()
            return self._token

    def _drop_token(self, token: str) -> bool:
        """Forgets a token of AppRole; False for one of the environment."""
        with self._lock:
            if token == os.environ.get(TOKEN):
                return False
            if self._token == token:
                self._token = None
            return True

    def _sign_in(self) -> str:
        role, secret = os.environ.get(ROLE_ID), os.environ.get(SECRET_ID)
        if not role or not secret:
            raise StorageFailed(
                f"Vault at {self._settings.address} cannot be asked: there is no token",
                hint=f"set {TOKEN}, or {ROLE_ID} and {SECRET_ID}",
            )
        path = f"auth/{self._settings.approle_mount}/login"
        answer = self._send_repeatedly("POST", path, {"role_id": role, "secret_id": secret}, None)
        token = answer.data.get("client_token")
        if answer.status != HTTPStatus.OK or not isinstance(token, str) or not token:
            raise StorageFailed(
                f"Vault at {self._settings.address} refuses the sign-in of the AppRole (status {answer.status})",
                hint=f"check {ROLE_ID}, {SECRET_ID}, and approle_mount in settings.toml",
            )
        return token

    def _send_repeatedly(self, method: str, path: str, body: dict[str, Any] | None, token: str | None) -> VaultAnswer:
        """The answer; a request is repeated where Vault has too much to do, or fails."""
        pauses = iter(_PAUSES)
        while True:
            response = self._send_once(method, path, body, token)
            if response.status < HTTPStatus.INTERNAL_SERVER_ERROR and response.status != HTTPStatus.TOO_MANY_REQUESTS:
                return self._read_answer(response)
            pause = next(pauses, None)
            if pause is None:
                raise self._explain_status(response.status)
            time.sleep(_read_pause(response.headers.get("Retry-After"), pause))

    def _send_once(self, method: str, path: str, body: dict[str, Any] | None, token: str | None) -> Any:
        problems: Any = import_module("urllib3.exceptions")
        headers = {"User-Agent": f"data-platform/{VERSION}", "X-Vault-Request": "true"}
        if token is not None:
            headers["X-Vault-Token"] = token
        if self._settings.namespace is not None:
            headers["X-Vault-Namespace"] = self._settings.namespace
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self._settings.address.rstrip('/')}/v1/{path}"
        try:
            return self._get_pool().request(method, url, body=content, headers=headers, redirect=False, retries=False)
        except (problems.LocationValueError, UnicodeError, ValueError) as error:
            reason = type(error).__name__  # a header that cannot be sent: its text may hold the token
            raise StorageFailed(f"nothing can be sent to Vault at {self._settings.address}: {reason}") from None
        except (problems.HTTPError, OSError) as error:
            raise self._explain_connection(error, problems) from None

    def _read_answer(self, response: Any) -> VaultAnswer:
        if 300 <= response.status < 400:
            place = str(response.headers.get("Location", "another place"))[:200]
            raise StorageFailed(
                f"Vault at {self._settings.address} leads to {place}", hint="write its address to settings.toml"
            )
        try:
            if len(response.data) > _LARGEST_ANSWER:
                raise ValueError
            document = json.loads(response.data) if response.data else {}
            data = document.get("data") or document.get("auth") or {}
            return VaultAnswer(response.status, dict(data), tuple(map(str, document.get("errors") or ())))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise StorageFailed(
                f"{self._settings.address} does not answer as Vault does (status {response.status})",
                hint="check [keys.vault] address in settings.toml",
            ) from None

    def _explain_status(self, status: int) -> StorageFailed:
        reason = "it is sealed, or in maintenance" if status == HTTPStatus.SERVICE_UNAVAILABLE else f"status {status}"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            reason = "it has too many requests"
        return StorageFailed(f"Vault at {self._settings.address} cannot answer: {reason}", hint="try again later")

    def _explain_connection(self, error: BaseException, problems: Any) -> StorageFailed:
        address = self._settings.address
        if isinstance(error, problems.SSLError):
            return StorageFailed(
                f"Vault at {address} cannot be trusted: its certificate is not valid for this host",
                hint="name the authority that signed it in settings.toml: [keys.vault] ca_file",
            )
        is_refused = isinstance(error, problems.NewConnectionError)  # which is a ConnectTimeoutError too
        if isinstance(error, problems.TimeoutError) and not is_refused:
            return StorageFailed(
                f"Vault at {address} has not answered for {self._settings.timeout_seconds} seconds",
                hint="try again later, or raise timeout_seconds of [keys.vault] in settings.toml",
            )
        return StorageFailed(
            f"Vault at {address} cannot be reached: {type(error).__name__}",
            hint="is it running, and is [keys.vault] address in settings.toml right?",
        )

    def _get_pool(self) -> Any:
        if self._process != os.getpid():  # a forked child may not use the connections of its parent
            self.__dict__.pop("_pool", None)
            self._process = os.getpid()
        return self._pool

    @cached_property
    def _pool(self) -> Any:
        library: Any = import_module("urllib3")
        timeout = library.Timeout(connect=self._settings.timeout_seconds, read=self._settings.timeout_seconds)
        options: dict[str, Any] = {"timeout": timeout, "cert_reqs": "CERT_REQUIRED", "maxsize": 4}
        if self._settings.ca_file is not None:
            if not os.access(self._settings.ca_file, os.R_OK):
                raise StorageFailed(
                    f"the certificates {self._settings.ca_file} cannot be read",
                    hint="correct [keys.vault] ca_file in settings.toml",
                )
            options["ca_certs"] = self._settings.ca_file
        return library.PoolManager(**options)


def _read_pause(retry_after: str | None, pause: float) -> float:
    """The seconds that the server asks to wait, five at most; else `pause`."""
    return min(float(retry_after), _LONGEST_PAUSE) if retry_after and retry_after.isdigit() else pause
