"""A model from scratch: a tokenizer trained on the dataset's own text, and a random Llama of the size a YAML gives.

The tokenizer has Llama-3.1's special tokens and, unless the YAML gives another, its chat template, so recipes and
benchmark treat both models alike.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import yaml

from dataset_builder.build import replace
from dataset_builder.tasks import REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT
from trl_recipes.data import load_config
from trl_recipes.recipe import RecipeError


SPECIAL_TOKENS = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>"),
    *("<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"),
)
# Llama-3's split of text into words and up to three digits (tokenizer.json of meta-llama/Llama-3.1-8B)
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
# every capital letter, so every nucleotide and residue, and every digit is a token of its own
LETTERS = r"[A-Z]| ?[a-z]+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = {"words": WORDS, "letters": LETTERS}


def create(shape: Path, dataset: str, out: Path) -> None:
    """Write a random model and its tokenizer to `out`.

    Args:
        shape: YAML with `vocab_size`, `tokenizer_rows` (texts per config to train on), `seed`, LlamaConfig sizes, and
            where they differ from Llama's: `split` (`letters`: a token per letter of a sequence), `chat_template` (a
            file beside the YAML) and `system_prompts: tokens` (each of the two is one token).
        dataset: folder of a build, installed name, or Hub id.

    Raises:
        RecipeError: the YAML lacks a size, or has a key that nothing reads.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = yaml.safe_load(shape.read_text(encoding="utf-8")) or {}
    known = {"tokenizer_rows", "seed", "split", "chat_template", "system_prompts", *LlamaConfig().to_dict()}
    wrong = sorted({"vocab_size", "tokenizer_rows", "seed"} - set(sizes)) or [key for key in sizes if key not in known]
    if wrong:
        raise RecipeError(f"{shape}: missing or unknown: {', '.join(wrong)}; see trl_recipes/tiny/model.yaml")
    rows, seed, template = sizes.pop("tokenizer_rows"), sizes.pop("seed"), sizes.pop("chat_template", None)
    more = [SYSTEM_PROMPT, REASONING_SYSTEM_PROMPT] if sizes.pop("system_prompts", "words") == "tokens" else []
    split = SPLITS[sizes.pop("split", "words")]
    tokenizer = train_tokenizer(texts(dataset, rows), sizes.pop("vocab_size"), split, more)
    tokenizer.chat_template = (shape.parent / template).read_text(encoding="utf-8") if template else llama_template()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **sizes,
    )
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    LlamaForCausalLM(config).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    replace(partial, out)


def llama_template() -> str:
    """The chat template of Llama-3.1, as TRL carries it."""
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / "llama3_1.jinja").read_text(encoding="utf-8")


def texts(dataset: str, rows: int) -> Iterator[str]:
    """The first `rows` texts of every corpus, and of the training rows of all tasks in shuffled order."""
    for config in ("pretrain_dna", "pretrain_rna", "pretrain_protein", "all"):
        try:
            part = load_config(dataset, config)
        except RecipeError:
            if config == "all":
                raise
            continue
        for row in part.shuffle(seed=0).select(range(min(rows, len(part)))):
            if "text" in row:
                yield row["text"]
            else:
                yield from (turn["content"] for turn in row["prompt"] + row["completion"])


def train_tokenizer(corpus: Iterator[str], vocab_size: int, split: str, more: list[str]):
    """A byte-level BPE tokenizer in Llama-3's manner; eos is <|eot_id|>, as in Llama-3.1-Instruct.

    Args:
        split: regular expression of what is never joined with its neighbours.
        more: texts that are one token each.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[*SPECIAL_TOKENS, *more],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
        pad_token="<|finetune_right_pad_id|>",
        extra_special_tokens=[
            t for t in SPECIAL_TOKENS if t not in ("<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>")
        ],
        clean_up_tokenization_spaces=False,
    )
