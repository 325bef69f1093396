"""Starts the page: `python app.py` here, and on Hugging Face Spaces.

HOST and PORT say where it listens (127.0.0.1:7860; every interface on Spaces), ZSLVIZ_DEVICE where the networks run.
"""

from __future__ import annotations

import os
import threading

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def main() -> None:
    from zslviz.ui.page import build_page
    from zslviz.ui.service import Service

    service = Service(device=os.environ.get("ZSLVIZ_DEVICE") or None)
    page = build_page(service)
    on_spaces = "SPACE_ID" in os.environ
    page.launch(
        server_name=os.environ.get("HOST", "0.0.0.0" if on_spaces else "127.0.0.1"),
        server_port=int(os.environ.get("PORT", "7860")),
        prevent_thread_lock=True,
    )
    # only now, when the page answers: the first example is explained while the visitor's browser loads it
    threading.Thread(target=service.warm_up, name="warm-up", daemon=True).start()
    page.blocks.block_thread()


if __name__ == "__main__":
    main()
