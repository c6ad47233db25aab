"""How a row's question is put to a model: as the dataset has it, for reasons, or in the paper's formats for baselines.

Reasons are asked for by the system prompt of the reasoning rows (paper, section 4.3). The formats for baselines are
protocol constants, letter by letter (paper, Table 9; the hints are Table 8's, in `tasks.py`). Neither says where a
system prompt ends and the user's turn begins, so each is one user message. Neither says what {task_type} is; here it
is the class of section A.3. That section calls ncRNA multi-class, but Table 9's rules, appendix C and section A.2.2
know only binary classification, multi-label classification and regression, so it is multi-label in these prompts.
Section A.2.1 calls enhancer activity a regression task, A.3 a multi-label regression task, as here.
"""

import pyarrow as pa

from dataset_builder.tasks import REASONING_SYSTEM_PROMPT, TASKS, Task


CHAT = "chat"  # the dataset's own system and user messages
REASONING = "reasoning"
FORMATS = {
    "open-source": "My question is {input} This is a {task_type} task. {hint} Do not explain or repeat.",
    "closed-source": """\
You are an expert biology AI assistant specializing in sequence-related topics. Focus on: DNA, RNA, and protein \
sequences When answering questions, please follow this format: First give a direct answer in JSON dict such as: \
{"answer": "Yes"}:
Remember to follow the provided rules:
- For binary classification questions: Answer "Yes" or "No".
- For multi-label classification questions: State the specific label(s).
- For regression questions: Provide the numerical value or range.
Answer the question: "{input}".
Task type: {task_type}.
For better understanding the task, hint: {hint}.""",
}
PROMPTS = (CHAT, REASONING, *FORMATS)


def prompted(rows: pa.Table, name: str) -> pa.Table:
    """The rows, their `prompt` replaced by messages in the format `name`, one of `PROMPTS`."""
    if name == CHAT:
        return rows
    asked = [
        messages(name, TASKS[task], prompt[-1]["content"])
        for task, prompt in zip(rows["task"].to_pylist(), rows["prompt"].to_pylist(), strict=True)
    ]
    column = pa.array(asked, rows.schema.field("prompt").type)
    return rows.set_column(rows.column_names.index("prompt"), "prompt", column)


def messages(name: str, task: Task, question: str) -> list[dict]:
    """The messages that ask a row's question by one of `PROMPTS` other than `CHAT`."""
    if name == REASONING:
        return [{"role": "system", "content": REASONING_SYSTEM_PROMPT}, {"role": "user", "content": question}]
    return [{"role": "user", "content": baseline_prompt(FORMATS[name], task, question)}]


def answer_tokens(name: str) -> int:
    """Tokens that an answer may have by default: reasons need more (design, section 4)."""
    return 1024 if name == REASONING else 128


def baseline_prompt(form: str, task: Task, question: str) -> str:
    """One of FORMATS, filled in."""
    return form.replace("{task_type}", task_type(task)).replace("{hint}", task.hint).replace("{input}", question)


def task_type(task: Task) -> str:
    """What a task is called in the baselines' prompts."""
    if task.kind == "regression":
        return "multi-label regression" if len(task.fields) > 1 else "regression"
    return "binary classification" if task.kind == "binary" else "multi-label classification"


def plain(prompt: list[dict]) -> str:
    """The messages as plain text, for a base model without a chat template: it goes on in a line of its own."""
    return "\n".join(message["content"] for message in prompt) + "\n"
