"""Features by the name of a backbone: a photo's pixels in, the maps c3, c4, c5 (strides 8, 16, 32) out."""

from zslviz.backbones.base import Backbone, BackboneSpec
from zslviz.backbones.features import Features
from zslviz.backbones.registry import BACKBONES, build_backbone, is_backbone, spec_of

__all__ = ["BACKBONES", "Backbone", "BackboneSpec", "Features", "build_backbone", "is_backbone", "spec_of"]
