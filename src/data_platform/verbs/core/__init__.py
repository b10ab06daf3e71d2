"""What every verb uses: the opened mesh, the context of a request, its claim, quotas, and times."""
