"""Reads settings.toml. All problems are reported at once, with their lines and without values that may be secret."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data_platform.errors import BadInput, InvalidSpec, NotFound, Problem, StorageFailed
from data_platform.settings.channels import CHANNEL_NAME, ChannelSettings
from data_platform.settings.environments import Environment, Environments
from data_platform.settings.home import Home
from data_platform.settings.key_managers import (
    AwsKmsSettings,
    KeyManagerName,
    KeyManagerSettings,
    VaultSettings,
)
from data_platform.settings.keys import (
    AWS_KMS,
    CHANNEL,
    ENVIRONMENTS,
    KEYS,
    LIMITS,
    OPENLINEAGE,
    QUOTAS,
    RECORD,
    SOURCE_TYPES,
    VAULT,
    Check,
    Setting,
    check_name,
    describe_type,
    make_choice_check,
)
from data_platform.settings.openlineage import OpenLineage
from data_platform.settings.places import find_places
from data_platform.settings.principal import Role
from data_platform.settings.quotas import Quota
from data_platform.settings.read_options import ReadOptions
from data_platform.settings.server import SERVED_ROLES, OidcSettings, ServerSettings
from data_platform.settings.server_keys import OIDC, SERVER
from data_platform.settings.sources import FilesSource, PostgresSource, SourceSettings
from data_platform.settings.template import Template

LARGEST = 1_000_000
SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of SQL: wall-clock seconds, MiB of memory, and for the result of a query its rows and MiB.

    `row_mb` are the MiB that one row of a text file may have in a publish.
    """

    rule_seconds: int = 30
    rule_memory_mb: int = 1024
    query_seconds: int = 60
    query_memory_mb: int = 2048
    query_rows: int = 1_000_000
    query_result_mb: int = 1024
    row_mb: int = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """The content of settings.toml; `record_url` None is a SQLite file in the home, `openlineage` None sends no events.

    `environments` None: the home belongs to no environment. `quotas` are by domain, `channels` of alerts by name.
    """

    home: Path
    record_url: Template | None = None
    limits: Limits = Limits()
    sources: Mapping[str, SourceSettings] = field(default_factory=lambda: MappingProxyType({}))
    openlineage: OpenLineage | None = None
    environments: Environments | None = None
    server: ServerSettings = field(default_factory=ServerSettings)
    quotas: Mapping[str, Quota] = field(default_factory=lambda: MappingProxyType({}))
    keys: KeyManagerSettings = field(default_factory=KeyManagerSettings)
    channels: Mapping[str, ChannelSettings] = field(default_factory=lambda: MappingProxyType({}))

    def redact(self, text: str) -> str:
        """Returns the text with the values of all secrets that the settings reference replaced by their variables."""
        sources = (source.uri for source in self.sources.values() if isinstance(source, PostgresSource))
        api_key = self.openlineage.api_key if self.openlineage else None
        client_secret = self.server.oidc.client_secret if self.server.oidc else None
        channels = (template for channel in self.channels.values() for template in (channel.url, channel.secret))
        for template in filter(None, (*sources, *channels, self.record_url, api_key, client_secret)):
            text = template.redact(text)
        return text

    def find_source(self, name: str) -> SourceSettings:
        """Returns the source of that name. Raises NotFound with the nearest name."""
        name = str(name)
        if name in self.sources:
            return self.sources[name]
        near = get_close_matches(name, self.sources, n=1)
        file = self.home / "settings.toml"
        raise NotFound(
            f"no source {name!r} in {file}",
            hint=f"did you mean {near[0]!r}?" if near else f"declare it in {file}: [sources.{name}]",
        )


def load_settings(home: Home) -> Settings:
    """Loads the settings of a home; without a settings.toml they are the defaults.

    Raises InvalidSpec with all problems of the file, StorageFailed if it cannot be read. A variable that is not set is
    an error only when its source is used.
    """
    text = _read(home.settings_file)
    reader = _SettingsReader(str(home.settings_file), find_places(text))
    return reader.read_settings(home.path, _parse(text, reader))


def _read(path: Path) -> str:
    try:
        if not path.exists():
            return ""
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise InvalidSpec([Problem(str(path), 0, 0, f"this must be a file of at most {LARGEST} bytes")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(str(path), 0, 0, f"this is not UTF-8: byte {error.start}", "save the file as UTF-8")
        raise InvalidSpec([problem]) from None
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}") from error


def _parse(text: str, reader: _SettingsReader) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError, and so is an int of 5,000 digits
        what = re.sub(r"\s*\(at .*\)$", "", str(error)) if isinstance(error, tomllib.TOMLDecodeError) else "too much"
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        raise InvalidSpec([Problem(reader.file, line, column, f"this is not TOML: {what}")]) from None


@dataclass(slots=True)
class _SettingsReader:
    """A settings file, and the problems found so far."""

    file: str
    places: Mapping[tuple[str, ...], tuple[int, int]]
    problems: list[Problem] = field(default_factory=list)

    def read_settings(self, home: Path, content: Mapping[str, Any]) -> Settings:
        tables = ("record", "limits", "keys", "server", "quotas", "openlineage", "environments", "sources", "channels")
        self._check_names((), content, tables)
        url = self._read_table(("record",), content.get("record", {}), RECORD).get("url")
        limits = self._read_table(("limits",), content.get("limits", {}), LIMITS)
        openlineage = self._read_openlineage(content["openlineage"]) if "openlineage" in content else None
        environments = self._read_environments(home, content["environments"]) if "environments" in content else None
        server = self._read_server(content.get("server", {}))
        quotas = self._read_quotas(content.get("quotas", {}))
        keys = self._read_keys(home, content.get("keys", {}))
        sources = {}
        for name, value in self._require_table(("sources",), content.get("sources", {})).items():
            if source := self._read_source(home, name, value):
                sources[name] = source
        channels = self._read_channels(content.get("channels", {}))
        if self.problems:
            raise InvalidSpec(self.problems)
        record_url = Template(url, "the record ([record] url)") if url else None
        return Settings(
            home,
            record_url,
            Limits(**limits),
            MappingProxyType(sources),
            openlineage,
            environments,
            server,
            quotas,
            keys,
            channels,
        )

    def _read_openlineage(self, value: object) -> OpenLineage | None:
        path = ("openlineage",)
        values = self._read_table(path, value, OPENLINEAGE)
        if "url" not in values:
            if not isinstance(value, dict) or "url" not in value:
                self._report(path, "[openlineage] needs the url of the receiver", 'url = "http://localhost:5000"')
            return None
        if "api_key" in values:
            values["api_key"] = Template(values["api_key"], "the OpenLineage receiver ([openlineage] api_key)")
        return OpenLineage(**values)

    def _read_environments(self, home: Path, value: object) -> Environments | None:
        path = ("environments",)
        values = self._read_table(path, value, ENVIRONMENTS)
        if "this" not in values:
            if not isinstance(value, dict) or "this" not in value:
                self._report(path, "[environments] does not declare which environment this home is", 'this = "dev"')
            return None
        named = [environment for environment in Environment if environment.value in values]
        homes = {
            environment: Template(
                values[environment.value], f"the home of {environment} ([environments] {environment})"
            )
            for environment in named
        }
        return Environments(home, Environment(values["this"]), MappingProxyType(homes))

    def _read_quotas(self, value: object) -> Mapping[str, Quota]:
        quotas = {}
        for domain, table in self._require_table(("quotas",), value).items():
            quotas[domain] = Quota.from_settings(self._read_table(("quotas", domain), table, QUOTAS))
        return MappingProxyType(quotas)

    def _read_channels(self, value: object) -> Mapping[str, ChannelSettings]:
        channels = {}
        for name, table in self._require_table(("channels",), value).items():
            path = ("channels", name)
            if not CHANNEL_NAME.fullmatch(name):
                self._report(path, "a channel's name is a letter or #, then letters, digits, _ or -, 63 at most")
            values = self._read_table(path, table, CHANNEL)
            if "url" not in values:
                if not isinstance(table, dict) or "url" not in table:
                    self._report(path, f"[channels.{name}] needs a url", 'url = "${ALERTS_URL}"')
                continue
            for secret in ("url", "secret"):
                if secret in values:
                    values[secret] = Template(values[secret], f"channel {name!r} ([channels.{name}] {secret})")
            channels[name] = ChannelSettings(name, **_freeze_lists(values))
        return MappingProxyType(channels)

    def _read_keys(self, home: Path, value: object) -> KeyManagerSettings:
        table = dict(self._require_table(("keys",), value))
        vault = self._read_key_manager("vault", table, VAULT)
        aws_kms = self._read_key_manager("aws_kms", table, AWS_KMS)
        declared = {KeyManagerName.VAULT: "vault" in table, KeyManagerName.AWS_KMS: "aws_kms" in table}
        named = {name: table[name] for name in table if name not in declared}
        values = self._read_table(("keys",), named, KEYS)
        manager = KeyManagerName(values.get("manager", KeyManagerName.LOCAL))
        if not declared.get(manager, True):
            self._report(("keys", "manager"), f'manager = "{manager}" needs the table [keys.{manager}]')
        if vault and "ca_file" in vault:
            vault["ca_file"] = str(home / Path(vault["ca_file"]).expanduser())
        return KeyManagerSettings(
            manager, VaultSettings(**vault) if vault else None, AwsKmsSettings(**aws_kms) if aws_kms else None
        )

    def _read_key_manager(
        self, name: str, table: Mapping[str, object], settings: Sequence[Setting]
    ) -> dict[str, Any] | None:
        """Returns the values of a key manager's table; None without it, or if one that is required is not valid."""
        if name not in table:
            return None
        path, required = ("keys", name), next(setting.name for setting in settings if setting.default is None)
        values = self._read_table(path, table[name], settings)
        if required in values:
            return values
        content = table[name]
        if isinstance(content, dict) and required not in content:
            self._report(path, f"[keys.{name}] needs {required}")
        return None

    def _read_server(self, value: object) -> ServerSettings:
        table = dict(self._require_table(("server",), value))
        oidc = self._read_oidc(table.pop("oidc")) if "oidc" in table else None
        values = self._read_table(("server",), table, SERVER, also=("oidc",))
        if "public_url" in values:
            values["public_url"] = values["public_url"].rstrip("/")
        return ServerSettings(**_freeze_lists(values), oidc=oidc)

    def _read_oidc(self, value: object) -> OidcSettings | None:
        path = ("server", "oidc")
        table = dict(self._require_table(path, value))
        checks = {"teams": check_name, "roles": make_choice_check(SERVED_ROLES), "services": check_name}
        maps: dict[str, Any] = {
            name: self._read_texts((*path, name), table.pop(name, {}), check) for name, check in checks.items()
        }
        values = self._read_table(path, table, OIDC, also=tuple(checks))
        if missing := [name for name in ("issuer", "client_id") if name not in table]:
            self._report(path, f"[server.oidc] needs {' and '.join(missing)}")
        if not {"issuer", "client_id"} <= values.keys():
            return None
        maps["roles"] = MappingProxyType({group: Role(role) for group, role in maps["roles"].items()})
        if "default_role" in values:
            values["default_role"] = Role(values["default_role"])
        if "client_secret" in values:
            values["client_secret"] = Template(values["client_secret"], "sign-in ([server.oidc] client_secret)")
        return OidcSettings(**_freeze_lists(values), **maps)

    def _read_texts(self, path: tuple[str, ...], value: object, check: Check) -> Mapping[str, str]:
        """Returns a table whose values pass the check; others are reported."""
        texts = {}
        for name, text in self._require_table(path, value).items():
            if complaint := check(text):
                self._report((*path, name), f"{name}: {complaint}")
            else:
                texts[name] = str(text)
        return MappingProxyType(texts)

    def _read_source(self, home: Path, name: str, value: object) -> SourceSettings | None:
        path = ("sources", name)
        if not SOURCE_NAME.fullmatch(name):
            self._report(path, "a source's name is a letter, then letters, digits, _ or -, 63 at most")
        table = dict(self._require_table(path, value))
        kind = table.pop("type", None)
        if not isinstance(kind, str) or kind not in SOURCE_TYPES:
            types = " or ".join(f'"{name}"' for name in SOURCE_TYPES)
            self._report((*path, "type"), f"a source needs a type: {types}")
            return None
        values = self._read_table(path, table, SOURCE_TYPES[kind], also=("type",))
        if missing := [s.name for s in SOURCE_TYPES[kind] if s.default is None and s.name not in values]:
            if not set(missing) & set(table):
                self._report(path, f"a source of type {kind} needs {', '.join(missing)}")
            return None
        owner = f"source {name!r}"
        if kind == "postgres":
            return PostgresSource(name, Template(values["uri"], owner))
        folder = Template(values.pop("path"), owner)
        try:
            return FilesSource(name, folder, home, ReadOptions(**values))
        except BadInput as error:
            self._report(path, error.message)
            return None

    def _read_table(
        self, path: tuple[str, ...], value: object, settings: Sequence[Setting], also: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Returns the valid values of a table; invalid ones are reported."""
        table = self._require_table(path, value)
        self._check_names(path, table, (*also, *(setting.name for setting in settings)))
        right = {}
        for setting in settings:
            if setting.name not in table:
                continue
            if complaint := setting.check(table[setting.name]):
                self._report((*path, setting.name), f"{setting.name}: {complaint}")
            else:
                right[setting.name] = table[setting.name]
        return right

    def _require_table(self, path: tuple[str, ...], value: object) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._report(path, f"{'.'.join(path)} must be a table, not {describe_type(value)}", f"write [{'.'.join(path)}]")
        return {}

    def _check_names(self, path: tuple[str, ...], table: Mapping[str, Any], names: Sequence[str]) -> None:
        for name in table:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(names)}"
                self._report((*path, name), f"unknown setting {'.'.join((*path, name))!a}", hint)

    def _report(self, path: tuple[str, ...], message: str, hint: str | None = None) -> None:
        line, column = next((self.places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.places), (0, 0))
        self.problems.append(Problem(self.file, line, column, message, hint))


def _freeze_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
