"""Whether a photo looks like anything that a model was shown: out-of-distribution detection on what its encoder sees anyway."""
