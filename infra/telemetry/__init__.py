"""What operators see: structured logs."""
