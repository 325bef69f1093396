"""The systems, a folder each, and the registry that builds them by name."""
