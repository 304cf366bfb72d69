"""Rendered scenes: a picture, a sketch of it and a caption from one seed, and the arrays on disk that hold them."""
