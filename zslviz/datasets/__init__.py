"""Data sets: each reader yields photos, their truth, a space and a split. The folder is an argument."""
