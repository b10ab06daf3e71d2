"""What the server says of itself: its OpenAPI document."""
