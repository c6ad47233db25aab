"""Any OpenAI-compatible endpoint: what fails for a while is asked again, what fails for good stops with a clear line,
and no answer is paid for twice."""

import _thread
import signal
import subprocess
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from threading import Barrier, Event

import pyarrow.parquet as pq
import pytest

from dataset_builder import endpoint
from dataset_builder.client import in_parallel
from dataset_builder.endpoint import EndpointError
from dataset_builder.service import Service, parsed_request
from dataset_builder.tasks import TASKS
from metrics.benchmark.data import EvaluationError, rows_to_ask
from metrics.benchmark.evaluation import evaluate
from tests.metrics.benchmark_inputs import write_dataset
from tests.processes import kill_when
from tests.scripted_endpoint import Handler, serving


KEY = "sk-never-to-be-seen"
ROWS = 12  # questions per evaluation


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("dataset"))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited for, in seconds; nothing is."""
    waited: list[float] = []
    monkeypatch.setattr(endpoint.Pace, "sleep", lambda pace, seconds: waited.append(seconds))
    return waited


def run(
    dataset: Path, out: Path, base_url: str, prompt: str = "chat", backend: str = "openai", **options: object
) -> dict:
    """An evaluation of ROWS questions."""
    service = Service(base_url, **options)
    options = {"tasks": ["antibody_antigen"], "limit": ROWS, "max_new_tokens": 20, "prompt": prompt}
    return evaluate("any/name", str(dataset), out, backend=backend, service=service, **options)


def predictions(out: Path) -> list[dict]:
    return pq.read_table(out / "predictions.parquet").to_pylist()


def test_what_passes_is_asked_again_until_it_is_answered(dataset: Path, tmp_path: Path, waits: list[float]) -> None:
    faults = [
        lambda handler: handler.fail(429, "slow down", Retry_After="7"),
        lambda handler: handler.fail(500),
        lambda handler: handler.fail(503, Retry_After=formatdate(time.time() + 99, usegmt=True)),
        lambda handler: handler.send(502, "<html>bad gateway</html>"),
        lambda handler: handler.send(200, '{"choices": [{"mess', announced=40),  # the connection breaks in the body
        lambda handler: handler.send(200, '{"choices": [{"mess'),
        lambda handler: handler.send(200, {"choices": []}),
        lambda handler: handler.hang_up(),
        lambda handler: handler.hang_up(after_s=1.5),  # longer than the evaluation waits for a byte
    ]
    asked: Counter[str] = Counter()

    def behave(handler: Handler, question: str) -> None:
        asked[question] += 1
        faults[len(asked) % len(faults)](handler) if asked[question] == 1 else handler.answer(f"no. {question}")

    with serving(behave) as server:
        results = run(dataset, tmp_path, server.base_url, concurrency=1, timeout_s=0.5)
    rows = predictions(tmp_path)
    assert len(server.questions) == 2 * ROWS and set(asked.values()) == {2}
    assert {row["answer"] for row in rows} == {f"no. {question}" for question in server.questions}
    assert results["tasks"]["antibody_antigen"]["coverage"] == 1
    assert 7 in waits and any(90 < wait < 100 for wait in waits)  # what the endpoint asked for
    assert len([wait for wait in waits if 0.5 <= wait <= 1]) >= ROWS - 4  # the first backoff of the others


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda handler: handler.fail(401, f"wrong key {KEY}"), "HTTP 401: wrong key [OPENAI_API_KEY]; check the key"),
        (lambda handler: handler.fail(404, "no model any/name"), "HTTP 404: no model any/name; check the base URL"),
        (lambda handler: handler.fail(400, "unsupported parameter: max_tokens"), "unsupported parameter: max_tokens"),
        (lambda handler: handler.fail(429, "no money", "insufficient_quota"), "HTTP 429: no money"),
        (lambda handler: handler.fail(429, Retry_After="86400"), "which asks to wait 86,400 s"),
        (lambda handler: handler.send(307, "", Location="http://elsewhere/v1"), "HTTP 307"),
    ],
)
def test_what_does_not_pass_stops_at_once_with_one_line(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float], fault, message: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def behave(handler: Handler, question: str) -> None:
        fault(handler) if len(server.questions) == 4 else handler.answer()

    with serving(behave) as server, pytest.raises(EvaluationError) as error:
        run(dataset, tmp_path, server.base_url, concurrency=1)
    assert message in str(error.value) and "asks only the rest" in str(error.value) and "\n" not in str(error.value)
    assert len(server.questions) == 4 and server.keys == [f"Bearer {KEY}"] * 4
    assert KEY not in str(error.value) and not any(KEY in path.read_text() for path in tmp_path.iterdir())


def test_a_key_that_is_none_is_not_shown(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("sk-bro\nken", "sk-bro\u2019ken"):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with serving(lambda handler, question: handler.answer()) as server, pytest.raises(EvaluationError) as error:
            run(dataset, tmp_path, server.base_url, concurrency=1)
        assert "what OPENAI_API_KEY holds cannot be a key" in str(error.value) and "sk-" not in str(error.value)


def test_one_that_never_answers_is_given_up(dataset: Path, tmp_path: Path, waits: list[float]) -> None:
    with (
        serving(lambda handler, question: handler.fail(503)) as server,
        pytest.raises(EvaluationError, match="HTTP 503: no at try 8; check the base URL or try again later"),
    ):
        run(dataset, tmp_path, server.base_url, concurrency=1)
    assert len(server.questions) == 8 and sum(waits) > 30


def test_killed_and_run_again_pays_for_no_answer_twice(dataset: Path, tmp_path: Path) -> None:
    alive, answered = Event(), 5

    def behave(handler: Handler, question: str) -> None:
        if len(server.questions) > answered and not alive.wait(0):
            alive.wait(30)
            handler.hang_up()
        else:
            handler.answer(f"no. {question}")

    command = [sys.executable, "-m", "metrics", "evaluate", "--backend", "openai", "--model", "any/name"]
    command += ["--dataset", str(dataset), "--out", str(tmp_path), "--tasks", "antibody_antigen", "--limit", str(ROWS)]
    with serving(behave) as server:
        command += ["--base-url", server.base_url, "--max-new-tokens", "20", "--concurrency", "3"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        kill_when(process, lambda: sum(path.read_text().count('"answers"') for path in tmp_path.iterdir()) >= answered)
        alive.set()
        before = len(server.questions)
        run(dataset, tmp_path, server.base_url, concurrency=3)
    first, later = server.questions[:before], server.questions[before:]
    assert before <= answered + 3 and len(later) == ROWS - answered and len(set(later)) == len(later)
    assert len(set(first) - set(later)) == answered  # those answered before: none is asked again
    assert all("no. " in row["answer"] for row in predictions(tmp_path))
    run(dataset, tmp_path, server.base_url)  # the server is gone, and nothing is asked


def test_two_do_not_pay_for_the_same_answers(dataset: Path, tmp_path: Path) -> None:
    def behave(handler: Handler, question: str) -> None:
        if len(server.questions) == 1:  # while the first is asked, a second evaluation begins
            with pytest.raises(EvaluationError, match="another process writes .*answers-.*jsonl: wait for it"):
                run(dataset, tmp_path, server.base_url)
        handler.answer()

    with serving(behave) as server:
        run(dataset, tmp_path, server.base_url, concurrency=1)
    assert len(server.questions) == ROWS


def test_as_many_at_once_as_allowed_and_no_more(dataset: Path, tmp_path: Path) -> None:
    together = Barrier(4)

    def behave(handler: Handler, question: str) -> None:
        together.wait(30)  # none is answered before four are asked
        handler.answer()

    with serving(behave) as server:
        run(dataset, tmp_path, server.base_url, concurrency=4)
    assert server.most == 4 and len(server.questions) == ROWS


def test_rates_space_requests_and_a_pause_holds_all_back(waits: list[float]) -> None:
    pace = endpoint.Pace(requests_per_minute=60, tokens_per_minute=600)
    for tokens in (5, 20, 5):
        pace.wait(tokens)
    pace.pause(100)
    pace.wait()
    assert waits == pytest.approx([0, 1, 3, 100], abs=0.5)


def test_the_budget_is_never_exceeded_and_holds_over_runs(dataset: Path, tmp_path: Path) -> None:
    prices = {"price_in": 1e4, "price_out": 1e5, "concurrency": 3}  # an answer costs 1 + 1
    with serving(lambda handler, question: handler.answer()) as server:
        with pytest.raises(EvaluationError, match=r"the budget of 9.0000 .* raise --budget to go on\. \d+ question"):
            run(dataset, tmp_path, server.base_url, budget=9, **prices)
        first = len(server.questions)
        assert 0 < first <= 4
        with pytest.raises(EvaluationError, match=rf"{2 * first:.4f} are spent; .* {ROWS - first} questions are left"):
            run(dataset, tmp_path, server.base_url, budget=2 * first, **prices)
        assert len(server.questions) == first
        results = run(dataset, tmp_path, server.base_url, budget=100, **prices)
    assert len(server.questions) == len(set(server.questions)) == ROWS
    assert (results["cost"], results["prompt_tokens"], results["answer_tokens"]) == (2 * ROWS, 100 * ROWS, 10 * ROWS)
    assert {row["cost"] for row in predictions(tmp_path)} == {2}


def test_an_estimate_comes_first(dataset: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(lambda handler, question: handler.answer()) as server, caplog.at_level("INFO"):
        run(dataset, tmp_path, server.base_url, price_in=1, price_out=2)
    letters = sum(len(message["content"]) for body in server.bodies for message in body["messages"])
    cost = (0.6 * letters + 2 * 20 * ROWS) / 1e6
    said = (
        f"{ROWS} questions: about {0.6 * letters:,.0f} tokens, answers at most {20 * ROWS}; at most about {cost:.4f}"
    )
    assert said in caplog.text


def test_long_questions_lose_letters_and_flagged_ones_count_as_refused(dataset: Path, tmp_path: Path) -> None:
    def behave(handler: Handler, question: str) -> None:
        if len(question) > 90:
            handler.fail(400, "This model's maximum context length is 90 tokens", "context_length_exceeded")
        elif question[len("<protein>")] < "K":
            handler.fail(400, "flagged", "content_filter")
        else:
            handler.answer(message={"content": None, "refusal": "I cannot."}, finish_reason="length")

    with serving(behave) as server:
        results = run(dataset, tmp_path, server.base_url)
    asked = rows_to_ask(str(dataset), ["antibody_antigen"], limit=ROWS)["antibody_antigen"]["prompt"].to_pylist()
    long = sum(len(prompt[-1]["content"]) > 90 for prompt in asked)
    assert 0 < long < ROWS and results["shortened"] == {"antibody_antigen": long}
    assert all(question.endswith("</protein> What is this?") for question in server.questions)
    rows = predictions(tmp_path)
    assert {(row["finish_reason"], row["served_as"]) for row in rows} == {
        ("length", "served-1 fp"),
        ("content_filter", None),
    }
    assert all(row["answer"] == "" and row["refusal"] for row in rows)


def test_requests_are_greedy_and_as_told(dataset: Path, tmp_path: Path) -> None:
    with serving(lambda handler, question: handler.answer("yes")) as server:
        run(dataset, tmp_path / "a", server.base_url, prompt="open-source")
        request = {"max_tokens": None, "max_completion_tokens": 99, "temperature": None, "seed": 1}
        results = run(dataset, tmp_path / "b", server.base_url, request=request)
    plain, told = server.bodies[0], server.bodies[-1]
    hint = TASKS["antibody_antigen"].hint
    assert (plain["model"], plain["max_tokens"], plain["temperature"]) == ("any/name", 20, 0)
    assert [message["role"] for message in plain["messages"]] == ["user"]
    assert plain["messages"][0]["content"].endswith(f" task. {hint} Do not explain or repeat.")
    assert [message["role"] for message in told["messages"]] == ["system", "user"]
    assert set(told) == {"model", "messages", "max_completion_tokens", "seed"}
    assert results["decoding"] == {"strategy": "as the request says", "max_new_tokens": 20, "request": request}
    row = predictions(tmp_path / "a")[0]
    kept = [row[name] for name in ("backend", "prompt_format", "prompt_tokens", "answer_tokens", "cost")]
    assert kept == ["openai", "open-source", 100, 10, None]
    assert results["revision"] == f"any/name as served at {server.base_url}"


def test_ctrl_c_keeps_what_is_under_way() -> None:
    def work(item: int) -> int:
        time.sleep(0.1 if item == 0 else 0.3)
        if item == 0:
            _thread.interrupt_main()
        return item

    kept, stopped = [], Event()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            for item in in_parallel(work, range(9), 3, stopped):
                kept.append(item)
    finally:
        signal.signal(signal.SIGINT, before)
    assert {0, 1, 2} <= set(kept) <= {0, 1, 2, 3} and stopped.is_set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_url": "api.openai.com/v1"}, "'api.openai.com/v1' is no base URL"),
        ({"base_url": "https://me:secret@host/v1"}, "the base URL of host holds a password; give the key"),
        ({"concurrency": 0}, "--concurrency"),
        ({"budget": 3}, "--budget needs --price-in"),
        ({"backend": "vllm"}, "--base-url is for --backend openai, and the backend is vllm"),
        ({"backend": "cohere"}, "give one of transformers, vllm, openai"),
    ],
)
def test_wrong_options_are_one_line_before_anything_is_asked(
    dataset: Path, tmp_path: Path, change: dict, message: str
) -> None:
    with pytest.raises(EvaluationError) as error:
        run(dataset, tmp_path / "out", **({"base_url": "http://127.0.0.1:9/v1"} | change))
    assert message in str(error.value) and "secret" not in str(error.value) and not (tmp_path / "out").exists()


def test_a_request_that_is_no_object_is_named() -> None:
    assert parsed_request('{"seed": 1}') == {"seed": 1}
    for text in ("seed", "[1]", '{"stream": true}'):
        with pytest.raises(EndpointError, match="give a JSON object of request fields"):
            parsed_request(text)
