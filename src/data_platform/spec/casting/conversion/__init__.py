"""How Arrow arrays of one type become arrays of a column's type without changing a value."""
