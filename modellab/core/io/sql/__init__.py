"""Databases: restoring dumps of PostgreSQL, and reading tables and queries."""
