"""Requests to the writer and the reviewer, each kept with its reply as soon as it is there: none is paid for twice."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock

from dataset_builder.client import TOO_LONG, Client
from dataset_builder.endpoint import Completion, EndpointError
from dataset_builder.journal import alone, append_line, read_lines
from dataset_builder.reasoning import drafting
from dataset_builder.reasoning.panel import DRAFT_TOKENS, VERDICT_TOKENS, Panel
from dataset_builder.service import limit_of


log = logging.getLogger(__name__)


@dataclass
class Calls:
    """The file of calls, and who is called.

    Attributes:
        settings: all that decides what is asked.
        known: replies by `key` of the request.
    """

    path: Path
    panel: Panel
    settings: dict
    writer: Client
    reviewer: Client
    known: dict[str, Completion]
    lock: Lock = field(default_factory=Lock)

    def of_row(self, row: str) -> drafting.Ask:
        """Asks for a row: a reply that is there comes from the file; another is asked for, and kept there."""
        numbers = count()

        def ask(step: str, messages: list[dict]) -> Completion:
            judging = step in (drafting.CHECK, drafting.REVIEW)
            client = self.reviewer if step == drafting.REVIEW else self.writer
            limit = VERDICT_TOKENS if judging else DRAFT_TOKENS
            fields = {"max_tokens": limit} | ({"temperature": 0} if judging else {})
            options = client.service.options(**fields)
            call = {"row": row, "number": next(numbers), "step": step, "model": client.endpoint.model}
            call |= {"messages": messages, "options": options}
            if reply := self.known.get(key(call)):
                return reply
            reply, cost = asked(client, messages, options, limit_of(options, limit))
            with self.lock:
                append_line(self.path, call | {"reply": asdict(reply), "cost": cost})
                self.known[key(call)] = reply
            return reply

        return ask


def key(call: dict) -> str:
    """A digest of a request, and of its place among those of its row: the same request may be made twice."""
    decisive = [call[name] for name in ("row", "number", "model", "messages", "options")]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def asked(client: Client, messages: list[dict], options: dict, limit: int) -> tuple[Completion, float | None]:
    """See `Client.ask`; that a question is too long for the model is a reply as well."""
    try:
        return client.ask(messages, options, limit)
    except EndpointError as error:
        if not TOO_LONG.search(f"{error.code} {error}"):
            raise
        return Completion("", drafting.TOO_LONG, str(error), 0, 0, None), 0.0 if client.service.paid else None


@contextmanager
def open_calls(folder: Path, panel: Panel, seed: int) -> Iterator[Calls]:
    """The calls of a panel, calls-<digest of all settings>.jsonl: other models, prompts or seeds, another file.

    Args:
        folder: is made where there is none.
        seed: of the dataset and the order of its rows.

    Raises:
        JournalError: another process has it open, or it is damaged.
        EndpointError: an address, a limit or a key that is none.
    """
    panel.check()
    settings = panel.settings | {"seed": seed}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    path = folder / f"calls-{digest[:12]}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists() and any(folder.glob("calls-*.jsonl")):
        log.warning("other models, prompts, request or seed than in the files of %s: %s begins", folder, path.name)
    with alone(path):
        known, spent = {}, 0.0
        for record in read_lines(path):
            if "reply" in record:
                known[key(record)] = Completion(**record["reply"])
                spent += record["cost"] or 0
        if path.stat().st_size == 0:
            append_line(path, {"settings": settings})
        yield Calls(path, panel, settings, *panel.clients(spent), known)
