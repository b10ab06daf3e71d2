"""The commands, a file a group: each parses, calls the platform and prints."""
