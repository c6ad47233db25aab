"""What a command says of a service that it asks: how much at once, how fast, at what price, with which request."""

import argparse
import json
from dataclasses import dataclass, field

from dataset_builder.endpoint import EndpointError


# A sequence of 2,000 letters is at most 1,200 tokens (paper, appendix B); words have fewer tokens a letter.
TOKENS_PER_LETTER = 0.6


@dataclass(frozen=True)
class Service:
    """An OpenAI-compatible endpoint, and how much to ask of it.

    Attributes:
        base_url: what stands before /chat/completions.
        concurrency: questions that wait for their answer at the same time, at most.
        requests_per_minute, tokens_per_minute: 0 for no limit.
        price_in, price_out: of a million tokens of prompts and of answers, in any one currency.
        budget: what all answers may cost together, in that currency.
        request: fields of every request that replace those that a command sets; None takes a field away.
        timeout_s: a connection that is silent for so long is given up.
    """

    base_url: str
    concurrency: int = 8
    requests_per_minute: float = 0
    tokens_per_minute: float = 0
    price_in: float = 0
    price_out: float = 0
    budget: float | None = None
    request: dict = field(default_factory=dict)
    timeout_s: float = 300

    def check(self) -> None:
        """Raises EndpointError where a limit is none."""
        limits = (self.requests_per_minute, self.tokens_per_minute, self.price_in, self.price_out)
        if self.concurrency < 1 or self.timeout_s <= 0 or min(limits) < 0:
            raise EndpointError("give --concurrency, --timeout, rates and prices as positive numbers")
        if self.budget is not None and not self.paid:
            raise EndpointError("--budget needs --price-in and --price-out, the prices of a million tokens")

    @property
    def paid(self) -> bool:
        """Whether there are prices."""
        return bool(self.price_in or self.price_out)

    def price(self, prompt_tokens: float, answer_tokens: float) -> float:
        """The cost of so many tokens."""
        return (self.price_in * prompt_tokens + self.price_out * answer_tokens) / 1e6

    def options(self, **fields: object) -> dict:
        """The fields of a request beside model and messages: these, and what the user sets or takes away."""
        return {name: value for name, value in (fields | self.request).items() if value is not None}


def prompt_estimate(messages: list[dict]) -> float:
    """Tokens that the messages have, or rather more."""
    return TOKENS_PER_LETTER * sum(len(message["content"]) for message in messages)


def limit_of(options: dict, default: int) -> int:
    """The most tokens that an answer to a request of these fields may have, reasoning included."""
    return options.get("max_completion_tokens") or options.get("max_tokens") or default


def add_service(parser: argparse.ArgumentParser) -> None:
    """The options of `--backend openai`."""
    group = parser.add_argument_group("--backend openai, with the key in OPENAI_API_KEY")
    group.add_argument("--base-url", help="what stands before /chat/completions: http://localhost:8000/v1")
    group.add_argument("--concurrency", type=int, default=8, help="questions asked at once (default: %(default)s)")
    group.add_argument("--requests-per-minute", type=float, default=0, help="no limit by default")
    group.add_argument("--tokens-per-minute", type=float, default=0, help="no limit by default")
    group.add_argument("--price-in", type=float, default=0, help="price of a million tokens of prompts")
    group.add_argument("--price-out", type=float, default=0, help="price of a million tokens of answers")
    group.add_argument("--budget", type=float, help="stop before all answers together cost more than this")
    group.add_argument(
        "--request",
        default="{}",
        metavar="JSON",
        help="fields for every request, null to leave one out: "
        """'{"max_tokens": null, "max_completion_tokens": 2000, "temperature": null}'""",
    )
    group.add_argument("--timeout", type=float, default=300, help="seconds without a byte (default: %(default)s)")


def service_of(args: dict) -> Service | None:
    """Takes the options of `add_service` out of the arguments; None without a base URL.

    Raises:
        EndpointError: --request is no JSON object.
    """
    names = ("concurrency", "requests_per_minute", "tokens_per_minute", "price_in", "price_out", "budget")
    options = {name: args.pop(name) for name in names}
    base_url, request, timeout_s = args.pop("base_url"), parsed_request(args.pop("request")), args.pop("timeout")
    return Service(base_url, **options, request=request, timeout_s=timeout_s) if base_url else None


def parsed_request(text: str) -> dict:
    """The JSON object of --request.

    Raises:
        EndpointError: it is none.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or {"model", "messages", "stream"} & set(found):
        raise EndpointError(
            f"--request {text!r}: give a JSON object of request fields, such as "
            '{"max_tokens": null, "max_completion_tokens": 2000}; model, messages and stream are set here'
        )
    return found
