"""Files of people, who write and keep them as they like: an answer, or one sentence; and nothing lost that was there."""

from zslviz.files.plain import (
    MAX_NAME,
    MAX_TEXT_BYTES,
    check_can_hold,
    check_file,
    check_folder,
    check_folder_name,
    check_room,
    check_writable,
    decode_text,
    is_there,
    read_bytes,
    read_json,
    read_text,
    reason,
    replacing,
)

__all__ = [
    "MAX_NAME",
    "MAX_TEXT_BYTES",
    "check_can_hold",
    "check_file",
    "check_folder",
    "check_folder_name",
    "check_room",
    "check_writable",
    "decode_text",
    "is_there",
    "read_bytes",
    "read_json",
    "read_text",
    "reason",
    "replacing",
]
