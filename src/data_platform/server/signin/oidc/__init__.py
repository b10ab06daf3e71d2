"""OpenID Connect: authorization code with PKCE, and the access tokens of services."""
