"""What is to be known of our construction of HDAFL before it is built."""

from collections.abc import Mapping
from typing import Any

from zslviz.models.fusions import SHARES
from zslviz.models.hdafl.loss import training_loss
from zslviz.models.hdafl.network import HDAFL, HDAFLConfig
from zslviz.models.registry import Fusion, System


def fusions(granularities: int, loss: Mapping[str, Any]) -> list[Fusion]:
    """The kernels' answers, all alike, and the global one, for each share of a grid (`System.fusions`).

    The plain sum comes first: by its weights each answer is measured alone.
    """
    kernels = granularities - 1
    shared = [(share,) * kernels + (round(kernels * (1 - share), 1),) for share in SHARES]
    return [("dot", weights) for weights in [(1.0,) * granularities, *shared]]


SYSTEM = System(
    "hdafl",
    "HDAFL (our construction)",
    HDAFL,
    HDAFLConfig,
    frozenset({"attributes", "attention", "evidence"}),
    granularities=HDAFL.granularities,
    strides=(32,) * len(HDAFL.granularities),
    grounded=(0, 1, 2),
    about="HDAFL's code is not public; this is our construction from its abstract (arXiv 2404.04953).",
    loss=training_loss,
    fusions=fusions,
)
