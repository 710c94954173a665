"""Databases: from a dump to tables, and from tables to rows."""
