"""Feature pyramids by name: a photo's pixels in, the maps c3, c4, c5 (strides 8, 16, 32) out."""

from zslviz.backbones.registry import BACKBONES, Backbone, BackboneSpec, Pyramid, build_backbone

__all__ = ["BACKBONES", "Backbone", "BackboneSpec", "Pyramid", "build_backbone"]
