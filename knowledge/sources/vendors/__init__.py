"""Warehouses by extra, each on its vendor's SQLAlchemy dialect."""
