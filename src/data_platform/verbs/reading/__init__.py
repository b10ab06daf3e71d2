"""Reads of published versions: consume, SQL, and the list of versions."""
