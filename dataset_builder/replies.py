"""JSON in a model's reply, which may stand between other words."""

import json


def json_in(reply: str, kind: type) -> list | dict | None:
    """The last JSON list or object in the reply, as `kind` says; None without one.

    What a model thinks aloud (`<think>…</think>`) is no part of its reply; line breaks inside strings are read.
    """
    text, found = reply.rpartition("</think>")[2], None
    decoder, bracket = json.JSONDecoder(strict=False), {list: "[", dict: "{"}[kind]
    start = text.find(bracket)
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except ValueError:
            end = start + 1
        start = text.find(bracket, end)
    return found
