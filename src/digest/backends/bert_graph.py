"""A BERT sentence encoder as an OpenVINO model, built from its published weights: in float32, or with 8-bit weights.

The model takes the word pieces of one text and gives its unit vector: no padding, no mask.

With 8-bit weights OpenVINO quantises what a product takes, too, while it runs. Both have a scale for each GROUP channels,
of a word piece or of an output channel, so that a large value takes the bits of its group alone (per-vector scales, Dai
et al. 2021, arXiv:2102.04503). The rest, attention too, is in bfloat16. Two more things keep the neighbours:

- weights are not rounded one by one, but so that one makes up for the other (GPTQ, Frantar et al. 2023, arXiv:2210.17323);
- some channels of what a layer norm gives are far larger than the others. They are divided by a factor each, and the
  weights multiplied (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438).

Both go by what is seen of the activations over some texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digest.backends.openvino_quietly import openvino, ops

if TYPE_CHECKING:
    from openvino import Model, Node

Array = NDArray[np.float32]
Double = NDArray[np.float64]
Integers = Mapping[str, NDArray[Any]]
"""By product: ``<product>.int8`` (out, groups, GROUP), ``<product>.scales`` (out, groups, 1) and, after a layer norm,
``<product>.inverse`` (channels,), by which the activation is multiplied."""

GROUP = 64
"""Channels with one scale. 128 are a twentieth faster, and find 97.5 of a hundred neighbours where 64 find 98.2."""

MIGRATION = 0.5
"""How much of a channel's range goes to the weights; SmoothQuant's alpha, and its own value."""

SMALL = 1e-3
"""Less than this is no range of a channel or a group, so that none is divided by nothing."""

DAMPING = 0.01
"""Of the mean moment, added to each: GPTQ's own value."""

STRIDE = 64
"""Rows that are rounded at a time."""

TAKES = {"joint": "in", "attended": "context", "wide": "between", "narrow": "gelu"}
"""What each product of a layer takes: query, key and value in one; attention's output; the feed-forward's two."""

SMOOTHED = ("joint", "wide")
"""The products that come after a layer norm."""


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


@dataclass(frozen=True)
class Seen:
    """Of one activation over some texts."""

    peaks: Array
    """Of each channel, the largest absolute value: shape (channels,)."""

    moments: Double
    """Of each two channels, the sum of their products: shape (channels, channels)."""

    @classmethod
    def of(cls, rows: Array) -> Seen:
        """*rows* (pieces, channels) are one text's."""
        return cls(np.abs(rows).max(axis=0), (rows.T @ rows).astype(np.float64))

    def __add__(self, other: Seen) -> Seen:
        return Seen(np.maximum(self.peaks, other.peaks), self.moments + other.moments)


def encoder(weights: Mapping[str, Array], shape: Shape, integers: Integers | None = None) -> Model:
    """The encoder, in float32 without *integers*: input int32 (1, pieces); output float32 (1, hidden)."""
    return _Encoder(weights, shape, integers).model(())


def observer(weights: Mapping[str, Array], shape: Shape) -> Model:
    """The encoder in float32, whose outputs are what products take, each (1, pieces, channels), as ``activations`` names."""
    return _Encoder(weights, shape, None).model(activations(shape))


def activations(shape: Shape) -> list[str]:
    """The names of what products take, in the order of ``observer``'s outputs."""
    return [f"{layer}.{taken}" for layer in range(shape.layers) for taken in TAKES.values()]


def quantised(weights: Mapping[str, Array], shape: Shape, seen: Mapping[str, Seen]) -> dict[str, NDArray[Any]]:
    """The integers of all products, by what was *seen* of each activation that ``activations`` names."""
    integers: dict[str, NDArray[Any]] = {}
    for layer in range(shape.layers):
        for product, taken in TAKES.items():
            name, weight, found = f"{layer}.{product}", _dense(weights, layer, product)[0], seen[f"{layer}.{taken}"]
            moments = found.moments
            if product in SMOOTHED:
                factors = _factors(found.peaks, weight)
                weight, moments = weight * factors, moments / np.outer(factors, factors)
                integers[f"{name}.inverse"] = 1 / factors
            groups = weight.reshape(len(weight), -1, GROUP)
            scales = np.maximum(np.abs(groups).max(axis=2, keepdims=True), SMALL) / 127
            steps = np.repeat(scales[:, :, 0], GROUP, axis=1)
            integers[f"{name}.int8"] = rounded(weight, steps, moments).reshape(groups.shape)
            integers[f"{name}.scales"] = scales
    return integers


def _factors(peaks: Array, weight: Array) -> Array:
    """What each channel of an activation is divided by, shape (channels,), of geometric mean 1."""
    columns = np.maximum(np.abs(weight).max(axis=0), SMALL)
    factors = np.maximum(peaks, SMALL) ** MIGRATION / columns ** (1 - MIGRATION)
    return np.asarray(factors / np.exp(np.log(factors).mean()), dtype=np.float32)


def rounded(weight: Array, steps: Array, moments: Double) -> NDArray[np.int8]:
    """A weight (out, channels) as integers times *steps* (out, channels), so that products with activations change least.

    Channels are rounded one by one, and those to come make up for what the last one lost, as far as the activations'
    second *moments* (channels, channels) let them: GPTQ.
    """
    order = np.argsort(-np.diag(moments), kind="stable")
    damped = moments[np.ix_(order, order)] + DAMPING * np.diag(moments).mean() * np.eye(len(order))
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, step = weight.T[order].astype(np.float64), steps.T[order].astype(np.float64)
    integers = np.empty(left.shape, dtype=np.int8)
    for start in range(0, len(order), STRIDE):  # what is far below is brought up to date by the stride: much faster
        stop = min(start + STRIDE, len(order))
        lost = np.empty((stop - start, left.shape[1]))
        for row in range(start, stop):
            integers[order[row]] = np.clip(np.rint(left[row] / step[row]), -127, 127)
            lost[row - start] = (left[row] - integers[order[row]] * step[row]) / factor[row, row]
            left[row + 1 : stop] -= np.outer(factor[row, row + 1 : stop], lost[row - start])
        left[stop:] -= factor[start:stop, stop:].T @ lost
    return np.ascontiguousarray(integers.T)


def _dense(weights: Mapping[str, Array], layer: int, product: str) -> tuple[Array, Array]:
    """A product's weight (out, channels) and bias (out,)."""
    place = f"encoder.layer.{layer}."
    if product == "joint":
        parts = [f"{place}attention.self.{part}" for part in ("query", "key", "value")]
        return tuple(np.concatenate([weights[f"{part}.{kind}"] for part in parts]) for kind in ("weight", "bias"))  # type: ignore[return-value]
    dense = {"attended": "attention.output", "wide": "intermediate", "narrow": "output"}[product] + ".dense"
    return weights[f"{place}{dense}.weight"], weights[f"{place}{dense}.bias"]


def _constant(value: Any) -> Node:
    return ops.constant(np.array(value, order="C"))


class _Encoder:
    def __init__(self, weights: Mapping[str, Array], shape: Shape, integers: Integers | None) -> None:
        self.weights = weights
        self.shape = shape
        self.integers = integers
        self.taken: dict[str, Node] = {}

    def model(self, outputs: Sequence[str]) -> Model:
        """Its outputs are these activations, or else the vector."""
        ids = ops.parameter(openvino.PartialShape([1, -1]), openvino.Type.i32)
        stream = self._embeddings(ids)
        for layer in range(self.shape.layers):
            stream = self._feed_forward(layer, self._attention(layer, stream))
        mean = ops.reduce_mean(stream, _constant([1]), keep_dims=False)
        vector = ops.normalize_l2(mean, _constant([1]), eps=1e-24, eps_mode="max")
        return openvino.Model([self.taken[name] for name in outputs] or [vector], [ids], "encoder")

    def _embeddings(self, ids: Node) -> Node:
        place = "embeddings."
        # All of a text is of the first type, so its row can be added to each position's once for all.
        positions = (
            self.weights[place + "position_embeddings.weight"] + self.weights[place + "token_type_embeddings.weight"][0]
        )
        words = ops.gather(_constant(self.weights[place + "word_embeddings.weight"]), ids, _constant(0))
        pieces = ops.gather(ops.shape_of(ids), _constant([1]), _constant(0))
        first = ops.slice(_constant(positions[None]), _constant([0]), pieces, _constant([1]), _constant([1]))
        return self._norm(ops.add(words, first), place + "LayerNorm")

    def _attention(self, layer: int, stream: Node) -> Node:
        width = self.shape.hidden // self.shape.heads
        joint = self._product(layer, "joint", stream)
        heads = ops.reshape(joint, _constant([0, 0, 3 * self.shape.heads, width]), special_zero=True)
        turned = ops.transpose(heads, _constant([0, 2, 1, 3]))
        context = ops.scaled_dot_product_attention(*ops.split(turned, _constant(1), 3).outputs())
        back = ops.transpose(context, _constant([0, 2, 1, 3]))
        flat = ops.reshape(back, _constant([0, 0, self.shape.hidden]), special_zero=True)
        attended = self._product(layer, "attended", flat)
        return self._norm(ops.add(attended, stream), f"encoder.layer.{layer}.attention.output.LayerNorm")

    def _feed_forward(self, layer: int, stream: Node) -> Node:
        wide = ops.gelu(self._product(layer, "wide", stream), "erf")
        narrow = self._product(layer, "narrow", wide)
        return self._norm(ops.add(narrow, stream), f"encoder.layer.{layer}.output.LayerNorm")

    def _product(self, layer: int, product: str, taken: Node) -> Node:
        name = f"{layer}.{product}"
        self.taken[f"{layer}.{TAKES[product]}"] = taken
        weight, bias = _dense(self.weights, layer, product)
        if self.integers is None:
            factor = _constant(weight)
        else:
            if product in SMOOTHED:
                taken = ops.multiply(taken, _constant(self.integers[f"{name}.inverse"]))
            exact = ops.convert(_constant(self.integers[f"{name}.int8"]), "f32")
            groups = ops.multiply(exact, _constant(self.integers[f"{name}.scales"]))
            factor = ops.reshape(groups, _constant(weight.shape), special_zero=False)
        return ops.add(ops.matmul(taken, factor, transpose_a=False, transpose_b=True), _constant(bias))

    def _norm(self, stream: Node, place: str) -> Node:
        normal = ops.mvn(stream, _constant([-1]), True, self.shape.epsilon, "inside_sqrt")
        return ops.add(
            ops.multiply(normal, _constant(self.weights[place + ".weight"])),
            _constant(self.weights[place + ".bias"]),
        )
