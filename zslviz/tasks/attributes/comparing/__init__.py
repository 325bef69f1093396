"""Two models on one photo, and on a whole test set: what each reads, how each ranks, and what of the one decides for the other."""

from zslviz.tasks.attributes.comparing.comparison import Comparison as Comparison
from zslviz.tasks.attributes.comparing.comparison import compare as compare
