"""Photos become features: computed once and kept, or on the fly."""
