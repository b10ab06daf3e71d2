"""Products, outputs and versions."""
