"""Training on cached features: the cache, the losses, the loop and the recipes."""
