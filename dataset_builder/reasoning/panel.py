"""Who answers and who judges: the two models of `reason --backend openai`, from its options."""

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from dataset_builder.client import Client, Purse
from dataset_builder.endpoint import KEY, REVIEWER_KEY, Endpoint, EndpointError, Pace, open_session
from dataset_builder.rejects import SourceError
from dataset_builder.service import Service, add_service, service_of


DRAFT_TOKENS, VERDICT_TOKENS = 1_500, 600  # that a reply may have

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panel:
    """Who writes and checks, who reviews, and where each is served.

    The reviewer's own service has a key of its own, REVIEWER_API_KEY: no key reaches another address than its own.
    """

    writer: str
    reviewer: str
    service: Service
    reviewing: Service

    def check(self) -> None:
        """Raises EndpointError for an address or a limit that is none."""
        for service, model in ((self.service, self.writer), (self.reviewing, self.reviewer)):
            service.check()
            Endpoint(service.base_url, model)

    @property
    def settings(self) -> dict:
        """All that decides what is asked of a row."""
        from dataset_builder.reasoning import drafting, prompts

        return {
            "writer": f"{self.writer} as served at {self.service.base_url}",
            "reviewer": f"{self.reviewer} as served at {self.reviewing.base_url}",
            "request": self.service.request,
            "tokens": [DRAFT_TOKENS, VERDICT_TOKENS],
            "drafts": drafting.DRAFTS,
            "prompts": prompts.digest(),
        }

    def clients(self, spent: float) -> tuple[Client, Client]:
        """The writer and the reviewer, who share the budget, and where they are served together the limits too."""
        service, purse = self.service, Purse(self.service.budget, spent)
        pace = Pace(service.requests_per_minute, service.tokens_per_minute)
        endpoint = Endpoint(service.base_url, self.writer, service.timeout_s)
        writer = Client(service, endpoint, open_session(service.concurrency, KEY), pace, purse)
        endpoint = replace(endpoint, base_url=self.reviewing.base_url, model=self.reviewer)
        reviewer = replace(writer, service=self.reviewing, endpoint=endpoint)
        if self.reviewing.base_url != service.base_url:
            pace = Pace(service.requests_per_minute, service.tokens_per_minute, pace.stopped)
            reviewer = replace(reviewer, session=open_session(service.concurrency, REVIEWER_KEY), pace=pace)
        return writer, reviewer


def add_panel(parser: argparse.ArgumentParser) -> None:
    """The options of `reason --backend openai`."""
    add_service(parser)
    group = parser.add_argument_group("the models of --backend openai")
    group.add_argument("--model", help="writes and checks the answers: the name that the service has for it")
    group.add_argument("--reviewer", metavar="MODEL", help="reviews them; the same model by default")
    group.add_argument("--reviewer-base-url", help="where it is served, with its key in REVIEWER_API_KEY")
    group.add_argument("--reviewer-price-in", type=float, help="price of a million tokens of its prompts")
    group.add_argument("--reviewer-price-out", type=float, help="price of a million tokens of its answers")
    group.add_argument("--calls", type=Path, help="folder that keeps every request and reply (<dataset>-calls)")


def panel_of(args: dict) -> Panel:
    """Takes the options of `add_panel` out of the arguments.

    Raises:
        SourceError: no model or address is given, or --request is no JSON object.
    """
    model, reviewer, base_url, price_in, price_out = (
        args.pop(name)
        for name in ("model", "reviewer", "reviewer_base_url", "reviewer_price_in", "reviewer_price_out")
    )
    try:
        service = service_of(args)
    except EndpointError as error:
        raise SourceError(str(error)) from None
    if not service or not model:
        raise SourceError("--backend openai needs --base-url, an OpenAI-compatible endpoint, and --model")
    if not reviewer:
        log.warning("no --reviewer: %s reviews its own answers, where the paper asks an independent model", model)
    reviewing = replace(
        service,
        base_url=base_url or service.base_url,
        price_in=service.price_in if price_in is None else price_in,
        price_out=service.price_out if price_out is None else price_out,
    )
    return Panel(model, reviewer or model, service, reviewing)
