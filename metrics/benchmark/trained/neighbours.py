"""The labels of the training rows whose k-mer profiles are the most alike."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse


NUMBERS = (1, 5, 25)  # of neighbours
DIMENSIONS = 512  # that profiles are projected to; distances keep to about 6%


def neighbours(
    x: sparse.csr_matrix, y: np.ndarray, others: list[sparse.csr_matrix]
) -> Iterator[tuple[dict, list[np.ndarray]]]:
    """The mean target of the nearest training rows, for the rows of each of the others.

    Args:
        x: profiles, shape (n, features).
        y: float of shape (n, k).

    Yields:
        {"neighbours": …} and one float64 array of shape (m, k) per matrix.
    """
    from sklearn.neighbors import NearestNeighbors
    from sklearn.random_projection import SparseRandomProjection

    project = SparseRandomProjection(min(DIMENSIONS, x.shape[1]), dense_output=True, random_state=0).fit(x)
    index = NearestNeighbors(n_neighbors=min(NUMBERS[-1], x.shape[0]), algorithm="brute").fit(project.transform(x))
    nearest = [index.kneighbors(project.transform(other), return_distance=False) for other in others]
    for number in NUMBERS:
        yield {"neighbours": number}, [y[rows[:, :number]].mean(axis=1) for rows in nearest]
