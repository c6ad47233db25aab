"""Stage-3 answers by a model behind any OpenAI-compatible endpoint, each checked, reviewed and verified.

The steps are those of the paper (section 3.2.3, appendix D): see `drafting` for a row, `quotas` for the choice of rows
and `calls` for what is kept. A kill, a spent budget or a failing endpoint loses no reply; the same command goes on.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from dataset_builder.client import in_parallel
from dataset_builder.endpoint import EndpointError
from dataset_builder.files import SourceError
from dataset_builder.journal import JournalError, write_lines
from dataset_builder.reasoning.accounts import account, announce, summary
from dataset_builder.reasoning.calls import Calls, open_calls
from dataset_builder.reasoning.config import Answers, Backend
from dataset_builder.reasoning.drafting import Outcome, Verify, work_out
from dataset_builder.reasoning.panel import Panel
from dataset_builder.reasoning.quotas import Queue
from dataset_builder.reasoning.sample import Sample, argued


KEPT = "all replies are kept, and the same command goes on"

log = logging.getLogger(__name__)


def by_model(panel: Panel, folder: Path) -> Backend:
    """The backend that asks a panel, and keeps the calls in `folder`."""
    return partial(answer_sample, panel=panel, folder=folder)


def answer_sample(sample: Sample, panel: Panel, folder: Path) -> Answers:
    """Argued answers for as many candidates as are wanted; those that are rejected are replaced by the next.

    Raises:
        SourceError: an endpoint refuses or fails, the budget is spent, the calls are another process's, or no answer
            is accepted.
    """
    from metrics.reasoning.verify import verify

    numbers = sample.candidates()
    rows = sample.take(numbers)
    try:
        with open_calls(folder, panel, sample.seed) as calls:
            accepted, record = answer(calls, rows, sample.wanted, verify)
    except (EndpointError, JournalError) as error:
        raise SourceError(str(error)) from None
    except KeyboardInterrupt:
        raise SourceError(f"stopped; {KEPT}") from None
    if not accepted:
        raise SourceError(f"{summary(record)}: the dataset stays as it is")
    table = pa.Table.from_pylist([argued(done.row, done.answer, -1) for done in accepted.values()], rows.schema)
    return Answers(table, numbers[list(accepted)], record)


def answer(calls: Calls, rows: pa.Table, total: int, verify: Verify) -> tuple[dict[int, Outcome], dict]:
    """Accepted answers, and the account of all that was asked.

    Beside the calls comes outcomes.jsonl, a line for every row that is done.

    Args:
        rows: those that may be asked about, those of each task in the order in which they are.
        total: answers that are wanted; fewer come where the rows run out.

    Returns:
        The accepted outcomes by their place in `rows`, drawn from the tasks in turn, and statistics (`account`).

    Raises:
        EndpointError: an endpoint refuses or fails, or the budget is spent; after what is under way.
    """
    places: dict[str, list[int]] = {}
    for place, task in enumerate(rows["task"].to_pylist()):
        places.setdefault(task, []).append(place)
    queue, outcomes = Queue(places, total), {}
    announce(calls, rows, queue)

    def work(place: int) -> tuple[int, Outcome]:
        row = rows.slice(place, 1).to_pylist()[0]
        return place, work_out(row, calls.of_row(row["id"]), verify)

    def needed() -> Iterator[int | None]:
        while True:
            yield queue.next()

    stopped, concurrency = calls.writer.pace.stopped, calls.panel.service.concurrency
    try:
        with logging_redirect_tqdm(), tqdm(total=total, desc="reason", unit="row") as bar:
            for place, outcome in in_parallel(work, needed(), concurrency, stopped):
                outcomes[place] = outcome
                if outcome.answer is None:
                    queue.rejected[outcome.row["task"]] += 1
                bar.update(outcome.answer is not None)
    except EndpointError as error:
        found = account(calls, outcomes, queue)
        raise EndpointError(f"{error}. {summary(found)}; {KEPT}", error.code) from None
    finally:
        outcomes = dict(sorted(outcomes.items()))
        write_lines(calls.path.with_name("outcomes.jsonl"), map(record, outcomes.values()))
    found = account(calls, outcomes, queue)
    log.info("%s", summary(found))
    if found["accepted"] < total:
        log.warning("%s of %s answers: there are no more rows to ask about", f"{found['accepted']:,}", f"{total:,}")
    return in_turn(outcomes), found


def in_turn(outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
    """The accepted ones: the first of every task, the second of every task, …"""
    seen: Counter[str] = Counter()
    ranks = {}
    for place, outcome in outcomes.items():
        if outcome.answer is not None:
            ranks[place] = seen[outcome.row["task"]]
            seen[outcome.row["task"]] += 1
    return {place: outcomes[place] for place in sorted(ranks, key=ranks.get)}


def record(outcome: Outcome) -> dict:
    """The line of a row that is done: the answer or why there is none, and what was wrong with every draft."""
    return {
        "id": outcome.row["id"],
        "accepted": outcome.answer is not None,
        "status": outcome.status,
        "faults": [{"reason": reason, "detail": detail} for reason, detail in outcome.faults],
        "answer": outcome.answer,
    }
