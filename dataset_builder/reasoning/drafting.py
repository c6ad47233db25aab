"""One row's answer by a model: written, checked by its writer, reviewed by another model, verified by this project.

Every draft has to pass all four; what it fails at is told to the writer, who has DRAFTS tries. Verification comes
before the two checks, since it is free, and a draft that states a wrong fact is not worth asking about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_builder.client import FLAGGED
from dataset_builder.endpoint import Completion
from dataset_builder.reasoning import prompts
from dataset_builder.replies import json_in


if TYPE_CHECKING:
    from metrics.reasoning.verify import Verdict

DRAFTS = 3  # answers that a row is tried with
READINGS = 2  # requests for one reply, until it can be read
CRITERIA = ("analysis", "knowledge", "reasoning", "references")
VERDICTS = ("accurate", "consistent")
GENERATE, CHECK, REVIEW, REGENERATE, REPAIR = "generate", "self-check", "review", "regenerate", "repair"  # steps
TOO_LONG = "too long"  # finish reason of a question that the model has no room for

# Why a draft is no answer; the verifier's statuses are the others.
UNREADABLE, REFUSED, CUT = "unreadable reply", "refused", "cut at the token limit"
CONCLUSION = "wrong conclusion"  # or none
ACCEPTABLE = "faithful", "unsupported"  # statuses of the verifier with which an answer may be accepted


Ask = Callable[[str, list[dict]], Completion]  # step, messages -> reply
Verify = Callable[[dict, str], "Verdict"]  # row, answer -> verdict


class Fault(Exception):
    """Why a draft is not accepted.

    Attributes:
        reason: in a few words, the same for all of its sort.
        detail: what exactly, for the writer.
        step: which request may mend it; None where none can.
    """

    def __init__(self, reason: str, detail: str, step: str | None = REGENERATE) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.step = reason, detail, step


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Attributes:
        answer: the accepted text; None for a rejected row.
        status: the verifier's word for it, or why the last draft was not accepted.
        faults: reason and detail for every draft that was not accepted, in order.
    """

    row: dict
    answer: str | None
    status: str
    faults: tuple[tuple[str, str], ...]


def work_out(row: dict, ask: Ask, verify: Verify) -> Outcome:
    """The row's answer, by as many requests as it takes; rejected when DRAFTS drafts fail, or one beyond mending."""
    known, faults = prompts.given(row), []
    step, messages = GENERATE, prompts.to_write(known)
    while True:
        reply = ask(step, messages)
        try:
            draft = drafted(reply)
            status = verified(row, draft, verify)
            checked(known, draft, ask)
            reviewed(known, draft, ask)
            return Outcome(row, draft, status, tuple(faults))
        except Fault as fault:
            faults.append((fault.reason, fault.detail))
            if fault.step is None or len(faults) == DRAFTS:
                return Outcome(row, None, fault.reason, tuple(faults))
            step, messages = fault.step, prompts.to_mend(known, reply.text, fault.detail)


def drafted(reply: Completion) -> str:
    """The text of a draft; raises Fault where there is none, or not all of it."""
    text = (json_in(reply.text, dict) or {}).get("answer")
    if isinstance(text, str) and text.strip():
        return text.strip()
    if reply.finish_reason == TOO_LONG:
        raise Fault(TOO_LONG, reply.refusal or "", None)
    if reply.refusal:
        flagged = reply.finish_reason in FLAGGED
        raise Fault(REFUSED, f"You refused: {reply.refusal}", None if flagged else REGENERATE)
    if reply.finish_reason == "length":
        raise Fault(CUT, "It was too long and was cut; write half as much.")
    raise Fault(UNREADABLE, 'The reply was not the JSON object {"answer": "…"}.')


def verified(row: dict, draft: str, verify: Verify) -> str:
    """The verifier's status; raises Fault where it found something wrong, or no conclusion, which it tells the
    writer."""
    verdict = verify(row, draft)
    concluded = any(finding.kind == "conclusion" for finding in verdict.findings)
    if verdict.status in ACCEPTABLE and not concluded:
        return verdict.status
    wrong = [found for found in verdict.findings if found.status not in ACCEPTABLE or found.kind == "conclusion"]
    raise Fault(
        CONCLUSION if concluded else verdict.status,
        "\n".join(f'- "{finding.claim}": {finding.reason}' for finding in wrong),
        REPAIR,
    )


def checked(known: str, draft: str, ask: Ask) -> None:
    """Raises Fault where the writer itself finds one of the criteria not met."""
    found = judged(CHECK, prompts.to_check(known, draft), CRITERIA, ask)
    if unmet := [name for name in CRITERIA if not found[name]]:
        raise Fault(CHECK, f"Not met: {', '.join(unmet)}. {found.get('advice') or ''}".strip())


def reviewed(known: str, draft: str, ask: Ask) -> None:
    """Raises Fault where the reviewer does not agree, or names a problem."""
    found = judged(REVIEW, prompts.to_review(known, draft), VERDICTS, ask)
    problems = [f"not {name}" for name in VERDICTS if not found[name]]
    named = found.get("problems") or []
    problems += named if isinstance(named, list) else [named]
    if problems:
        raise Fault(REVIEW, "\n".join(f"- {problem}" for problem in problems), REPAIR)


def judged(step: str, messages: list[dict], names: tuple[str, ...], ask: Ask) -> dict:
    """A reply in which each of the names is true or false; raises Fault, beyond mending, where none can be had."""
    for _ in range(READINGS):
        reply = ask(step, messages)
        found = json_in(reply.text, dict) or {}
        if all(isinstance(found.get(name), bool) for name in names):
            return found
        messages = prompts.unread(messages, reply.text)
    raise Fault(f"{step}: {UNREADABLE}", reply.refusal or f"It began: {reply.text[:200]!r}", None)
