"""The docs say what the code does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from data_platform.settings.keys import LIMITS, RECORD, SOURCE_TYPES

ROOT = Path(__file__).parent.parent


def test_generated_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    known = [*RECORD, *LIMITS, *(setting for kind in SOURCE_TYPES.values() for setting in kind)]
    assert [setting.name for setting in known if f"| `{setting.name}` |" not in page] == []
    assert [kind for kind in SOURCE_TYPES if f'type = "{kind}"' not in page] == []
