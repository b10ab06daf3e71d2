"""The command line: `data-platform`. It has no logic of its own: a command calls the platform and prints the result."""
