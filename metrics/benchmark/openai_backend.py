"""Answers of a model behind any OpenAI-compatible endpoint: many at once, within limits of rate and cost.

The endpoint applies its own chat template. Where that writes the day's date into the prompt (Llama-3.2's does; that of
Llama-3.1 and ours have a fixed one), answers differ from those of the other backends, which pin it; vLLM and
`transformers serve` take {"chat_template_kwargs": {"date_string": "26 Jul 2024"}} in --request.
"""

import json
import platform
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from dataset_builder.endpoint import Completion, Endpoint, EndpointError, Pace, api_key, complete, open_session
from dataset_builder.tags import shorten
from metrics.benchmark.asking import Batch, Settings
from metrics.benchmark.cost import Purse, prompt_estimate
from metrics.benchmark.stored import EvaluationError


if TYPE_CHECKING:
    import requests

TOO_LONG = re.compile(r"context.{0,3}(length|window|size)|too long|maximum.{1,20}tokens", re.IGNORECASE)
FLAGGED = ("content_filter", "invalid_prompt")  # error codes of a question that a service will not put to its model

Question = tuple[str, list[dict]]  # row id and messages
T, R = TypeVar("T"), TypeVar("R")


def identify(settings: Settings) -> str:
    """The name and the address, since a service does not say which weights it has.

    Raises:
        EvaluationError: no endpoint, or a limit that is none.
    """
    service = settings.service
    if service is None:
        raise EvaluationError("--backend openai needs --base-url, an OpenAI-compatible endpoint")
    if settings.revision:
        raise EvaluationError(f"a service has no revision {settings.revision!r}; --revision is for Hub ids")
    limits = (service.requests_per_minute, service.tokens_per_minute, service.price_in, service.price_out)
    if service.concurrency < 1 or service.timeout_s <= 0 or min(limits) < 0:
        raise EvaluationError("give --concurrency, --timeout, rates and prices as positive numbers")
    if service.budget is not None and not (service.price_in or service.price_out):
        raise EvaluationError("--budget needs --price-in and --price-out, the prices of a million tokens")
    try:
        Endpoint(service.base_url, settings.model)
        api_key()
    except EndpointError as error:
        raise EvaluationError(str(error)) from None
    return f"{settings.model} as served at {service.base_url}"


def answers(rows: pa.Table, settings: Settings) -> Iterator[dict | Batch]:
    """The environment, then every answer as a batch of its own, as soon as it is there.

    Raises:
        EvaluationError: the endpoint refuses or fails, or the budget is reached; after the answers under way.
    """
    service, options = settings.service, request_options(settings)
    answer_limit = limit_of(options, settings.max_new_tokens)
    purse = Purse(service, settings.spent, answer_limit)
    pace = Pace(service.requests_per_minute, service.tokens_per_minute)
    session = open_session(service.concurrency)
    endpoint = Endpoint(service.base_url, settings.model, service.timeout_s)
    questions = list(zip(rows["id"].to_pylist(), rows["prompt"].to_pylist(), strict=True))
    purse.announce([messages for _, messages in questions])

    def ask(question: Question) -> tuple[str, Completion, bool, float | None]:
        row, messages = question
        tokens = prompt_estimate(messages) + answer_limit
        answer, cut = fitting(session, endpoint, messages, options, pace, tokens)
        return row, answer, cut, purse.settle(messages, answer.prompt_tokens, answer.answer_tokens)

    yield environment() | {"concurrency": service.concurrency}
    start = time.perf_counter()
    try:
        for row, answer, cut, cost in in_parallel(
            ask, affordable(questions, purse), service.concurrency, pace.stopped
        ):
            now = time.perf_counter()
            yield Batch([row], [answer.text], [row] if cut else [], now - start, columns(answer, cost))
            start = now
    except EndpointError as error:
        raise EvaluationError(f"{error}. The answers so far are kept; the same command asks only the rest") from None


def affordable(questions: list[Question], purse: Purse) -> Iterator[Question | None]:
    """The questions, each once it may be paid for whatever those under way will cost; None while it may not yet.

    Raises:
        EndpointError: there is no money left for one.
    """
    for i, question in enumerate(questions):
        while True:
            others = purse.aside  # before the try, or one that ends in between would look like none
            if purse.set_aside(question[1]):
                break
            if not others:
                raise EndpointError(
                    f"the budget of {purse.budget:,.4f} has no room for another question: {purse.spent:,.4f} are "
                    f"spent, {len(questions) - i:,} questions are left; raise --budget to go on"
                )
            yield None
        yield question


def request_options(settings: Settings) -> dict:
    """The fields of a request beside model and messages: greedy, and what the user sets or (by None) takes away."""
    options = {"max_tokens": settings.max_new_tokens, "temperature": 0} | settings.service.request
    return {name: value for name, value in options.items() if value is not None}


def limit_of(options: dict, default: int) -> int:
    """The most tokens that an answer may have, reasoning included."""
    return options.get("max_completion_tokens") or options.get("max_tokens") or default


def environment() -> dict:
    """What is known of where the answers come from; which model served each is kept with the answer."""
    return {"platform": platform.platform(), "python": platform.python_version(), "requests": version("requests")}


def fitting(
    session: "requests.Session",
    endpoint: Endpoint,
    messages: list[dict],
    options: dict,
    pace: Pace,
    tokens: float,
) -> tuple[Completion, bool]:
    """The answer, and whether a sequence was shortened until the endpoint found room for it.

    A question that the service flags counts as refused.
    """
    *before, question = messages
    text = question["content"]
    while True:
        try:
            answer = complete(session, endpoint, [*before, question | {"content": text}], options, pace, tokens)
            return answer, text != question["content"]
        except EndpointError as error:
            if error.code in FLAGGED:
                return Completion("", error.code, str(error), 0, 0, None), text != question["content"]
            shorter = shorten(text, len(text) // 8)
            if not TOO_LONG.search(f"{error.code} {error}") or shorter == text:
                raise
            text = shorter


def columns(answer: Completion, cost: float | None) -> dict[str, list]:
    """What predictions.parquet keeps of an answer beside its text."""
    return {
        "prompt_tokens": [answer.prompt_tokens],
        "answer_tokens": [answer.answer_tokens],
        "finish_reason": [answer.finish_reason],
        "refusal": [answer.refusal],
        "served_as": [answer.served_as],
        "cost": [cost],
    }


def in_parallel(
    function: Callable[[T], R], items: Iterable[T | None], workers: int, stopped: threading.Event
) -> Iterator[R]:
    """What `function` returns for the items, as it comes.

    An item is taken when a worker is free for it; None stands for one that has to wait until another is done.
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


def parsed_request(text: str) -> dict:
    """The JSON object of --request.

    Raises:
        EvaluationError: it is none.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or {"model", "messages", "stream"} & set(found):
        raise EvaluationError(
            f"--request {text!r}: give a JSON object of request fields, such as "
            '{"max_tokens": null, "max_completion_tokens": 2000}; model, messages and stream are set here'
        )
    return found
