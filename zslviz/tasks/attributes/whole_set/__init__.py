"""A model's test photos as fused vectors: ranked again after edits of classes, with no photo and no network (docs/whole_set.md)."""
