"""Where values come from, to the column: queries in, facts out; pure, no table is opened."""
