"""Tiny random models of the families that recipes are for, each with its own tokenizer class, tokens and template."""

from collections.abc import Iterator
from pathlib import Path

from trl_recipes.scratch import texts


VOCABULARY = 700


def create_base(base: str, dataset: str, out: Path) -> Path:
    """A model of the architecture in trl_recipes/<base>/model.yaml, two layers small, and its tokenizer, at `out`."""
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer, config, stops = {"qwen2.5-7b": qwen, "gemma3-1b": gemma}[base](texts(dataset, 100))
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config)
    model.generation_config.eos_token_id = stops
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return out


def qwen(corpus: Iterator[str]):
    """Byte-level BPE, ChatML, <|im_end|>, <|endoftext|> to pad with, no token before a text; biased q, k and v."""
    from tokenizers import decoders, pre_tokenizers
    from transformers import Qwen2Config, Qwen2Tokenizer

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    vocab, merges = train(corpus, special, byte_level, decoders.ByteLevel(), byte_level.alphabet())
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=merges, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    tokenizer.chat_template = template("qwen2_5")
    sizes = {"bos_token_id": vocab["<|endoftext|>"], "eos_token_id": tokenizer.eos_token_id, "initializer_range": 0.09}
    config = Qwen2Config(**small(tokenizer), **sizes, tie_word_embeddings=False)
    return tokenizer, config, [tokenizer.eos_token_id, vocab["<|endoftext|>"]]


def gemma(corpus: Iterator[str]):
    """Blanks as ▁, bytes as a last resort, runs of newlines as tokens; <end_of_turn> ends an answer and <eos> a text.

    One layer of the two looks back over a window of 64 tokens.
    """
    from tokenizers import AddedToken, decoders, normalizers
    from transformers import Gemma3TextConfig, GemmaTokenizer

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    vocab, merges = train(corpus, special + bytes_, None, decoders.Fuse(), [], normalizers.Replace(" ", "▁"))
    tokenizer = GemmaTokenizer(vocab=vocab, merges=merges)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<start_of_turn>", "<end_of_turn>"]})
    tokenizer.add_tokens([AddedToken("\n" * run, normalized=False) for run in (1, 2, 3)])
    tokenizer.chat_template = template("gemma3")
    config = Gemma3TextConfig(
        **small(tokenizer),
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=64,
        layer_types=["sliding_attention", "full_attention"],
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
        initializer_range=0.09,
    )
    return tokenizer, config, 1


def small(tokenizer) -> dict:
    """Sizes that all families name alike."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
    }


def train(corpus: Iterator[str], special: list[str], split, decoder, alphabet: list[str], normalizer=None):
    """(vocabulary, merges) of a BPE tokenizer."""
    import json

    from tokenizers import Tokenizer, models, trainers

    bpe = Tokenizer(models.BPE())
    bpe.decoder = decoder
    if split:
        bpe.pre_tokenizer = split
    if normalizer:
        bpe.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(corpus, trainer)
    model = json.loads(bpe.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def template(name: str) -> str:
    """A family's chat template, as TRL carries it."""
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")
