"""Answers of a model behind any OpenAI-compatible endpoint: many at once, within limits of rate and cost.

The endpoint applies its own chat template. Where that writes the day's date into the prompt (Llama-3.2's does; that of
Llama-3.1 and ours have a fixed one), answers differ from those of the other backends, which pin it; vLLM and
`transformers serve` take {"chat_template_kwargs": {"date_string": "26 Jul 2024"}} in --request.
"""

import logging
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

import pyarrow as pa

from dataset_builder.client import TOO_LONG, Client, Purse, in_parallel
from dataset_builder.endpoint import Completion, Endpoint, EndpointError, Pace, api_key, open_session
from dataset_builder.service import limit_of, prompt_estimate
from dataset_builder.tags import shorten
from metrics.benchmark.asking import Batch, Settings
from metrics.benchmark.stored import EvaluationError


Question = tuple[str, list[dict]]  # row id and messages

log = logging.getLogger(__name__)


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
    try:
        service.check()
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
    service = settings.service
    options = service.options(max_tokens=settings.max_new_tokens, temperature=0)  # greedy
    answer_limit = limit_of(options, settings.max_new_tokens)
    endpoint = Endpoint(service.base_url, settings.model, service.timeout_s)
    pace = Pace(service.requests_per_minute, service.tokens_per_minute)
    purse = Purse(service.budget, settings.spent)
    client = Client(service, endpoint, open_session(service.concurrency), pace, purse)
    questions = list(zip(rows["id"].to_pylist(), rows["prompt"].to_pylist(), strict=True))
    announce(client, [messages for _, messages in questions], answer_limit)

    def ask(question: Question) -> tuple[str, Completion, float | None, bool]:
        row, messages = question
        return row, *fitting(client, messages, options, answer_limit)

    yield environment() | {"concurrency": service.concurrency}
    start, left = time.perf_counter(), len(questions)
    try:
        for row, answer, cost, cut in in_parallel(ask, questions, service.concurrency, pace.stopped):
            now, left = time.perf_counter(), left - 1
            yield Batch([row], [answer.text], [row] if cut else [], now - start, columns(answer, cost))
            start = now
    except EndpointError as error:
        raise EvaluationError(
            f"{error}. {left:,} questions are left; the answers so far are kept, the same command asks only the rest"
        ) from None


def announce(client: Client, prompts: list[list[dict]], answer_limit: int) -> None:
    """Say how much is about to be asked, and what it costs at most."""
    tokens, answers = sum(map(prompt_estimate, prompts)), answer_limit * len(prompts)
    line = f"{len(prompts):,} questions: about {tokens:,.0f} tokens, answers at most {answers:,}"
    if cost := client.service.price(tokens, answers):
        line += f"; at most about {cost:,.4f} at the given prices"
    log.info("%s%s", line, client.purse)


def environment() -> dict:
    """What is known of where the answers come from; which model served each is kept with the answer."""
    return {"platform": platform.platform(), "python": platform.python_version(), "requests": version("requests")}


def fitting(
    client: Client, messages: list[dict], options: dict, answer_limit: int
) -> tuple[Completion, float | None, bool]:
    """The answer, its cost, and whether a sequence was shortened until the endpoint found room for it."""
    *before, question = messages
    text = question["content"]
    while True:
        try:
            answer, cost = client.ask([*before, question | {"content": text}], options, answer_limit)
            return answer, cost, text != question["content"]
        except EndpointError as error:
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
