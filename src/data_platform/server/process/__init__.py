"""The processes of a server: its socket, its workers, and how they begin and end."""
