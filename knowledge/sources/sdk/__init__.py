"""What a new source is made of: `tabular` for anything that gives rows, `database` for anything that takes SQL."""
