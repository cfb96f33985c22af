"""arXiv's categories: names, archives, aliases."""
