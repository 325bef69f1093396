"""Calls of the named endpoints through gradio: callers in turn, bounded, and what gradio refuses said in a sentence."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.queueing import Event, Queue
from gradio.utils import LRUCache

MOST_CALLS = 100  # of one caller that may wait
MOST_OF_ALL = 200
KEPT_ANSWERS = 256  # callers whose answers are kept until they are fetched
_REFUSED = "The call cannot be read. A photo is sent to '/upload' first and named by the path that comes back."


class FairQueue(Queue):
    """Gradio's queue, where whoever has had no turn for longest is next. It keeps no statistics of calls, which nobody reads."""

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.pending_messages_per_session = LRUCache(KEPT_ANSWERS)
        self.ANALYTICS_MAX_EVENTS = 1
        self._served: dict[str, int] = {}  # callers, by when they had their last turn
        self._turns = 0

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        if len(self) >= MOST_OF_ALL:
            return False, f"{MOST_OF_ALL} calls are waiting already; try again in a minute.", "queue_full"
        caller = caller_of(body.session_hash, request)
        queues = self.event_queue_per_concurrency_id.values()
        if sum(caller_of_event(event) == caller for queue in queues for event in queue.queue) >= MOST_CALLS:
            return False, f"{MOST_CALLS} of your calls are waiting already; wait for their answers.", "queue_full"
        return await super().push(body, request, username)

    def send_message(self, event: Event, event_message: Any) -> None:
        if event.session_hash in self.pending_messages_per_session:  # else its caller has not fetched anything for long
            super().send_message(event, event_message)

    def get_events(self) -> Any:
        for queue in self.event_queue_per_concurrency_id.values():  # stable: a caller's own keep their order
            queue.queue.sort(key=lambda event: self._served.get(caller_of_event(event), 0))
        taken = super().get_events()
        if taken:
            self._turns += 1
            self._served[caller_of_event(taken[0][0])] = self._turns
            if len(self) == 0 or len(self._served) > 10 * KEPT_ANSWERS:
                self._served.clear()
        return taken

    def compute_analytics_summary(self, records: Any) -> Any:
        return {"functions": {}}


def caller_of_event(event: Event) -> str:
    session = None if event.session_hash == event._id else event.session_hash
    return caller_of(session, event.request)


def caller_of(session: str | None, request: Any) -> str:
    """Who calls: a client's session, or where there is none (plain HTTP) the machine that asks."""
    client = getattr(request, "client", None)
    return session or str(getattr(client, "host", ""))


class CallableBlocks(gr.Blocks):
    """Gradio's page, which says in a sentence what is wrong with a call that gradio itself refuses."""

    def queue(self, *settings: Any, **named: Any) -> CallableBlocks:
        super().queue(*settings, **named)
        made = self._queue
        self._queue = FairQueue(
            made.live_updates, made.max_thread_count, made.update_intervals, made.max_size, self,
            made.default_concurrency_limit,
        )  # fmt: skip
        return self

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        if len(inputs) < len(block_fn.inputs):
            names = ", ".join(str(block.label) for block in block_fn.inputs)
            raise gr.Error(f"'data' must hold {len(block_fn.inputs)} values: {names}.", print_exception=False)
        super().validate_inputs(block_fn, inputs)

    async def process_api(self, *settings: Any, **named: Any) -> dict[str, Any]:
        try:
            return await super().process_api(*settings, **named)
        except gr.Error:
            raise
        except Exception:  # of gradio's reading: our own functions raise no other than `gr.Error`
            raise gr.Error(_REFUSED, print_exception=False) from None
