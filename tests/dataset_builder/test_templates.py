"""Templates keep their rules, the rules catch what they are for, and a model's new ones pass the same checks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from dataset_builder import diversity
from dataset_builder.tasks import TASKS, Task
from dataset_builder.wording import FOLDER, QUESTION_LISTS, Template, faults, list_faults, read_templates, too_alike


every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def test_every_task_has_a_file_and_no_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(TASKS)


@every_task
def test_no_rule_is_broken(task: Task) -> None:
    assert faults(task, read_templates(task.id)) == []


@every_task
def test_lists_are_those_the_kind_of_task_needs(task: Task) -> None:
    lists = read_templates(task.id)
    assert ("conditioned" in lists) == bool(task.condition)
    says_none = task.kind == "multilabel" and bool(task.classes)
    expected = {"positive", "negative"} if task.kind == "binary" else {"label"} | ({"none"} if says_none else set())
    assert set(lists) - set(QUESTION_LISTS) == expected
    assert all(template.id <= 1000 for template in lists["questions"])
    assert all(template.id > 1000 for template in lists.get("conditioned", ()))


@every_task
def test_a_tenth_of_the_questions_is_held_out_in_every_style(task: Task) -> None:
    for name in set(QUESTION_LISTS) & set(read_templates(task.id)):
        held_out = [template for template in read_templates(task.id)[name] if template.held_out]
        assert 0.08 <= len(held_out) / len(read_templates(task.id)[name]) <= 0.12
        assert len({template.style for template in held_out}) == 4


def test_the_published_table_is_that_of_these_templates() -> None:
    """After a change of templates, run python -m dataset_builder templates."""
    assert json.loads(diversity.STATISTICS.read_text())["digest"] == diversity.digest()
    assert diversity.published().count("\n") == sum(len(read_templates(task)) for task in TASKS) + 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Is this a promoter?", "Is this a terminator?", True),
        ("Is this human sequence a promoter?", "Is this sequence a promoter?", True),
        (
            "Please tell me if this DNA is a promoter in man.",
            "Please tell me if this DNA is a promoter in mice.",
            True,
        ),
        ("Is this a promoter?", "Does transcription start here?", False),
        ("Promoter?", "A promoter, yes or no?", False),
        ("Yes.", "Positive.", True),
    ],
)
def test_a_swapped_word_does_not_make_another_template(one: str, other: str, alike: bool) -> None:
    assert too_alike(Template(1, "concise", one).words, Template(2, "concise", other).words) == alike


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Tm of the chain {label} in °C, what is it, roughly speaking?", "expected the placeholders []"),
        ("Roughly what Tm (°C) would { this } chain have when cooked?", "stray brace"),
        ("How stable would you say that this chain is against cooking?", "names no unit or scale"),
        ("What  Tm in °C, when cooked slowly, would this chain show?", "white space"),
        ("Melting temperature in °C?", "too alike"),
    ],
)
def test_each_rule_catches_what_it_is_for(text: str, fault: str) -> None:
    task = TASKS["thermostability"]
    found = list_faults(task, "questions", [*read_templates(task.id)["questions"], Template(999, "informal", text)])
    assert len(found) == 1 and fault in found[0]


CANDIDATES = [
    "Yes, so help me, it dissolves: call the chain soluble.",
    "No.",  # says the contrary of its list
    "Soluble {label}.",  # a placeholder that the list has not
    "Yes, so help me, it dissolves: call the chain soluble!",  # the first again
]


@pytest.fixture
def model() -> Iterator[str]:
    """An OpenAI-compatible endpoint that answers every request with CANDIDATES in a list amid prose."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            message = {"role": "assistant", "content": f"Here you are:\n{json.dumps(CANDIDATES)}\nEnjoy."}
            body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
            self.send_response(200 if self.path == "/v1/chat/completions" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def ask(base_url: str, out: Path) -> subprocess.CompletedProcess:
    """The command."""
    command = [sys.executable, "-m", "dataset_builder", "templates", "solubility", "--grow", "any", "--count", "3"]
    more = ["--base-url", base_url, "--out", str(out)]
    return subprocess.run([*command, *more], capture_output=True, text=True)


def test_a_model_adds_only_what_passes_the_checks(model: str, tmp_path: Path) -> None:
    done = ask(model, tmp_path)
    assert done.returncode == 0, done.stderr
    grown = yaml.safe_load((tmp_path / "solubility.yaml").read_text())
    before = yaml.safe_load((FOLDER / "solubility.yaml").read_text())
    positive = before["answers"]["positive"]
    assert grown["answers"]["positive"][: len(positive)] == positive
    assert [entry["text"] for entry in grown["answers"]["positive"][len(positive) :]] == CANDIDATES[:1]
    assert grown["answers"]["negative"] == before["answers"]["negative"]
    assert "solubility positive: 1 new" in done.stdout


def test_an_endpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = ask("http://127.0.0.1:9/v1", tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: http://127.0.0.1:9/v1/chat/completions: no whole answer (Connection refused)" in done.stderr
