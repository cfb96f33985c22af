"""Papers placed on a plane so that those that are alike are near each other: the map of a week."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RECIPE = "tsne-1"
"""Changes when the same vectors would get other places."""

SIDE = 1000
PERPLEXITY = 20.0
FEWEST = 12
"""Papers below which there is no map: a list says as much."""

ITERATIONS = 500


def placed(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places of unit vectors, shape (papers, dimensions) → (papers, 2), whole numbers within 0 … ``SIDE``.

    t-SNE (van der Maaten and Hinton 2008; Barnes-Hut, van der Maaten 2014), begun with the principal components and on
    one thread, so that the same vectors get the same places. Empty below ``FEWEST`` papers.
    """
    if len(vectors) < FEWEST:
        return np.zeros((0, 2), dtype=np.int64)
    from sklearn.manifold import TSNE  # a second to load
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    model = TSNE(perplexity=perplexity, init="pca", max_iter=ITERATIONS, random_state=0, n_jobs=1)
    with threadpool_limits(1):  # whatever n_jobs says, its search for neighbours takes all cores; and a fork would hang
        found = model.fit_transform(vectors.astype(np.float32))
    low, high = found.min(axis=0), found.max(axis=0)
    return np.asarray(np.rint((found - low) / np.maximum(high - low, 1e-9) * SIDE), dtype=np.int64)
