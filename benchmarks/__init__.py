"""The budgets of the design, measured: ours against a named baseline, side by side in interleaved rounds."""
