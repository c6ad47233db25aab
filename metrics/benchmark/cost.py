"""What answers of a paid service cost: estimated before, set aside while they are under way, counted after."""

import logging
import threading

from metrics.benchmark.asking import Service


# A sequence of 2,000 letters is at most 1,200 tokens (paper, appendix B); words have fewer tokens a letter.
TOKENS_PER_LETTER = 0.6

log = logging.getLogger(__name__)


def prompt_estimate(messages: list[dict]) -> float:
    """Tokens that the messages have, or rather more."""
    return TOKENS_PER_LETTER * sum(len(message["content"]) for message in messages)


class Purse:
    """The money of an evaluation, for many threads.

    Args:
        spent: what was spent before.
        answer_limit: tokens that an answer has at most.
    """

    def __init__(self, service: Service, spent: float, answer_limit: int) -> None:
        self.prices = service.price_in / 1e6, service.price_out / 1e6
        self.budget = float("inf") if service.budget is None else service.budget
        self.spent, self.under_way = spent, []
        self.answer_limit = answer_limit
        self.lock = threading.Lock()

    @property
    def aside(self) -> float:
        """What those under way may cost at most."""
        return sum(self.under_way)

    def price(self, prompt_tokens: float, answer_tokens: float) -> float:
        """The cost of so many tokens."""
        return self.prices[0] * prompt_tokens + self.prices[1] * answer_tokens

    def most(self, messages: list[dict]) -> float:
        """What a question may cost: an estimate for its prompt, and the longest answer."""
        return self.price(prompt_estimate(messages), self.answer_limit)

    def announce(self, prompts: list[list[dict]]) -> None:
        """Say how much is about to be asked, and what it costs at most."""
        tokens, answers = sum(map(prompt_estimate, prompts)), self.answer_limit * len(prompts)
        line = f"{len(prompts):,} questions: about {tokens:,.0f} tokens, answers at most {answers:,}"
        if cost := self.price(tokens, answers):
            line += f"; at most about {cost:,.4f} at the given prices"
        if self.spent or self.budget < float("inf"):
            line += f"; {self.spent:,.4f} spent before, budget {self.budget:,.4f}"
        log.info("%s", line)

    def set_aside(self, messages: list[dict]) -> bool:
        """Whether there is money for the question; if so, it is kept until `settle`."""
        with self.lock:
            cost = self.most(messages)
            if self.spent + self.aside + cost > self.budget:
                return False
            self.under_way.append(cost)
            return True

    def settle(self, messages: list[dict], prompt_tokens: int | None, answer_tokens: int | None) -> float | None:
        """What the answer cost, from now on spent; None without prices.

        Where the service counts no tokens, it cost what it may have at most.
        """
        most = self.most(messages)
        cost = most if prompt_tokens is None else self.price(prompt_tokens, answer_tokens or 0)
        with self.lock:
            self.under_way.remove(most)
            self.spent += cost
        return cost if any(self.prices) else None
