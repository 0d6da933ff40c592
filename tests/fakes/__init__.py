"""In-memory twins of our own ports; each passes the contract suite that the real implementation passes."""
