"""TPC-H data and queries, spread over three sources."""
