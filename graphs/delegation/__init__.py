"""Who decides in whose place, asked and arranged in words."""
