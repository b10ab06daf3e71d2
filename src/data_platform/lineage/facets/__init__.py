"""Facets of OpenLineage events, a file for each subject; `_schemaURL` names the version of the standard."""
