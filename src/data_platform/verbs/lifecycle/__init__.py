"""How products and majors change hands, names and state, and end."""
