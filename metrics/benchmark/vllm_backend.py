"""Batched greedy answers of a causal language model, with vLLM where it is installed.

Written against the offline API of vLLM 0.33 (`LLM`, `SamplingParams`), and tested with a stand-in for it only. vLLM
pins other versions of torch and transformers than requirements.txt, so it needs an environment of its own; its server,
`vllm serve`, can be asked from here with `--backend openai`.
"""

import time
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

import pyarrow as pa

from metrics.benchmark.asking import Batch, Settings
from metrics.benchmark.generation import encode, end_tokens, resolve_revision
from metrics.benchmark.stored import EvaluationError


KEPT_AFTER = 1_000  # rows that vLLM gets at once; their answers are on disk before the next


def identify(settings: Settings) -> str:
    """Which weights exactly; see `resolve_revision`.

    Raises:
        EvaluationError: vLLM is not installed, or there is no model.
    """
    if find_spec("vllm") is None:
        raise EvaluationError(
            "vLLM is not installed here; it needs a GPU and an environment of its own, as it pins other releases of "
            "torch and transformers: evaluate there, or run `vllm serve` there and ask it with --backend openai"
        )
    return resolve_revision(settings.model, settings.revision)


def answers(rows: pa.Table, settings: Settings) -> Iterator[dict | Batch]:
    """The environment once the model is loaded, then its answers in batches; prompts are those of `generation`."""
    import torch
    import vllm
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(settings.model, revision=settings.revision)
    config = AutoConfig.from_pretrained(settings.model, revision=settings.revision)
    llm = vllm.LLM(
        model=settings.model,
        revision=settings.revision,
        tokenizer_revision=settings.revision,
        dtype=str(config.dtype).removeprefix("torch."),  # vLLM's "auto" turns float32 weights into float16
        tensor_parallel_size=max(1, torch.cuda.device_count()),
        generation_config="vllm",  # nothing of the model's own, which may sample or penalise
        seed=0,
    )
    stops, limit = end_tokens(tokenizer), settings.max_new_tokens
    greedy = vllm.SamplingParams(temperature=0, max_tokens=limit, stop_token_ids=stops)
    context = llm.llm_engine.model_config.max_model_len - limit
    template = "chat" if tokenizer.chat_template else "plain text, the tokenizer has no chat template"
    yield {
        "template": template,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
        "dtype": str(config.dtype).removeprefix("torch."),
        "vllm": vllm.__version__,
        **{name: version(name) for name in ("torch", "transformers")},
    }
    for i in range(0, len(rows), KEPT_AFTER):
        start, part = time.perf_counter(), rows.slice(i, KEPT_AFTER)
        ids = part["id"].to_pylist()
        encoded, cut = zip(*(encode(prompt, tokenizer, context) for prompt in part["prompt"].to_pylist()), strict=True)
        outputs = llm.generate([{"prompt_token_ids": tokens} for tokens in encoded], greedy, use_tqdm=False)
        first = [output.outputs[0] for output in outputs]  # outputs come in the order of the prompts
        more = {
            "prompt_tokens": [len(tokens) for tokens in encoded],
            "answer_tokens": [len(one.token_ids) for one in first],
            "finish_reason": [one.finish_reason for one in first],
        }
        shortened = [row for row, was_cut in zip(ids, cut, strict=True) if was_cut]
        yield Batch(ids, [one.text.strip() for one in first], shortened, time.perf_counter() - start, more)
