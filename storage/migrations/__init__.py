"""The steps from one schema to the next, for Alembic; both databases take the same ones."""
