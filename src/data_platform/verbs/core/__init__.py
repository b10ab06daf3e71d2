"""What every verb uses: the opened mesh, requests, authorisation, and the lookup of names."""
