"""Packed rows -> one flat micro-batch of a constant number of tokens, so that compiled layers see one shape."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trl_recipes.encoding import IGNORED


if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class FlatCollator:
    """Collates rows of `input_ids`, `labels` and, where packed, `seq_lengths` (tokens of each document of the row).

    Attributes:
        tokens: length of every micro-batch; what is missing is padded as one last document without labels.
        longest: no document is longer; given to the attention kernel instead of each batch's own maximum.
        pad_token_id: fills the padding.
    """

    tokens: int
    longest: int
    pad_token_id: int

    def __call__(self, rows: list[dict]) -> "dict[str, torch.Tensor | int]":
        """int64 (1, tokens) input_ids, labels and position_ids, int32 cu_seq_lens_q, max_length_q and real_tokens.

        The first label of a document is -100: it would be predicted from the document before.

        Raises:
            ValueError: the rows hold more than `tokens` tokens.
        """
        import numpy as np
        import torch

        lengths = [n for row in rows for n in row.get("seq_lengths", [len(row["input_ids"])])]
        real = int(sum(lengths))
        padding = self.tokens - real
        if padding < 0:
            raise ValueError(f"{real} tokens in a micro-batch of {self.tokens}: pack to shorter rows, or take fewer")
        lengths += [min(self.longest, padding - start) for start in range(0, padding, self.longest)]
        ends = torch.tensor([0, *lengths]).cumsum(0)

        def flat(column: str, fill: int) -> torch.Tensor:
            parts = [np.asarray(row[column]) for row in rows]
            return torch.from_numpy(np.concatenate([*parts, np.full(padding, fill)]).astype(np.int64))[None]

        ids, labels = flat("input_ids", self.pad_token_id), flat("labels", IGNORED)
        labels[0, ends[:-1]] = IGNORED
        positions = torch.arange(self.tokens) - ends[:-1].repeat_interleave(ends.diff())
        return {
            "input_ids": ids,
            "labels": labels,
            "position_ids": positions[None],
            "cu_seq_lens_q": ends.to(torch.int32),
            "max_length_q": self.longest,
            "real_tokens": real,
        }
