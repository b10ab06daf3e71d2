"""The ground a session stands on: the home folder, its settings, and who is at work."""

from data_platform.settings.environments import Environment, Environments
from data_platform.settings.file import Limits, Settings, load_settings
from data_platform.settings.home import Home, find_home, home_place, init_home
from data_platform.settings.identity import Principal, identity
from data_platform.settings.openlineage import OpenLineage
from data_platform.settings.sources import FilesSource, PostgresSource, SourceSettings
from data_platform.settings.template import Template

__all__ = [
    "Environment",
    "Environments",
    "FilesSource",
    "Home",
    "Limits",
    "OpenLineage",
    "PostgresSource",
    "Principal",
    "Settings",
    "SourceSettings",
    "Template",
    "find_home",
    "home_place",
    "identity",
    "init_home",
    "load_settings",
]
