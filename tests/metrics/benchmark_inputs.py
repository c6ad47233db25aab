"""What the benchmark's tests evaluate: a small dataset folder in the published layout, and a random tiny Llama."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from dataset_builder.tasks import SYSTEM_PROMPT, TASKS


SIZES = {"train": 60, "validation": 12, "test": 40}
LABELS = {
    "promoter_300": lambda random: random.choice(["positive", "negative"], p=[0.3, 0.7]).item(),
    "ncrna_family": lambda random: random.choice(["tRNA", "miRNA", "IRES"], p=[0.6, 0.2, 0.2]).item(),
    "enhancer_activity": lambda random: {name: round(random.normal(), 2) for name in ("hk", "dev")},
    "antibody_antigen": lambda random: random.choice(["positive", "negative"]).item(),
}
LETTERS = {"dna": "ACGT", "rna": "ACGT", "protein": "ACDEFGHIKLMNPQRSTVWY"}


def sequence(random: np.random.Generator, molecule: str, length: int) -> str:
    """A random sequence in its tags."""
    return f"<{molecule}>{''.join(random.choice(list(LETTERS[molecule]), length))}</{molecule}>"


def task_rows(task_id: str, split: str, random: np.random.Generator) -> pa.Table:
    """Rows of one split; promoters are in two sets each, `all` and their own."""
    rows = []
    for i in range(SIZES[split]):
        tagged = [sequence(random, molecule, random.integers(8, 40)) for molecule in TASKS[task_id].molecules]
        label = LABELS[task_id](random)
        for subtask in ("all", "tata" if i % 3 else "notata") if task_id == "promoter_300" else ("",):
            rows.append(
                {
                    "id": f"{task_id}/{split}/{subtask}{i}",
                    "task": task_id,
                    "subtask": subtask,
                    "prompt": [
                        {"role": "system", "content": SYSTEM_PROMPT},
                        {"role": "user", "content": " and ".join(tagged) + " What is this?"},
                    ],
                    "label": json.dumps(label),
                }
            )
    return pa.Table.from_pylist(rows)


def write_dataset(folder: Path) -> Path:
    """A dataset folder: promoter_300 has all splits, antibody_antigen no train, `conditioned` all tasks together."""
    random = np.random.default_rng(0)
    files: dict[str, dict[str, list[str]]] = {}
    for task_id in LABELS:
        for split in SIZES if task_id != "antibody_antigen" else ("test",):
            path = folder / "data" / task_id / f"{split}-00000-of-00001.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(task_rows(task_id, split, random), path)
            files.setdefault(task_id, {})[split] = [str(path.relative_to(folder))]
    configs = [
        {"config_name": name, "data_files": [{"split": split, "path": path} for split, path in splits.items()]}
        for name, splits in files.items()
    ]
    together = {split: [path for paths in files.values() for path in paths.get(split, ())] for split in SIZES}
    configs.append(
        {
            "config_name": "conditioned",
            "data_files": [{"split": split, "path": paths} for split, paths in together.items()],
        }
    )
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': configs})}---\n", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"digest": "d1" * 32, "version": "1.0.0"}), encoding="utf-8")
    return folder


def write_model(folder: Path, context: int = 1_024, seed: int = 0) -> Path:
    """A random Llama of a few thousand parameters with a byte-level tokenizer and the chat template of Llama-3.1."""
    import torch
    import trl
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate([*letters, *special])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|begin_of_text|>",
        eos_token="<|end_of_text|>",
        additional_special_tokens=special[2:],
        chat_template=(Path(trl.__file__).parent / "chat_templates" / "llama3_1.jinja").read_text(encoding="utf-8"),
    )
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=context,
        initializer_range=0.5,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
