"""Many labels in one photo, each by the vector of its name."""
