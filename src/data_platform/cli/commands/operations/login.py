"""login, logout: store the token of a server, and forget it."""

from __future__ import annotations

import sys
import threading
import webbrowser
from pathlib import Path

import click

from data_platform.cli.console.console import Styled, is_terminal, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.stdout import require_stdin
from data_platform.cli.options import json_option
from data_platform.cli.path_types import STDIO, InputPath
from data_platform.client.address import ServerAddress, parse_address
from data_platform.client.browser_login import PATIENCE_SECONDS, sign_in_by_browser
from data_platform.client.credentials import GIVEN, BearerToken
from data_platform.client.logins import remove_login, store_login
from data_platform.client.transport import HttpTransport
from data_platform.errors import BadInput
from data_platform.platform import Platform
from data_platform.settings.server_variables import URL_VARIABLE, find_server_url
from data_platform.spec.text.file import LARGEST, NoRegularFile, read_bounded

URL = "URL"


@click.command()
@click.argument("url", metavar=URL)
@click.option("--token-file", metavar="FILE", type=InputPath(dash=True), help="Read the token from FILE; - is stdin.")
@click.option("--browser", is_flag=True, help="Sign in with the browser, where the server has an OpenID provider.")
@json_option
def login(url: str, token_file: Path | None, browser: bool, as_json: bool) -> None:
    """Store a token for a server.

    The token is asked for, or read from FILE or standard input, and tried before it is stored: in the keyring of the
    system (extra `keyring`), else in a file that only you can read. It is used whenever DATA_PLATFORM_URL names this
    URL and DATA_PLATFORM_TOKEN is not set. With --browser you sign in there, and get a token for 30 days.

    \b
    Examples:
      data-platform login https://mesh.example.com
      data-platform login https://mesh.example.com --browser
      data-platform login https://mesh.example.com --token-file token.txt
    """
    address = parse_address(url, URL)
    if browser and token_file is not None:
        raise click.UsageError("--browser and --token-file are two ways to get a token: give one")
    if browser:
        token = sign_in_by_browser(address, _open_browser)
    else:
        token = BearerToken.parse(_read_token(address, token_file), GIVEN)
    with Platform(HttpTransport(address, token)) as mesh:
        caller = mesh.who_am_i()
    place = store_login(address, token.text)
    if as_json:
        print_json({"url": str(address), "principal": caller.principal, "stored": place})
        return
    console = stdout_console()
    console.write_line(f"logged in to {address} as ", Styled(caller.principal, "bold"), f"; the token is in {place}")
    if find_server_url() is None:
        console.write_line(Styled(f"  to use it: export {URL_VARIABLE}={address}", "dim"))


@click.command()
@click.argument("url", metavar=f"[{URL}]", required=False)
@json_option
def logout(url: str | None, as_json: bool) -> None:
    """Forget the stored token of a server.

    Without URL it is the server in DATA_PLATFORM_URL. The token stays valid: `tokens revoke` ends it.

    \b
    Example:
      data-platform logout https://mesh.example.com
    """
    named = url or find_server_url()
    if named is None:
        raise click.UsageError(f"name the server, or set {URL_VARIABLE}")
    address = parse_address(named, URL if url else URL_VARIABLE)
    removed = remove_login(address)
    if as_json:
        print_json({"url": str(address), "removed": removed})
    else:
        stdout_console().write_line(f"logged out of {address}" if removed else f"no login is stored for {address}")


def _open_browser(url: str) -> None:
    stderr_console().write_line(f"sign in with the browser within {PATIENCE_SECONDS // 60:.0f} minutes: {url}")
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()  # some browsers return when they end


def _read_token(address: ServerAddress, file: Path | None) -> str:
    if file is not None and str(file) != STDIO:
        return _read_file(file)
    require_stdin()
    if file is None and is_terminal(sys.stdin):
        return str(click.prompt(f"token for {address}", hide_input=True, err=True))
    return sys.stdin.readline()


def _read_file(file: Path) -> str:
    try:
        return read_bounded(file, LARGEST).decode("utf-8-sig")
    except NoRegularFile as error:
        raise BadInput(f"{file}: {error}", hint="a token from a pipe: --token-file -") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None
