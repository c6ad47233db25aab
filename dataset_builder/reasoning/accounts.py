"""What reasoning answers by a model will cost, and what became of every row: said before, and counted after."""

import logging
from collections import Counter

import pyarrow as pa

from dataset_builder.reasoning import drafting, prompts
from dataset_builder.reasoning.calls import Calls
from dataset_builder.reasoning.drafting import Outcome
from dataset_builder.reasoning.panel import DRAFT_TOKENS, VERDICT_TOKENS
from dataset_builder.reasoning.quotas import Queue, shares
from dataset_builder.service import limit_of, prompt_estimate


log = logging.getLogger(__name__)


def announce(calls: Calls, rows: pa.Table, queue: Queue) -> None:
    """Say how much is about to be asked and what it costs, as if every row were the first of its task."""
    wanted = shares({task: len(places) for task, places in queue.rows.items()}, queue.total)
    writing, reviewing = calls.writer.service, calls.reviewer.service
    draft = limit_of(writing.options(max_tokens=DRAFT_TOKENS), DRAFT_TOKENS)
    verdict = limit_of(writing.options(max_tokens=VERDICT_TOKENS), VERDICT_TOKENS)
    asked, cost = 0.0, 0.0
    for task, count in wanted.items():
        if count:
            known = prompts.given(rows.slice(queue.rows[task][0], 1).to_pylist()[0])
            first = prompt_estimate(prompts.to_write(known))
            check = prompt_estimate(prompts.to_check(known, "")) + draft
            review = prompt_estimate(prompts.to_review(known, "")) + draft
            asked += count * (first + check + review)
            cost += count * (writing.price(first + check, draft + verdict) + reviewing.price(review, verdict))
    total, replies = sum(wanted.values()), draft + 2 * verdict
    line = f"{total:,} rows of {len(wanted)} tasks: {3 * total:,} requests if all first drafts pass, about "
    line += f"{asked:,.0f} tokens, replies at most {replies * total:,}"
    if cost:
        line += f"; at most about {cost:,.4f} at the given prices"
    line += f"; up to {drafting.DRAFTS} times as much for a row whose drafts fail, and another row for a rejected one"
    log.info("%s%s", line, calls.writer.purse)


def account(calls: Calls, outcomes: dict[int, Outcome], queue: Queue) -> dict:
    """What was asked and what became of it.

    asked = accepted + all rejected + open (not finished), and drafts = accepted + all faults.
    """
    done = outcomes.values()
    accepted = [outcome for outcome in done if outcome.answer is not None]
    faults = Counter(reason for outcome in done for reason, _ in outcome.faults)
    return {
        "backend": "openai",
        "how": f"by {calls.panel.writer}, reviewed by {calls.panel.reviewer}, and verified against the sequences",
        "settings": calls.settings,
        "asked": sum(queue.taken.values()),
        "accepted": len(accepted),
        "verified": dict(sorted(Counter(outcome.status for outcome in accepted).items())),
        "rejected": dict(Counter(outcome.status for outcome in done if outcome.answer is None).most_common()),
        "open": sum(queue.taken.values()) - len(outcomes),
        "drafts": len(accepted) + sum(faults.values()),
        "faults": dict(faults.most_common()),
        **usage(calls),
    }


def usage(calls: Calls) -> dict:
    """Requests that were paid for, their tokens as the services count them, cost, and the models that answered."""
    replies, paid = calls.known.values(), calls.writer.service.paid or calls.reviewer.service.paid
    return {
        "requests": len(replies),
        "prompt_tokens": sum(reply.prompt_tokens or 0 for reply in replies),
        "answer_tokens": sum(reply.answer_tokens or 0 for reply in replies),
        "cost": round(calls.writer.purse.spent, 9) if paid else None,
        "served_as": sorted({reply.served_as for reply in replies if reply.served_as}),
    }


def summary(found: dict) -> str:
    """The account in one line."""
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in found["rejected"].items())
    line = f"{found['asked']:,} rows asked about: {found['accepted']:,} accepted, "
    line += f"{sum(found['rejected'].values()):,} rejected" + (f" ({reasons})" if reasons else "")
    return f"{line}, {found['open']:,} open; {found['requests']:,} requests"
