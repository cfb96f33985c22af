"""A BERT sentence encoder as an ONNX graph, built from its published weights: in float32, and with 8-bit products.

The graph takes the word pieces of one text and gives its unit vector: no padding, no mask. Its operators are onnxruntime's
fused ones, so that nothing has to rewrite the graph when it is loaded.

Products in 8 bits follow Jacob et al. 2018 (arXiv:1712.05877): weights by column, activations by their range in this text.
Left alone that loses a tenth of the neighbours. Four cures, by what is seen of the activations over some texts:

- some channels of an activation are far larger than the others, or far from zero. Their middles go into the bias; they
  are divided by a factor each, and the weights multiplied (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438; the middles
  as in Outlier Suppression+, Wei et al. 2023, arXiv:2304.09145);
- weights are not rounded one by one, but so that one makes up for the other (GPTQ, Frantar et al. 2023, arXiv:2210.17323);
- what leaves GELU is small but for rare peaks, which take the small values' bits. Where they are high, that product's
  integers have a scale for each BLOCK channels of a word piece, as the weights have: slower, and still faster than float32;
- what attention's products take in the later half of the layers, where its tails are long, is the sum of an inner and an
  outer part, each with a range of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
Double = NDArray[np.float64]
Seen = Mapping[str, Array]
"""Rows (pieces, channels) that an activation had, by the activation's name."""

FUSED = "com.microsoft"
OPSETS = {"": 18, FUSED: 1}
IR_VERSION = 9  # what the oldest onnxruntime that we ask for reads

INPUT, OUTPUT = "ids", "vector"

MIGRATION = 0.85
"""How much of a channel's range goes to the weights; SmoothQuant's alpha. 0.7 and 1 leave more error."""

PEAK = 9.0
"""Where what leaves GELU reaches this, its product is by blocks: below, the other way's error is under a hundredth."""

BLOCK = 64
"""Channels with one scale. 32 to 128 were tried: twice as many are a fifth faster, and less exact."""

INNER = 0.35
"""The bounds of the inner part of a split activation, as a share of the largest value seen."""

SMALL = 1e-3
"""Less than this is no range of a channel, so that none is divided by nothing."""

DAMPING = 0.01
"""Of the mean moment, added to each: GPTQ's own value."""

STRIDE = 64
"""Rows that are rounded at a time."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Of a BERT encoder, from its ``config.json``."""

    layers: int
    heads: int
    hidden: int
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> Shape:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            hidden=config["hidden_size"],
            epsilon=config["layer_norm_eps"],
        )


def float_graph(weights: Mapping[str, Array], shape: Shape) -> ModelProto:
    """The encoder in float32: input ``ids``, int32 (1, pieces); output ``vector``, float32 (1, hidden)."""
    return _Builder(weights, shape, _Float()).model()


def quantised_graph(weights: Mapping[str, Array], shape: Shape, seen: Seen) -> ModelProto:
    """The same with 8-bit products, by what was *seen* of each activation that ``activations`` names."""
    return _Builder(weights, shape, _EightBits(seen)).model()


def activations(shape: Shape) -> list[str]:
    """The names of the activations that 8-bit products take, in both graphs."""
    return [f"{layer}.{part}" for layer in range(shape.layers) for part in ("in", "between", "gelu")]


def with_outputs(model: ModelProto, names: Iterable[str]) -> ModelProto:
    """A copy that gives these activations, too."""
    copy = ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    return copy


@dataclass
class _Graph:
    """Nodes and constants so far."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(
            helper.make_node(kind, list(inputs), list(outputs), name=outputs[0], domain=domain, **attributes)
        )
        return outputs[0]


class _Float:
    """Products of float32."""

    def between(self, graph: _Graph, name: str, taken: str, weight: Array, *, split: bool = False) -> tuple[str, Array]:  # noqa: ARG002
        return self.plain(graph, name, taken, weight), np.zeros(weight.shape[1], dtype=np.float32)

    def plain(self, graph: _Graph, name: str, taken: str, weight: Array) -> str:
        return graph.add("MatMul", [taken, graph.constant(f"{name}.weight", weight)], name)

    context = after_gelu = plain


class _EightBits:
    """Products of 8-bit integers; what is taken is quantised by its own range, whenever it is taken."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def context(self, graph: _Graph, name: str, taken: str, weight: Array) -> str:
        """In float32: the smallest product, a tenth of the time; in integers, cosines were off by an eighth more."""
        return _Float().plain(graph, name, taken, weight)

    def between(self, graph: _Graph, name: str, taken: str, weight: Array, *, split: bool = False) -> tuple[str, Array]:
        """The product without what the channels' middles give, and that: a row for the bias to take up."""
        rows = self.seen[taken]
        middle = (rows.min(axis=0) + rows.max(axis=0)) / 2
        factors = _factors(rows.max(axis=0) - middle, weight)
        moved = graph.add("Sub", [taken, graph.constant(f"{name}.middle", middle)], f"{name}.moved")
        smooth = graph.add("Mul", [moved, graph.constant(f"{name}.inverse", 1 / factors)], f"{name}.smooth")
        scaled = (rows - middle) / factors
        product = _in_two if split else _whole
        return product(graph, name, smooth, weight * factors[:, None], scaled), middle @ weight

    def after_gelu(self, graph: _Graph, name: str, taken: str, weight: Array) -> str:
        rows = self.seen[taken]
        if rows.max() < PEAK:
            return _whole(graph, name, taken, weight, rows)
        return _by_blocks(graph, name, taken, weight)


def _moments(rows: Array) -> Double:
    """Of each two channels, shape (channels, channels): the sum of their products."""
    exact = rows.astype(np.float64)
    return np.asarray(exact.T @ exact, dtype=np.float64)


def _factors(reach: Array, weight: Array) -> Array:
    """What each channel of an activation is divided by, shape (channels,), of geometric mean 1."""
    rows = np.maximum(np.abs(weight).max(axis=1), SMALL)
    factors = np.maximum(reach, SMALL) ** MIGRATION / rows ** (1 - MIGRATION)
    return np.asarray(factors / np.exp(np.log(factors).mean()), dtype=np.float32)


def _whole(graph: _Graph, name: str, taken: str, weight: Array, rows: Array) -> str:
    """One scale for the activation, one for each column of the weight; *rows* is what the activation was."""
    return graph.add("DynamicQuantizeMatMul", [taken, *_columns(graph, name, weight, rows)], name, domain=FUSED)


def _in_two(graph: _Graph, name: str, taken: str, weight: Array, rows: Array) -> str:
    """The sum of the products of what is within bounds and of what is beyond, which is little: each has its own scale."""
    bound = np.float32(INNER * np.abs(rows).max())
    least, most = graph.constant(f"{name}.least", -bound), graph.constant(f"{name}.most", bound)
    inner = graph.add("Clip", [taken, least, most], f"{name}.inner")
    outer = graph.add("Sub", [taken, inner], f"{name}.outer")
    columns = _columns(graph, name, weight, rows)
    products = [
        graph.add("DynamicQuantizeMatMul", [part, *columns], f"{part}.product", domain=FUSED) for part in (inner, outer)
    ]
    return graph.add("Add", products, name)


def _columns(graph: _Graph, name: str, weight: Array, rows: Array) -> tuple[str, str]:
    """The names of a weight's integers and of their scales, one for each column."""
    scales = np.abs(weight).max(axis=0) / 127
    integers = rounded(weight, scales, _moments(rows))
    return graph.constant(f"{name}.int8", integers), graph.constant(f"{name}.scales", scales.astype(np.float32))


def _by_blocks(graph: _Graph, name: str, taken: str, weight: Array) -> str:
    """A scale for each block of a row of the activation, and of a column of the weight."""
    channels, columns = weight.shape
    blocks = weight.T.reshape(columns, channels // BLOCK, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127
    integers = (np.rint(blocks / scales[:, :, None]) + 128).astype(np.uint8)
    inputs = [taken, graph.constant(f"{name}.uint8", integers), graph.constant(f"{name}.scales", scales)]
    return graph.add(
        "MatMulNBits", inputs, name, domain=FUSED, K=channels, N=columns, bits=8, block_size=BLOCK, accuracy_level=4
    )


def rounded(weight: Array, scales: Array, moments: Double) -> NDArray[np.int8]:
    """A weight (channels, columns) as integers times *scales*, so that products with activations change least.

    Rows are rounded one by one, and the rows to come make up for what the last one lost, as far as the activations'
    second *moments* (channels, channels) let them: GPTQ.
    """
    order = np.argsort(-np.diag(moments), kind="stable")
    damped = moments[np.ix_(order, order)] + DAMPING * np.diag(moments).mean() * np.eye(len(weight))
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    left = weight[order].astype(np.float64)
    integers = np.empty(weight.shape, dtype=np.int8)
    for start in range(0, len(order), STRIDE):  # what is far below is brought up to date by the stride: much faster
        stop = min(start + STRIDE, len(order))
        lost = np.empty((stop - start, weight.shape[1]))
        for row in range(start, stop):
            integers[order[row]] = np.clip(np.rint(left[row] / scales), -127, 127)
            lost[row - start] = (left[row] - integers[order[row]] * scales) / factor[row, row]
            left[row + 1 : stop] -= np.outer(factor[row, row + 1 : stop], lost[row - start])
        left[stop:] -= factor[start:stop, stop:].T @ lost
    return integers


class _Builder:
    def __init__(self, weights: Mapping[str, Array], shape: Shape, products: _Float | _EightBits) -> None:
        self.weights = weights
        self.shape = shape
        self.products = products
        self.graph = _Graph()

    def model(self) -> ModelProto:
        self.graph.constant("thirds", np.array([self.shape.hidden] * 3, dtype=np.int64))
        self._embeddings("0.in")
        for layer in range(self.shape.layers):
            self._attention(layer)
            self._feed_forward(layer)
        self.graph.constant("pieces", np.array([1], dtype=np.int64))
        self.graph.add("ReduceMean", [f"{self.shape.layers}.in", "pieces"], "mean", keepdims=0)
        self.graph.add("LpNormalization", ["mean"], OUTPUT, axis=1, p=2)
        graph = helper.make_graph(
            self.graph.nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT32, [1, "pieces"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, self.shape.hidden])],
            self.graph.constants,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)

    def _embeddings(self, output: str) -> None:
        place = "embeddings."
        # All of a text is of the first type, so its row can be added to each position's once for all.
        positions = (
            self.weights[place + "position_embeddings.weight"] + self.weights[place + "token_type_embeddings.weight"][0]
        )
        words = self.graph.constant("words", self.weights[place + "word_embeddings.weight"])
        tables = [INPUT, "", words, self.graph.constant("positions", positions), ""]
        inputs = [*tables, *self._norm(place + "LayerNorm", "embeddings")]
        self.graph.add("EmbedLayerNormalization", inputs, output, "unmasked", domain=FUSED, epsilon=self.shape.epsilon)

    def _attention(self, layer: int) -> None:
        place, name = f"encoder.layer.{layer}.attention.", f"{layer}."
        weights = [self.weights[f"{place}self.{part}.weight"].T for part in ("query", "key", "value")]
        biases = [self.weights[f"{place}self.{part}.bias"] for part in ("query", "key", "value")]
        output = self.weights[place + "output.dense.weight"].T
        joint, constant = self.products.between(
            self.graph,
            name + "joint",
            name + "in",
            np.concatenate(weights, axis=1),
            split=2 * layer >= self.shape.layers,
        )
        thirds = [name + "query", name + "key", name + "value"]
        self.graph.add("Split", [joint, "thirds"], *thirds, axis=2)
        bias = self.graph.constant(name + "joint.bias", np.concatenate(biases) + constant)
        context = self.graph.add(
            "MultiHeadAttention", [*thirds, bias], name + "context", domain=FUSED, num_heads=self.shape.heads
        )
        attended = self.products.context(self.graph, name + "attended", context, output)
        self._add_and_norm(attended, name + "in", place + "output", name + "between")

    def _feed_forward(self, layer: int) -> None:
        place, name = f"encoder.layer.{layer}.", f"{layer}."
        wide, constant = self.products.between(
            self.graph, name + "wide", name + "between", self.weights[place + "intermediate.dense.weight"].T
        )
        bias = self.graph.constant(name + "wide.bias", self.weights[place + "intermediate.dense.bias"] + constant)
        gelu = self.graph.add("BiasGelu", [wide, bias], name + "gelu", domain=FUSED)
        narrow = self.products.after_gelu(
            self.graph, name + "narrow", gelu, self.weights[place + "output.dense.weight"].T
        )
        self._add_and_norm(narrow, name + "between", place + "output", f"{layer + 1}.in")

    def _add_and_norm(self, change: str, stream: str, place: str, output: str) -> None:
        # Not SkipLayerNormalization, which does all of this in one, and takes five times as long.
        bias = self.graph.constant(f"{output}.bias", self.weights[place + ".dense.bias"])
        biased = self.graph.add("Add", [change, bias], f"{output}.biased")
        summed = self.graph.add("Add", [biased, stream], f"{output}.sum")
        inputs = [summed, *self._norm(place + ".LayerNorm", output)]
        self.graph.add("LayerNormalization", inputs, output, axis=-1, epsilon=self.shape.epsilon)

    def _norm(self, place: str, name: str) -> tuple[str, str]:
        gain = self.graph.constant(f"{name}.gain", self.weights[place + ".weight"])
        return gain, self.graph.constant(f"{name}.offset", self.weights[place + ".bias"])
