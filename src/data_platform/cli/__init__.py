"""The command line: `data-platform`. It holds no logic; every command calls the platform and prints."""
