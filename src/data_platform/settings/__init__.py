"""The ground a session stands on: the home folder, its settings, and who is at work."""

from data_platform.settings.environments import Environment, Environments
from data_platform.settings.file import Limits, Settings, load_settings
from data_platform.settings.home import (
    Home,
    absolute_path,
    check_new_home,
    find_home,
    home_place,
    init_home,
    is_home,
    make_home,
    no_home,
    not_a_home,
    require_home,
)
from data_platform.settings.identity import Principal, identity
from data_platform.settings.new_home import NewHome
from data_platform.settings.openlineage import OpenLineage
from data_platform.settings.sources import FilesSource, PostgresSource, SourceSettings
from data_platform.settings.template import Template

__all__ = [
    "Environment",
    "Environments",
    "FilesSource",
    "Home",
    "Limits",
    "NewHome",
    "OpenLineage",
    "PostgresSource",
    "Principal",
    "Settings",
    "SourceSettings",
    "Template",
    "absolute_path",
    "check_new_home",
    "find_home",
    "home_place",
    "identity",
    "init_home",
    "is_home",
    "load_settings",
    "make_home",
    "no_home",
    "not_a_home",
    "require_home",
]
