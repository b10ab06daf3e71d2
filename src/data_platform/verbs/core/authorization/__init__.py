"""Who may do what to which resource, and which part of the mesh and of a table a caller finds."""
