"""Databases: dumps of PostgreSQL restored once, and rows of tables and queries."""
