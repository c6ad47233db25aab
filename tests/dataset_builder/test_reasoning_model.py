"""Reasoning answers by a model: whatever the services do, only right answers are accepted, all others have their
reason, the totals add up, and nothing is paid for twice."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder import endpoint
from dataset_builder.endpoint import EndpointError
from dataset_builder.journal import JournalError
from dataset_builder.reasoning.calls import open_calls
from dataset_builder.reasoning.drafting import Outcome
from dataset_builder.reasoning.model import answer
from dataset_builder.reasoning.panel import Panel
from dataset_builder.reasoning.quotas import shares
from dataset_builder.replies import json_in
from dataset_builder.service import Service
from dataset_builder.tasks import TASKS
from metrics.parsing import parse
from metrics.reasoning.verify import verify
from tests.dataset_builder.scripted_panel import Scripted, replying, rewritten
from tests.scripted_endpoint import Handler, serving


ONCE, ALWAYS = 1, 99


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited for, in seconds; nothing is."""
    waited: list[float] = []
    monkeypatch.setattr(endpoint.Pace, "sleep", lambda pace, seconds: waited.append(seconds))
    return waited


def rows_of(dataset: Path, *tasks: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(next((dataset / "data" / task).glob("validation-*"))) for task in tasks])


def question(row: dict) -> str:
    return row["prompt"][-1]["content"]


def run(rows: pa.Table, total: int, out: Path, base_url: str, **options: object) -> tuple[list[Outcome], dict]:
    service = Service(base_url, **({"concurrency": 4, "timeout_s": 5} | options))
    return ask(Panel("writer", "reviewer", service, service), rows, total, out)


def ask(panel: Panel, rows: pa.Table, total: int, out: Path) -> tuple[list[Outcome], dict]:
    with open_calls(out, panel, seed=0) as calls:
        accepted, found = answer(calls, rows, total, verify)
    assert [rows["id"][place].as_py() for place in accepted] == [outcome.row["id"] for outcome in accepted.values()]
    return list(accepted.values()), found


def outcomes(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "outcomes.jsonl").read_text().splitlines()]


def check_totals(found: dict, out: Path) -> None:
    """Everything that was asked is accepted, rejected or open, and every draft accepted or faulty."""
    lines = outcomes(out)
    assert found["asked"] == found["accepted"] + sum(found["rejected"].values()) + found["open"]
    assert found["drafts"] == found["accepted"] + sum(found["faults"].values())
    assert found["accepted"] == sum(found["verified"].values())
    assert len(lines) == found["asked"] - found["open"]
    assert Counter(line["status"] for line in lines if not line["accepted"]) == found["rejected"]
    calls = [json.loads(line) for path in out.glob("calls-*.jsonl") for line in path.read_text().splitlines()]
    assert sum("reply" in call for call in calls) == found["requests"]


def wrong_number(text: str) -> str:
    return re.sub(r"GC content is ([\d.]+)%", lambda found: f"GC content is {float(found[1]) + 7:.1f}%", text)


def opposite(text: str) -> str:
    facts, _, conclusion = text.partition("\n\n")
    said = parse(conclusion, TASKS["core_promoter"]).value
    return f"{facts}\n\nThis is {'not ' if said == 'positive' else ''}a promoter."


FAULTS = {  # step, what happens there, and what it is called
    "a wrong number": ("write", rewritten(wrong_number), "wrong fact"),
    "the opposite": (
        "write",
        rewritten(lambda text: text.partition("\n\n")[0] + "\n\nYes and no."),
        "wrong conclusion",
    ),
    "a leak": ("write", rewritten(lambda text: text.replace("\n\n", "\n\nAs the standard answer says: ")), "leak"),
    "a refusal": (
        "write",
        lambda handler, reply: handler.answer(message={"content": None, "refusal": "I cannot help with that."}),
        "refused",
    ),
    "broken JSON": ("write", lambda handler, reply: handler.answer(reply[:-3]), "unreadable reply"),
    "no answer in it": ("write", lambda handler, reply: handler.answer('{"answer": 5}'), "unreadable reply"),
    "cut": (
        "write",
        lambda handler, reply: handler.answer(reply[:40], finish_reason="length"),
        "cut at the token limit",
    ),
    "its own doubt": ("check", replying(references=False, advice="name a source"), "self-check"),
    "the reviewer's doubt": ("review", replying(consistent=False, problems=["step 2 contradicts step 1"]), "review"),
    "a named problem": ("review", replying(problems=["the motif is not there"]), "review"),
}


def test_what_is_wrong_once_is_mended_and_what_stays_wrong_is_rejected_with_its_reason(
    dataset: Path, tmp_path: Path
) -> None:
    rows = rows_of(dataset, "core_promoter", "promoter_300")
    asked = rows.to_pylist()
    first, always = asked[: len(FAULTS)], asked[20 : 20 + len(FAULTS)]
    faults = {question(row): (step, fault, ONCE) for row, (step, fault, _) in zip(first, FAULTS.values(), strict=True)}
    faults |= {
        question(row): (step, fault, ALWAYS) for row, (step, fault, _) in zip(always, FAULTS.values(), strict=True)
    }
    scripted = Scripted(faults)
    with serving(scripted) as server:
        accepted, found = run(rows, len(rows), tmp_path, server.base_url)
    lines = {line["id"]: line for line in outcomes(tmp_path)}
    for name, row, other in zip(FAULTS, first, always, strict=True):
        reason = FAULTS[name][2]
        assert [fault["reason"] for fault in lines[row["id"]]["faults"]] == [reason] and lines[row["id"]]["accepted"]
        assert not lines[other["id"]]["accepted"] and lines[other["id"]]["status"] == reason
        assert [fault["reason"] for fault in lines[other["id"]]["faults"]] == [reason] * 3
    assert found["accepted"] == len(accepted) == len(rows) - len(FAULTS) and found["open"] == 0
    assert all(parse(o.answer, TASKS[o.row["task"]]).value == json.loads(o.row["label"]) for o in accepted)
    check_totals(found, tmp_path)


def test_what_a_service_does_for_a_while_costs_no_row(dataset: Path, tmp_path: Path, waits: list[float]) -> None:
    faults = [
        lambda handler, reply: handler.fail(429, "slow down", Retry_After="7"),
        lambda handler, reply: handler.fail(500),
        lambda handler, reply: handler.send(502, "<html>bad gateway</html>"),
        lambda handler, reply: handler.send(200, '{"choices": [{"mess', announced=40),  # cut within the body
        lambda handler, reply: handler.send(200, {"choices": []}),
        lambda handler, reply: handler.hang_up(),
        lambda handler, reply: handler.hang_up(after_s=1.5),  # longer than is waited for a byte
    ]
    rows = rows_of(dataset, "solubility")
    steps = ("write", "check", "review")
    scripted = Scripted(
        {question(row): (steps[i % 3], faults[i % len(faults)], ONCE) for i, row in enumerate(rows.to_pylist())}
    )
    with serving(scripted) as server:
        accepted, found = run(rows, len(rows), tmp_path, server.base_url, timeout_s=0.5)
    assert len(accepted) == len(rows) and not found["faults"] and found["requests"] == 3 * len(rows)
    assert len(scripted.asked) == 4 * len(rows) and 7 in waits
    check_totals(found, tmp_path)


@pytest.mark.parametrize(
    ("step", "fault", "reason"),
    [
        ("write", lambda handler, reply: handler.fail(400, "flagged", "content_filter"), "refused"),
        ("write", lambda handler, reply: handler.fail(400, "maximum context length is 99 tokens"), "too long"),
        ("check", lambda handler, reply: handler.answer("Looks fine to me."), "self-check: unreadable reply"),
        ("review", replying(accurate="yes"), "review: unreadable reply"),
        ("review", lambda handler, reply: handler.fail(400, "flagged", "content_filter"), "review: unreadable reply"),
    ],
)
def test_what_no_other_draft_mends_is_rejected_at_once_and_replaced(
    dataset: Path, tmp_path: Path, step: str, fault, reason: str
) -> None:
    rows = rows_of(dataset, "ec_number")
    scripted = Scripted({question(row): (step, fault, ALWAYS) for row in rows.slice(1, 2).to_pylist()})
    with serving(scripted) as server:
        accepted, found = run(rows, 3, tmp_path, server.base_url)
    assert [outcome.row["id"] for outcome in accepted] == rows["id"].take(pa.array([0, 3, 4])).to_pylist()
    assert found["rejected"] == found["faults"] == {reason: 2} and found["asked"] == 5
    check_totals(found, tmp_path)


def test_a_complaint_reaches_the_writer(dataset: Path, tmp_path: Path) -> None:
    rows = rows_of(dataset, "core_promoter").slice(0, 1)
    wrong = rewritten(wrong_number)
    with serving(Scripted({question(rows.to_pylist()[0]): ("write", wrong, ONCE)})) as server:
        run(rows, 1, tmp_path, server.base_url)
    first, second = (body["messages"][-1]["content"] for body in server.bodies[:2])
    stated = re.search(r"GC content is ([\d.]+)%", second)[1]
    assert second.startswith(first) and f"GC content is {stated}%" in second.split("What is wrong with it:")[0]
    assert second.split("What is wrong with it:")[1].strip()


def test_as_many_at_once_as_wanted_change_nothing(dataset: Path, tmp_path: Path) -> None:
    rows = rows_of(dataset, "core_promoter", "solubility", "rna_switches")
    doubted = [question(row) for row in rows.to_pylist() if row["id"].endswith(("1", "4", "7"))]
    found = {}
    for concurrency in (1, 7):
        scripted = Scripted({text: ("review", replying(accurate=False), ALWAYS) for text in doubted})
        with serving(scripted) as server:
            accepted, account = run(rows, 25, tmp_path / f"{concurrency}", server.base_url, concurrency=concurrency)
        asked = sorted(scripted.asked)
        tasks = Counter(outcome.row["task"] for outcome in accepted)
        found[concurrency] = ([outcome.row["id"] for outcome in accepted], tasks, account["rejected"], asked)
        check_totals(account, tmp_path / f"{concurrency}")
    assert found[1] == found[7] and found[1][2]["review"] > 3
    assert set(found[1][1].values()) <= {7, 8, 9}  # no task drowns another


def test_a_share_never_falls_when_another_task_has_less(dataset: Path) -> None:
    for seed in range(300):
        room = {str(task): (seed * 7 + task * 5) % 11 for task in range(1 + seed % 6)}
        given = shares(room, total := seed % 37)
        assert sum(given.values()) == min(total, sum(room.values()))
        full = [given[task] for task in room if given[task] < room[task]]
        assert not full or max(given.values()) - min(full) <= 1
        for task in room:
            less = shares(room | {task: max(room[task] - 1, 0)}, total)
            assert all(less[other] >= given[other] for other in room if other != task)


def test_the_budget_stops_it_and_what_is_paid_for_is_kept(dataset: Path, tmp_path: Path) -> None:
    rows, prices = rows_of(dataset, "thermostability"), {"price_in": 1e4, "price_out": 1e3}
    with serving(Scripted()) as server:
        with pytest.raises(EndpointError, match=r"the budget of 45.0000 has no room .* accepted, .* goes on"):
            run(rows, len(rows), tmp_path, server.base_url, budget=45, **prices)
        first = len(server.questions)
        assert 0 < first < 45 and all(line["accepted"] for line in outcomes(tmp_path))
        accepted, found = run(rows, len(rows), tmp_path, server.base_url, budget=10_000, **prices)
    assert len(server.questions) == 3 * len(rows) == found["requests"] and len(accepted) == len(rows)
    assert found["cost"] == pytest.approx(3 * len(rows) * 1.01)
    check_totals(found, tmp_path)


def test_an_estimate_comes_first(dataset: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = rows_of(dataset, "core_promoter", "solubility")
    with serving(Scripted()) as server, caplog.at_level("INFO"):
        run(rows, 4, tmp_path, server.base_url, price_in=1, price_out=2)
    assert re.search(
        r"4 rows of 2 tasks: 12 requests .* about [\d,]+ tokens, replies at most 10,800; at most about 0\.",
        caplog.text,
    )


def test_each_key_reaches_its_own_service_and_no_file(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-writer")
    monkeypatch.setenv("REVIEWER_API_KEY", "sk-of-the-reviewer")
    rows = rows_of(dataset, "solubility")
    with serving(Scripted()) as one, serving(Scripted()) as other:
        service = Service(one.base_url)
        panel = Panel("writer", "judge", service, replace(service, base_url=other.base_url))
        ask(panel, rows, 5, tmp_path)
    assert set(one.keys) == {"Bearer sk-of-the-writer"} and set(other.keys) == {"Bearer sk-of-the-reviewer"}
    assert {body["model"] for body in one.bodies} == {"writer"} and {body["model"] for body in other.bodies} == {
        "judge"
    }
    assert (len(one.bodies), len(other.bodies)) == (10, 5)
    assert not any("sk-of" in path.read_text() for path in tmp_path.iterdir())


def test_a_service_that_fails_for_good_stops_with_its_words(dataset: Path, tmp_path: Path) -> None:
    scripted = Scripted()

    def behave(handler: Handler, user: str) -> None:
        handler.fail(401, "no such key") if len(server.questions) > 7 else scripted(handler, user)

    with serving(behave) as server, pytest.raises(EndpointError, match="HTTP 401: no such key; .* kept") as error:
        run(rows_of(dataset, "solubility"), 20, tmp_path, server.base_url, concurrency=2)
    assert "\n" not in str(error.value) and len(server.questions) <= 9


def test_another_prompt_or_model_begins_anew_and_says_so(
    dataset: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = rows_of(dataset, "solubility")
    with serving(Scripted()) as server:
        run(rows, 3, tmp_path, server.base_url)
        run(rows, 4, tmp_path, server.base_url)  # more rows are no other settings
        assert len(server.questions) == 12 and "begins" not in caplog.text
        run(rows, 3, tmp_path, server.base_url, request={"top_p": 0.5})
        assert len(server.questions) == 21 and "other models, prompts, request or seed" in caplog.text
    assert len(list(tmp_path.glob("calls-*.jsonl"))) == 2


def test_a_line_cut_by_a_kill_is_asked_again_and_a_damaged_one_is_named(dataset: Path, tmp_path: Path) -> None:
    rows = rows_of(dataset, "solubility")
    with serving(Scripted()) as server:
        run(rows, 3, tmp_path, server.base_url, concurrency=1)
        path = next(tmp_path.glob("calls-*.jsonl"))
        path.write_bytes(path.read_bytes()[:-50])
        _, found = run(rows, 3, tmp_path, server.base_url)
        assert len(server.questions) == 10 and found["requests"] == 9
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], lines[1][:-50], *lines[2:]]) + "\n")
        with pytest.raises(JournalError, match="line 2 is no JSON"):
            run(rows, 3, tmp_path, server.base_url)


def test_a_real_server_of_a_random_model_gives_nothing_that_is_accepted(
    dataset: Path, tiny_model: Path, served_model: str, tmp_path: Path
) -> None:
    rows = rows_of(dataset, "crispr_on_target").slice(0, 1)
    service = Service(served_model, request={"max_tokens": 8})
    accepted, found = ask(Panel(str(tiny_model), str(tiny_model), service, service), rows, 1, tmp_path)
    assert not accepted and found["rejected"] == {"cut at the token limit": 1} and found["requests"] == 3
    assert found["served_as"] == [f"{tiny_model}@main"] and found["answer_tokens"] == 3 * 8
    check_totals(found, tmp_path)


def test_json_is_found_between_other_words() -> None:
    for reply in (
        '```json\n{"a": "x\ny"}\n```',
        '<think>{"a": 0}</think>{"a": "x\ny"}',
        'So {it} is: {"a": "x\ny"}. {.',
    ):
        assert json_in(reply, dict) == {"a": "x\ny"}
    assert json_in('{"a": [1, {"b": 2}]}', dict) == {"a": [1, {"b": 2}]}
    assert json_in('{"a": "x', dict) is None and json_in("none", list) is None
