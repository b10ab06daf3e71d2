"""The error of a condition that cannot be read."""

from __future__ import annotations


class LanguageError(ValueError):
    """One thing wrong with a condition, at `at` (an offset into its text)."""

    def __init__(self, at: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint
