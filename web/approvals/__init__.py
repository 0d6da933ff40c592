"""Pages about gates: what waits for a person, and one gate with everything that is known of it."""
