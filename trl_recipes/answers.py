"""Does a model answer as it did in training? Recorded when it is exported, asked again of what the Hub holds.

    python -m trl_recipes check biology/chatmultiomics-tiny-stage3 --revision step-20

Every exported model has an answers.json: the greedy answers to a few rows of its own data, and the log-probability of
their first tokens. Both are computed from the weights as they are stored, on the CPU, in float32: another machine or
kernel changes a log-probability by less than TOLERANCE, a wrong upload by more.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.hashing import hash64
from dataset_builder.tags import shorten
from metrics.benchmark.decoding import until_end
from metrics.benchmark.generation import tokens_of
from trl_recipes.data import load_config
from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FILE = "answers.json"
QUESTIONS, LONGEST_LETTERS, NEW_TOKENS = 8, 200, 16  # an 8B model on a CPU answers while GPUs wait
TOLERANCE = 0.01  # nats


def record(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", recipe: Recipe, folder: Path) -> None:
    """Write `folder`/answers.json: questions, their tokens, the answers' tokens, and where generation stops."""
    asked = questions(recipe.dataset, next(iter(recipe.data)))
    content = json.dumps(ask(model, tokenizer, asked), indent=1, ensure_ascii=False)
    (folder / FILE).write_text(content + "\n", encoding="utf-8")


@cache
def questions(dataset: str, config: str) -> list[dict]:
    """The rows whose ids (of a corpus: whose texts) hash lowest: `id` and `prompt`, or `id` and the `text` to go on
    with; long sequences are cut."""
    rows = load_config(dataset, config)
    keys = rows.data["text" if "text" in rows.column_names else "id"]
    found = []
    for row in rows.select(hash64(keys, "self-check").argsort(kind="stable")[:QUESTIONS]):
        if "text" in row:
            found.append({"id": f"{config}/{len(found)}", "text": row["text"][: LONGEST_LETTERS // 2]})
        else:
            *before, user = row["prompt"]
            excess = max(0, len(user["content"]) - LONGEST_LETTERS)
            prompt = [*before, {"role": user["role"], "content": shorten(user["content"], excess)}]
            found.append({"id": row["id"], "prompt": prompt})
    return found


def ask(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", asked: list[dict], new_tokens: int = NEW_TOKENS
) -> dict:
    """Greedy answers, in float32 on the CPU.

    Returns:
        `new_tokens`; `stops`, the tokens that end an answer; and `answers`: the questions with `question_tokens`,
        `answer_tokens` (`new_tokens` at most), `answer`, and `first_log_probability` of the answer's first token.
    """
    import torch
    from transformers import GenerationConfig

    model = model.to("cpu", torch.float32).eval()
    prompts = [question_tokens(question, tokenizer) for question in asked]
    width, pad = max(map(len, prompts)), tokenizer.pad_token_id or 0
    ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    stops = stops_of(model)
    greedy = GenerationConfig(
        max_new_tokens=new_tokens,
        do_sample=False,
        eos_token_id=stops or None,
        pad_token_id=pad,
        return_dict_in_generate=True,
        output_logits=True,
    )
    with torch.inference_mode():
        made = model.generate(ids, attention_mask=mask, generation_config=greedy)
    first = made.logits[0].log_softmax(-1).amax(-1).tolist()
    answers = []
    for question, prompt, row, log_probability in zip(asked, prompts, made.sequences.tolist(), first, strict=True):
        said = until_end(row[width:], stops)
        answers.append(
            question
            | {
                "question_tokens": prompt,
                "answer_tokens": said,
                "answer": tokenizer.decode(said),
                "first_log_probability": round(log_probability, 6),
            }
        )
    return {"new_tokens": new_tokens, "stops": stops, "answers": answers}


def question_tokens(question: dict, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """A chat up to its answer, or the beginning of a corpus text."""
    if "prompt" in question:
        return tokens_of(question["prompt"], tokenizer)
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return start + tokenizer(question["text"], add_special_tokens=False)["input_ids"]


def stops_of(model: "PreTrainedModel") -> list[int]:
    """The tokens at which the model's own generation stops."""
    stops = model.generation_config.eos_token_id
    return [] if stops is None else [stops] if isinstance(stops, int) else sorted(stops)


def check(model: str, revision: str | None, recorded: Path | None) -> str:
    """Load a model as anyone would and compare its answers with the recorded ones; what was found, in a line.

    Args:
        model: Hub id or folder.
        recorded: an answers.json; None takes the one that lies with the model.

    Raises:
        RecipeError: it cannot be loaded, lacks weights, or is not the model that was trained: what differs is named.
    """
    name = f"{model}{f' {revision}' if revision else ''}"
    wanted = json.loads((recorded or fetch(model, revision)).read_text(encoding="utf-8"))
    tokenizer, loaded = load(model, revision, name)
    asked = [{key: answer[key] for key in ("id", "prompt", "text") if key in answer} for answer in wanted["answers"]]
    found = ask(loaded, tokenizer, asked, wanted["new_tokens"])
    if problems := differences(wanted, found, tokenizer):
        raise RecipeError(f"{name} is not the model that was trained:\n  " + "\n  ".join(problems))
    same = sum(a["answer_tokens"] == b["answer_tokens"] for a, b in pairs(wanted, found))
    rounding = "" if same == len(asked) else "; the others begin as likely: rounding"
    return f"{name}: {same} of {len(asked)} answers are those of the training run{rounding}"


def fetch(model: str, revision: str | None) -> Path:
    """The answers.json of a folder or Hub id.

    Raises:
        RecipeError: it has none.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        path = Path(model) / FILE if Path(model).is_dir() else Path(hf_hub_download(model, FILE, revision=revision))
        path.stat()
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise RecipeError(f"{model}: no {FILE}: {error}; give the training run's with --answers") from error
    return path


def load(model: str, revision: str | None, name: str) -> "tuple[PreTrainedTokenizerBase, PreTrainedModel]":
    """Tokenizer and model, by transformers.

    Raises:
        RecipeError: a file is missing or broken, or the files lack a weight, which transformers would draw at random.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, revision=revision)
        loaded, about = AutoModelForCausalLM.from_pretrained(
            model, revision=revision, dtype=torch.float32, output_loading_info=True
        )
    except Exception as error:  # noqa: BLE001 safetensors', tokenizers' and the Hub client's own kinds
        raise RecipeError(f"{name} cannot be loaded: {type(error).__name__}: {error}") from error
    if missing := sorted(about["missing_keys"]) + [str(key) for key in about["mismatched_keys"]]:
        raise RecipeError(f"{name}: its files lack {len(missing)} weights: {', '.join(missing[:5])}")
    return tokenizer, loaded


def differences(wanted: dict, found: dict, tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """What is not as recorded, beyond rounding."""
    problems = [
        f"generation does not stop at {tokenizer.convert_ids_to_tokens(stop)!r}, which ended answers in training"
        for stop in sorted({*wanted["stops"]} - {*found["stops"]})
    ]
    others = [a["id"] for a, b in pairs(wanted, found) if a["question_tokens"] != b["question_tokens"]]
    if others:
        return [*problems, f"other tokenizer or chat template: {len(others)} questions have other tokens: {others[0]}"]
    for a, b in pairs(wanted, found):
        apart = abs(a["first_log_probability"] - b["first_log_probability"])
        if not apart <= TOLERANCE:  # nan too
            problems.append(
                f"other weights: {a['id']} was answered {a['answer'][:60]!r}, now {b['answer'][:60]!r}; its first "
                f"token's log-probability is {apart:.3g} off, rounding is below {TOLERANCE}"
            )
    return problems


def pairs(wanted: dict, found: dict) -> list[tuple[dict, dict]]:
    """Each recorded answer with the one found."""
    return list(zip(wanted["answers"], found["answers"], strict=True))
