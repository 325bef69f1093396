"""Starts the page: `python app.py` here, and on Hugging Face Spaces.

HOST and PORT, or GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, say where it listens (127.0.0.1:7860; every interface on Spaces),
ZSLVIZ_DEVICE where the networks run.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  (it has to come before torch)


def main() -> None:
    from zslviz.errors import ZslvizError
    from zslviz.runtime.devices import check_device, let_mps_fall_back
    from zslviz.runtime.extras import naming_extras
    from zslviz.runtime.starting import end_when_asked, ending_as_asked, printing_never_fails

    def begin() -> None:
        check_device(device)
        with naming_extras():
            from zslviz.ui.serving import place_told, serve
        serve(*place_told(os.environ), device)

    printing_never_fails()
    end_when_asked()
    let_mps_fall_back()
    device = os.environ.get("ZSLVIZ_DEVICE") or None
    try:
        ending_as_asked(begin)()
    except ZslvizError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
