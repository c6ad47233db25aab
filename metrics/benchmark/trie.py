"""Token sequences as trees: what several of them begin with is read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import torch

FED = 256  # nodes of a tree, which all attend to all of it before the mask


@dataclass(frozen=True)
class Trie:
    """A tree of tokens below a root that stands for what comes before.

    Attributes:
        fed: int64 of shape (m,): tokens of the nodes that have children, parents first: what a model has to read.
        depth: int64 of shape (m,): of these, 0 for children of the root.
        sees: bool of shape (m, m): node i follows node j, or is it.
        row: int64 of shape (n,): where the probability of each node is read: 0 after the root, or 1 + the index of
            its parent among the fed.
        token: int64 of shape (n,): of each node.
        paths: int64 of shape (sequences, longest): the nodes of each sequence, n where it has no more.
    """

    fed: "torch.Tensor"
    depth: "torch.Tensor"
    sees: "torch.Tensor"
    row: "torch.Tensor"
    token: "torch.Tensor"
    paths: "torch.Tensor"


@dataclass(frozen=True)
class Forest:
    """Token sequences, and trees of at most FED read nodes (or one sequence) each that hold them in sorted order.

    `order`: int64 of shape (sequences,): the place of each sequence in the trees.
    """

    sequences: list[list[int]]
    trees: list[Trie]
    order: "torch.Tensor"

    @property
    def fed(self) -> int:
        """Read nodes of the largest tree."""
        return max(len(tree.fed) for tree in self.trees)


def forest(sequences: list[list[int]]) -> Forest:
    """The trees of these token sequences, none of which is empty."""
    import torch

    by_token = sorted(range(len(sequences)), key=sequences.__getitem__)
    runs, inner = [[]], set()
    for i in by_token:
        inner |= {tuple(sequences[i][:end]) for end in range(1, len(sequences[i]))}
        if len(inner) > FED and runs[-1]:
            runs.append([])
            inner = {tuple(sequences[i][:end]) for end in range(1, len(sequences[i]))}
        runs[-1].append(sequences[i])
    return Forest(sequences, [trie(run) for run in runs], torch.tensor(by_token).argsort())


def trie(sequences: Sequence[list[int]]) -> Trie:
    """The tree of these token sequences, none of which is empty."""
    import torch

    nodes: dict[tuple[int, ...], int] = {}
    paths = []
    for sequence in sequences:
        prefixes = [tuple(sequence[:end]) for end in range(1, len(sequence) + 1)]
        paths.append(torch.tensor([nodes.setdefault(prefix, len(nodes)) for prefix in prefixes]))
    inner = sorted({prefix[:-1] for prefix in nodes} - {()}, key=len)
    index = {prefix: i for i, prefix in enumerate(inner)}
    sees = torch.eye(len(inner), dtype=torch.bool)
    for prefix, i in index.items():
        if len(prefix) > 1:
            sees[i] |= sees[index[prefix[:-1]]]
    return Trie(
        fed=torch.tensor([prefix[-1] for prefix in inner], dtype=torch.long),
        depth=torch.tensor([len(prefix) - 1 for prefix in inner], dtype=torch.long),
        sees=sees,
        row=torch.tensor([1 + index[prefix[:-1]] if prefix[:-1] else 0 for prefix in nodes]),
        token=torch.tensor([prefix[-1] for prefix in nodes]),
        paths=torch.nn.utils.rnn.pad_sequence(paths, batch_first=True, padding_value=len(nodes)),
    )


def sequence_scores(tree: Trie, logits: "torch.Tensor") -> "torch.Tensor":
    """Log-probability of every sequence, float32 of shape (b, sequences).

    Args:
        logits: of shape (b, 1 + m, vocabulary): after the root and after every read node.
    """
    import torch

    row, token, paths = (part.to(logits.device) for part in (tree.row, tree.token, tree.paths))
    logits = logits.float()
    steps = logits[:, row, token] - logits.logsumexp(-1)[:, row]
    return torch.nn.functional.pad(steps, (0, 1))[:, paths].sum(-1)
