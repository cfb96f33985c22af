"""The parts of the fake arXiv: what it holds, and one module for each interface that it plays."""
