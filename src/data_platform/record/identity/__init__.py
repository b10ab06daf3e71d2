"""Who may ask: principals, teams, roles, tokens, and the owners that principals claim."""
