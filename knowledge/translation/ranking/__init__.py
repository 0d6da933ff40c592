"""Several readings of one question, told apart by a small trained model."""
