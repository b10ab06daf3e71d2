"""The environment of a session: the home folder, its settings, and the user."""

from data_platform.settings.channels import ChannelSettings
from data_platform.settings.environments import Environment, Environments
from data_platform.settings.file import Limits, Settings, load_settings
from data_platform.settings.home import (
    Home,
    check_new_home,
    expand_path,
    find_home,
    find_outer_home,
    init_home,
    is_home,
    make_home,
    no_home_error,
    not_a_home_error,
    require_home,
    resolve_home_path,
)
from data_platform.settings.identity import resolve_identity
from data_platform.settings.key_managers import AwsKmsSettings, KeyManagerName, KeyManagerSettings, VaultSettings
from data_platform.settings.new_home import NewHome
from data_platform.settings.openlineage import OpenLineage
from data_platform.settings.principal import CallerToken, Principal, PrincipalKind, Role, RoleGrant, TokenScope
from data_platform.settings.server import OidcSettings, ServerSettings
from data_platform.settings.sources import FilesSource, PostgresSource, SourceSettings
from data_platform.settings.template import Template

__all__ = [
    "AwsKmsSettings",
    "CallerToken",
    "ChannelSettings",
    "Environment",
    "Environments",
    "FilesSource",
    "Home",
    "KeyManagerName",
    "KeyManagerSettings",
    "Limits",
    "NewHome",
    "OidcSettings",
    "OpenLineage",
    "PostgresSource",
    "Principal",
    "PrincipalKind",
    "Role",
    "RoleGrant",
    "ServerSettings",
    "Settings",
    "SourceSettings",
    "Template",
    "TokenScope",
    "VaultSettings",
    "check_new_home",
    "expand_path",
    "find_home",
    "find_outer_home",
    "init_home",
    "is_home",
    "load_settings",
    "make_home",
    "no_home_error",
    "not_a_home_error",
    "require_home",
    "resolve_home_path",
    "resolve_identity",
]
