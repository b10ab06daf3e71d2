"""Writes the pictures of docs/images: `python docs/screenshots.py`, after `make demo`, with the extra `browser`."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
HOME, IMAGES = ROOT / "demo" / ".data-platform", ROOT / "docs" / "images"
WIDTH, HEIGHT, COLOURS, LARGEST = 1280, 800, 96, 150_000
COMMAND = [sys.executable, "-m", "data_platform"]
PICTURES = {
    "home": ("/", "light"),
    "product": ("/products/sales", "light"),
    "quality": ("/products/orders?view=quality", "light"),
    "sample": ("/products/customers/customers_dim?view=sample", "light"),
    "lineage": ("/lineage/sales?output=revenue_by_segment&column=revenue", "dark"),
    "governance": ("/governance", "dark"),
}


def main() -> None:
    """Takes the pictures as a consumer."""
    environment = {**os.environ, "DATA_PLATFORM_HOME": str(HOME), "DATA_PLATFORM_USER": "demo"}
    token = create_token(environment)
    IMAGES.mkdir(exist_ok=True)
    with serve(environment) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (path, theme) in PICTURES.items():
            picture = compress(take_picture(browser, url + path, theme, token))
            if len(picture) > LARGEST:
                sys.exit(f"docs/images/{name}.png has {len(picture)} bytes, and may have {LARGEST}")
            (IMAGES / f"{name}.png").write_bytes(picture)
            print(f"docs/images/{name}.png  {len(picture) / 1000:.0f} kB")
        browser.close()


def create_token(environment: dict[str, str]) -> str:
    """The token of a consumer, for whom personal data is masked."""
    command = [*COMMAND, "tokens", "create", "ana", "--role", "consumer", "--expires", "1d", "--json"]
    token: str = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)["token"]
    return token


@contextmanager
def serve(environment: dict[str, str]) -> Iterator[str]:
    """The URL of a server of the demo's mesh."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [*COMMAND, "serve", "--port", "0", "--ready-file", str(ready)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                while not ready.exists():
                    if server.poll() is not None:
                        sys.exit("the server ended: run `make demo` first")
                    time.sleep(0.05)
                yield json.loads(ready.read_text())["url"]
            finally:
                server.terminate()


def take_picture(browser: Browser, url: str, theme: str, token: str) -> bytes:
    """The upper part of a page, as PNG."""
    with browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        extra_http_headers={"Authorization": f"Bearer {token}"},
    ) as context:
        page = context.new_page()
        answer = page.goto(url)
        if answer is None or not answer.ok:
            sys.exit(f"{url} was not answered: {answer and answer.status}")
        return page.screenshot()


def compress(png: bytes) -> bytes:
    """The same picture in fewer colours."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


main()
