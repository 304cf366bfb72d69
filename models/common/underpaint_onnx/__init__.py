"""Writes PyTorch modules as ONNX files and compares the two. models/train and models/export both use it.

`graphs` describes a graph, `writer` writes its file, `storage` decides how weights are stored, `check` compares.
"""
