"""In-person sessions and everything that happens at a later time."""
