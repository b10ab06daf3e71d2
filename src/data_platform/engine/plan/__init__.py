"""The plan of a DataFrame: its nodes, how each method changes it, and how it is compiled to one SQL statement."""
