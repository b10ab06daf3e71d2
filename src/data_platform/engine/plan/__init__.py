"""What a DataFrame means: the plan, how each method changes it, and how it becomes one SQL statement."""
