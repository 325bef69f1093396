"""The systems, one a file, and the registry that builds them by name."""

from zslviz.models.output import AttributeOutput
from zslviz.models.registry import MODELS, build_model, config_from_dict

__all__ = ["MODELS", "AttributeOutput", "build_model", "config_from_dict"]
