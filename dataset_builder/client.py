"""Questions to a service from many threads, within its limits of rate and cost."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dataset_builder.endpoint import Completion, Endpoint, EndpointError, Pace, complete
from dataset_builder.service import Service, prompt_estimate


if TYPE_CHECKING:
    import requests

TOO_LONG = re.compile(r"context.{0,3}(length|window|size)|too long|maximum.{1,20}tokens", re.IGNORECASE)
FLAGGED = ("content_filter", "invalid_prompt")  # error codes of a question that a service will not put to its model

T, R = TypeVar("T"), TypeVar("R")


class Purse:
    """The money of a command, for many threads.

    Args:
        budget: None for no limit.
        spent: what was spent before.
    """

    def __init__(self, budget: float | None, spent: float) -> None:
        self.budget = float("inf") if budget is None else budget
        self.spent, self.under_way = spent, []
        self.changed = threading.Condition()

    def set_aside(self, most: float) -> None:
        """Return once so much may be spent, whatever the questions under way will cost; it is kept until `settle`.

        Raises:
            EndpointError: none is under way, and there is not so much left.
        """
        with self.changed:
            while self.spent + sum(self.under_way) + most > self.budget:
                if not self.under_way:
                    raise EndpointError(
                        f"the budget of {self.budget:,.4f} has no room for another question: {self.spent:,.4f} are "
                        "spent; raise --budget to go on"
                    )
                self.changed.wait()
            self.under_way.append(most)

    def settle(self, most: float, cost: float) -> None:
        """Of what was set aside, `cost` is spent and the rest is free."""
        with self.changed:
            self.under_way.remove(most)
            self.spent += cost
            self.changed.notify_all()

    def __str__(self) -> str:
        spent = f"; {self.spent:,.4f} spent before" if self.spent else ""
        return spent + (f"; budget {self.budget:,.4f}" if self.budget < float("inf") else "")


@dataclass(frozen=True)
class Client:
    """A model of a service, and the limits that it shares with others."""

    service: Service
    endpoint: Endpoint
    session: "requests.Session"
    pace: Pace
    purse: Purse

    def ask(self, messages: list[dict], options: dict, answer_limit: int) -> tuple[Completion, float | None]:
        """The answer and its cost, None without prices; what a service flags is refused and costs nothing.

        Where the service counts no tokens, the answer cost what it may have at most: by an estimate for its prompt,
        and the longest answer.

        Args:
            options: further fields of the request.
            answer_limit: tokens that the answer has at most.

        Raises:
            EndpointError: the endpoint refuses or fails, or the budget is reached.
        """
        tokens, cost = prompt_estimate(messages), 0.0
        most = self.service.price(tokens, answer_limit)
        self.purse.set_aside(most)
        try:
            answer = self.complete(messages, options, tokens + answer_limit)
            counted = answer.prompt_tokens is not None
            cost = self.service.price(answer.prompt_tokens, answer.answer_tokens or 0) if counted else most
        finally:
            self.purse.settle(most, cost)
        return answer, cost if self.service.paid else None

    def complete(self, messages: list[dict], options: dict, tokens: float) -> Completion:
        """See `ask`; `tokens` is what the request counts for in the tokens per minute."""
        try:
            return complete(self.session, self.endpoint, messages, options, self.pace, tokens)
        except EndpointError as error:
            if error.code not in FLAGGED:
                raise
            return Completion("", error.code, str(error), 0, 0, None)


def in_parallel(
    function: Callable[[T], R], items: Iterable[T | None], workers: int, stopped: threading.Event
) -> Iterator[R]:
    """What `function` returns for the items, as it comes.

    An item is taken when a worker is free for it; None stands for one that is known only when another is done.
    After the first fault, or Ctrl-C, `stopped` is set, and what is under way is still waited for and yielded, since it
    may be paid for. Then the fault is raised.
    """
    waiting, running, fault = iter(items), set(), None
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                done: set[Future[R]] = set()
                try:
                    while fault is None and len(running) < workers and (item := next(waiting, None)) is not None:
                        running.add(pool.submit(function, item))
                    if not running:
                        break
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                except (EndpointError, KeyboardInterrupt) as error:
                    if isinstance(fault, KeyboardInterrupt):
                        raise  # the second Ctrl-C
                    fault = error
                for future in done:
                    if error := future.exception():
                        fault = fault or error
                    else:
                        yield future.result()
                if fault:
                    stopped.set()
        finally:
            stopped.set()
    if fault:
        raise fault
