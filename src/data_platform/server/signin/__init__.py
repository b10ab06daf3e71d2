"""Sign-in of people: one-time links, an OpenID provider, and the sessions of browsers."""
