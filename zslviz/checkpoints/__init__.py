"""Checkpoints on disk: a folder with `model.safetensors`, `config.json`, `metrics.json` and a model card."""
