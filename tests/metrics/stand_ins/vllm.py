"""What the benchmark calls of vLLM 0.33, with the names and defaults of its `LLM` and `SamplingParams`; transformers
answer in its place."""

from dataclasses import dataclass
from types import SimpleNamespace


__version__ = "0.33.0"
calls: list[dict] = []  # the arguments of LLM, and of each generate


@dataclass
class SamplingParams:
    n: int = 1
    temperature: float = 1.0
    max_tokens: int | None = 16
    stop_token_ids: list[int] | None = None
    skip_special_tokens: bool = True


class LLM:
    def __init__(
        self,
        model: str,
        *,
        tensor_parallel_size: int = 1,
        dtype: str = "auto",
        revision: str | None = None,
        tokenizer_revision: str | None = None,
        seed: int = 0,
        generation_config: str = "auto",
    ) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        calls.append({**locals(), "self": None})
        self.model = AutoModelForCausalLM.from_pretrained(model, dtype=dtype)
        self.tokenizer = AutoTokenizer.from_pretrained(model)
        context = self.model.config.max_position_embeddings
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=context))

    def generate(
        self, prompts: list[dict], sampling_params: SamplingParams | None = None, *, use_tqdm: bool = True
    ) -> list[SimpleNamespace]:
        calls.append({"prompts": prompts, "sampling_params": sampling_params, "use_tqdm": use_tqdm})
        return [SimpleNamespace(outputs=[self.one(prompt["prompt_token_ids"], sampling_params)]) for prompt in prompts]

    def one(self, prompt: list[int], params: SamplingParams) -> SimpleNamespace:
        import torch

        assert params.temperature == 0 and params.n == 1
        output = self.model.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt)),
            do_sample=False,
            max_new_tokens=params.max_tokens,
            eos_token_id=params.stop_token_ids,
        )
        tokens = output[0, len(prompt) :].tolist()
        text = self.tokenizer.decode(tokens, skip_special_tokens=params.skip_special_tokens)
        reason = "stop" if tokens[-1] in params.stop_token_ids else "length"
        return SimpleNamespace(text=text, token_ids=tokens, finish_reason=reason)
