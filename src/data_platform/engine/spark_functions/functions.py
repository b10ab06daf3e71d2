"""All functions of frames, by Spark's name: importing this module registers them."""

from __future__ import annotations

from data_platform.engine.spark_functions import aggregates, arrays, moments, numbers, regex, strings
from data_platform.engine.spark_functions.registry import (
    FOLDS,
    HIGHER_ORDER,
    RANKINGS,
    RULES,
    apply,
    make_unknown_function_error,
    read_name,
)

MODULES = (aggregates, arrays, moments, numbers, regex, strings)

__all__ = ["FOLDS", "HIGHER_ORDER", "MODULES", "RANKINGS", "RULES", "apply", "make_unknown_function_error", "read_name"]
