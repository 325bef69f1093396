"""Starts the page: `python app.py` here, and on Hugging Face Spaces.

HOST and PORT say where it listens (127.0.0.1:7860; every interface on Spaces), ZSLVIZ_DEVICE where the networks run.
"""

from __future__ import annotations

import os
import sys
import threading

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def main() -> None:
    from zslviz.ui.page import build_page
    from zslviz.ui.service import Service

    service = Service(device=os.environ.get("ZSLVIZ_DEVICE") or None)
    page = build_page(service)
    host = os.environ.get("HOST", "0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1")
    port = os.environ.get("PORT", "7860")
    if on_zero_gpu := bool(os.environ.get("SPACES_ZERO_GPU")):
        service.explainer(service.checkpoints[0].name)  # the GPU function has to be known before the launch
    try:
        page.launch(server_name=host, server_port=int(port), prevent_thread_lock=True)
    except (OSError, ValueError):
        sys.exit(f"The page cannot listen on {host}:{port}; set HOST and PORT to an address and a port that are free.")
    if not on_zero_gpu:
        # only now, when the page answers: the first example is explained while the visitor's browser loads it
        threading.Thread(target=service.warm_up, name="warm-up", daemon=True).start()
    page.blocks.block_thread()


if __name__ == "__main__":
    main()
