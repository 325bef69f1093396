"""What is to be known of the yardsticks ESZSL and DAP before they are built: two ways to solve for one linear map."""

from zslviz.models.linear.network import LinearAttributes, LinearConfig
from zslviz.models.registry import System

ESZSL, DAP = (
    System(
        name,
        title,
        LinearAttributes,
        LinearConfig,
        frozenset({"attributes", "evidence"}),  # a mean looks everywhere alike: its attention tells nothing
        granularities=LinearAttributes.granularities,
        strides=(32,),
        closed_form=True,
    )
    for name, title in (("eszsl", "ESZSL"), ("dap", "DAP"))
)
