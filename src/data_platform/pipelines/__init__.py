"""What turns sources into published outputs: pipelines, their schedules, and the sources they read."""
