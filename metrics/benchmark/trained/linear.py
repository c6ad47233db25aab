"""Logistic and ridge regression on sparse features, once for every strength of the penalty."""

import warnings
from collections.abc import Iterator

import numpy as np
from scipy import sparse


C = (1.0, 10.0, 100.0)  # inverse penalties of the logistic regression
PENALTIES = (0.1, 1.0, 10.0, 100.0)  # of the ridge regression
TOLERANCE = 1e-6  # of the slope of the mean loss: at 1e-5 the weakest penalty is not yet told from the one before
ITERATIONS = 1_000  # minutes for pairs of long proteins, whose loss is not yet flat then
DENSE = 0.06  # share of entries from which on the dense product of a matrix with itself is the faster one
ROWS_AT_ONCE = 4_096


def logistic(
    x: sparse.csr_matrix, y: np.ndarray, others: list[sparse.csr_matrix]
) -> Iterator[tuple[dict, list[np.ndarray]]]:
    """Probabilities of the classes 0, 1, … k - 1 that are in `y`, for the rows of each of the others.

    Args:
        x: shape (n, features).
        y: int of shape (n,).

    Yields:
        {"C": …, "converged": …} and a float64 array of shape (m, k) per matrix; {"C": None} and a constant 1 where `y`
        has one class.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(y)) < 2:
        yield {"C": None}, [np.ones((other.shape[0], 1)) for other in others]
        return
    x = x.astype(np.float64)  # rounding of float32 hides the slope before it is flat
    model = LogisticRegression(tol=TOLERANCE, max_iter=ITERATIONS, warm_start=True)
    for inverse in C:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # "converged" says it
            model.set_params(C=inverse).fit(x, y)
        yield (
            {"C": inverse, "converged": bool(model.n_iter_.max() < ITERATIONS)},
            [model.predict_proba(other) for other in others],
        )


def ridge(
    x: sparse.csr_matrix, y: np.ndarray, others: list[sparse.csr_matrix]
) -> Iterator[tuple[dict, list[np.ndarray]]]:
    """Least squares with an L2 penalty on all weights but the intercept, for any number of targets at once.

    scikit-learn's Ridge would form the product of the features with themselves anew for each penalty, or solve for
    each of hundreds of targets in turn.

    Args:
        x: shape (n, features).
        y: float of shape (n, k).

    Yields:
        {"penalty": …} and one float64 array of shape (m, k) per matrix.
    """
    from scipy.linalg import cho_factor, cho_solve

    x = x.astype(np.float64)  # centring cancels the leading digits
    mean_x, mean_y = np.asarray(x.mean(axis=0)).ravel(), y.mean(axis=0)
    few = x.shape[0] < x.shape[1]  # rows: the weights are then a sum over them
    if few:
        gram, right = centred(product(x.T.tocsr())), y - mean_y
    else:
        gram, right = product(x) - len(y) * np.outer(mean_x, mean_x), x.T @ (y - mean_y)
    diagonal = gram.diagonal().copy()
    for penalty in PENALTIES:
        np.fill_diagonal(gram, diagonal + penalty)
        solved = cho_solve(cho_factor(gram), right)
        weights = x.T @ solved - np.outer(mean_x, solved.sum(axis=0)) if few else solved
        yield {"penalty": penalty}, [other @ weights + (mean_y - mean_x @ weights) for other in others]


def centred(gram: np.ndarray) -> np.ndarray:
    """The inner products of rows less their mean, from those of the rows."""
    mean = gram.mean(axis=0)
    return gram - mean - mean[:, None] + mean.mean()


def product(x: sparse.csr_matrix) -> np.ndarray:
    """x.T @ x as a dense array."""
    if x.nnz < DENSE * x.shape[0] * x.shape[1]:
        return (x.T @ x).toarray()
    total = np.zeros((x.shape[1], x.shape[1]))
    for begin in range(0, x.shape[0], ROWS_AT_ONCE):
        rows = x[begin : begin + ROWS_AT_ONCE].toarray()
        total += rows.T @ rows
    return total
