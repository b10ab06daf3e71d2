"""Operation of a mesh: maintenance, garbage collection, backup, repair, and the audit log."""
