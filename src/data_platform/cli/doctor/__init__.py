"""What `doctor` examines. It stands beside the platform, because it must speak when no platform can be opened."""
