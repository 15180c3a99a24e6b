"""Runs a quantized ONNX file in integers, with numpy alone: the slow twin of an engine.

Convolutions and fully connected layers, f32() being one rounding to float32 and rint() to the
nearest, ties to even:

    acc = sum((input - input zero point) * weights) + bias            exact
    y   = clamp(rint(f32(f32(acc) * f32(f32(input scale * weight scale) / y scale))) + y zero point)

A Relu after them is a lower bound for acc. Sums and products of maps are rounded as onnxruntime
does it, and all else is float32 between DequantizeLinear and QuantizeLinear.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from collections.abc import Callable

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import helper, numpy_helper

from write_onnx import INT2, unpacked

f32 = np.float32


@dataclass(frozen=True)
class Quantized:
    """What a DequantizeLinear gives: integers, and what they stand for."""

    q: np.ndarray
    scale: np.ndarray
    zero_point: np.ndarray

    def centred(self) -> np.ndarray:
        return self.q.astype(np.float64) - float(self.zero_point.flat[0])

    def real(self) -> np.ndarray:
        return self.centred().astype(f32) * self.scale


@dataclass(frozen=True)
class Pending:
    """An exact result that waits for the QuantizeLinear behind it.

    round(scale, zero_point) gives the rounded integers, which are clamped last.
    """

    round: Callable[[np.ndarray, np.ndarray], np.ndarray]


class Simulator:
    def __init__(self, path: Path) -> None:
        self.graph = onnx.load(str(path)).graph
        self.constants = {
            t.name: unpacked(t) if t.data_type == INT2 else numpy_helper.to_array(t)
            for t in self.graph.initializer
        }

    def run(self, images: np.ndarray, seen: dict[str, Any] | None = None) -> np.ndarray:
        """Logits float32 [n][classes] of images uint8 [n][channels][height][width]."""
        values: dict[str, Any] = {**self.constants, self.graph.input[0].name: images}
        for node in self.graph.node:
            inputs = [values[name] for name in node.input]
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = _OPERATORS[node.op_type](*inputs, **attributes)
        if seen is not None:
            seen.update(values)
        return values[self.graph.output[0].name].real()


def _quantize(value: Any, scale: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    if isinstance(value, Pending):
        rounded = value.round(scale, zero_point)
    else:
        real = value.real() if isinstance(value, Quantized) else value
        rounded = np.rint(real / scale) + zero_point.astype(f32)
    limits = np.iinfo(zero_point.dtype)
    return np.clip(rounded, limits.min, limits.max).astype(zero_point.dtype)


def _dequantize(
    q: np.ndarray, scale: np.ndarray, zero_point: np.ndarray | None = None, axis: int = 1
) -> Quantized:
    return Quantized(q, scale, np.zeros(1, q.dtype) if zero_point is None else zero_point)


def _conv(
    x: Quantized,
    weights: Quantized,
    bias: Quantized,
    kernel_shape: list[int],
    strides: list[int],
    pads: list[int],
    group: int,
) -> Pending:
    top, left, bottom, right = pads
    padded = np.pad(x.centred(), ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = sliding_window_view(padded, kernel_shape, (2, 3))[:, :, :: strides[0], :: strides[1]]
    n, channels, height, width = windows.shape[:4]
    windows = windows.reshape(n, group, channels // group, height, width, -1)
    w = weights.q.astype(np.float64).reshape(group, len(weights.q) // group, channels // group, -1)
    acc = np.einsum("ngchwk,gock->ngohw", windows, w, optimize=True)
    acc = acc.reshape(n, -1, height, width) + bias.q[:, None, None]
    return _accumulated(acc, (x.scale * weights.scale)[:, None, None])


def _gemm(x: Quantized, weights: Quantized, bias: Quantized, transB: int) -> Pending:
    acc = x.centred() @ weights.q.T.astype(np.float64) + bias.q
    return _accumulated(acc, x.scale * weights.scale)


def _accumulated(acc: np.ndarray, acc_scale: np.ndarray) -> Pending:
    """float64 holds every sum of these products exactly."""
    assert np.abs(acc).max() < 2**31, "an accumulator leaves int32"
    return Pending(lambda scale, zero: np.rint(acc.astype(f32) * (acc_scale / scale)) + zero)


def _relu(x: Pending) -> Pending:
    return Pending(lambda scale, zero: np.maximum(x.round(scale, zero), zero))


def _add(a: Quantized, b: Quantized) -> Pending:
    def rounded(scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
        ra, rb = (a.scale / scale).astype(float), (b.scale / scale).astype(float)
        az, bz = float(a.zero_point), float(b.zero_point)
        # Each f32 of a float64 product and sum stands for one fused multiply-add.
        constant = f32(float(zero) - float(f32(ra * az + float(f32(rb * bz)))))
        inner = (b.q * rb + float(constant)).astype(f32)
        return np.rint((a.q * ra + inner).astype(f32))

    return Pending(rounded)


def _mul(a: Quantized, b: Quantized) -> Pending:
    product = (a.centred() * b.centred()).astype(f32)
    return Pending(lambda scale, zero: np.rint(product * (a.scale * b.scale / scale) + f32(zero)))


def _pool(x: Quantized) -> Pending:
    n = x.q.shape[2] * x.q.shape[3]
    acc = x.centred().sum((2, 3), keepdims=True)
    return Pending(
        lambda scale, zero: np.rint(acc.astype(f32) * f32(x.scale / f32(scale * f32(n)))) + zero
    )


def _hard_sigmoid(x: Quantized, alpha: float, beta: float) -> np.ndarray:
    return np.clip(f32(alpha) * x.real() + f32(beta), f32(0), f32(1))


def _hard_swish(x: Quantized) -> np.ndarray:
    return x.real() * np.clip(f32(1 / 6) * x.real() + f32(0.5), f32(0), f32(1))


def _flatten(x: Quantized, axis: int) -> Quantized:
    return Quantized(x.q.reshape(len(x.q), -1), x.scale, x.zero_point)


_OPERATORS: dict[str, Callable[..., Any]] = {
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "Conv": _conv,
    "Gemm": _gemm,
    "Relu": _relu,
    "HardSwish": _hard_swish,
    "HardSigmoid": _hard_sigmoid,
    "GlobalAveragePool": _pool,
    "Mul": _mul,
    "Add": _add,
    "Flatten": _flatten,
    "Concat": lambda *parts, axis: np.concatenate([part.real() for part in parts], axis),
}
