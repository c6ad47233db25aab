"""A writer and a reviewer behind a scripted endpoint: honest, but for the faults that a test gives a question."""

import json
import re
from collections import Counter
from collections.abc import Callable
from threading import Lock

from dataset_builder.reasoning import prompts
from tests.scripted_endpoint import Handler


STEPS = {prompts.WRITE: "write", prompts.CHECK: "check", prompts.REVIEW: "review"}
AGREED = {
    "check": dict.fromkeys(("analysis", "knowledge", "reasoning", "references"), True) | {"advice": ""},
    "review": {"accurate": True, "consistent": True, "problems": []},
}

Fault = Callable[[Handler, str], None]  # answers through the handler, given the honest reply


class Scripted:
    """`behave` for `serving`.

    Args:
        faults: by question: the step at which it fails, how, and how often before it is honest.
    """

    def __init__(self, faults: dict[str, tuple[str, Fault, int]] | None = None) -> None:
        self.faults = faults or {}
        self.failed: Counter[str] = Counter()
        self.asked: list[tuple[str, str]] = []  # step and question, in the order of arrival
        self.lock = Lock()

    def __call__(self, handler: Handler, user: str) -> None:
        step = STEPS[handler.body["messages"][0]["content"]]
        question = user.split("Question:\n", 1)[1].split("\n\nMeasurements:", 1)[0]
        reply = json.dumps({"answer": honest(user)} if step == "write" else AGREED[step])
        where, fault, times = self.faults.get(question, ("", None, 0))
        with self.lock:
            self.asked.append((step, question))
            fails = step == where and self.failed[question] < times
            self.failed[question] += fails
        fault(handler, reply) if fails else handler.answer(reply)


def honest(user: str) -> str:
    """An answer of the given measurements that ends in the given result."""
    length = re.search(r"- length_\w+.*: (\d+)", user)[1]
    shares = re.search(r"- gc_percent: ([\d.]+)", user)
    facts = f"The sequence is {length} letters long" + (f" and its GC content is {shares[1]}%." if shares else ".")
    result = user.split("Established result:\n", 1)[1].rpartition(" (label: ")[0].split(" (label: ")[0]
    return f"{facts} Composition alone is weak evidence.\n\n{result}"


def rewritten(change: Callable[[str], str]) -> Fault:
    """The fault of a writer whose answer is not the honest one."""
    return lambda handler, reply: handler.answer(json.dumps({"answer": change(json.loads(reply)["answer"])}))


def replying(**fields: object) -> Fault:
    """The fault of a judge whose verdict has these fields instead."""
    return lambda handler, reply: handler.answer(json.dumps(json.loads(reply) | fields))
