"""Writes steps and scales as an ONNX file with QuantizeLinear and DequantizeLinear everywhere."""

from __future__ import annotations

import json
from typing import Any
from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nets import Recipe
from scales import Scale, weight_scales
from steps import INPUT, Step

OPSET, IR_VERSION = 17, 8
TERNARY_OPSET, TERNARY_IR_VERSION = 25, 13  # the first with INT2
INT2 = 26
OUTPUT = "logits"
MakeTensor = Callable[[np.ndarray, str], onnx.TensorProto]


def make_model(steps: Sequence[Step], scales: dict[str, Scale], recipe: Recipe) -> onnx.ModelProto:
    writer = _Writer(scales)
    writer.pixels(recipe.mean)
    for step in steps:
        writer.add(step, is_last=step is steps[-1])
    shape = [1, recipe.channels, recipe.size, recipe.size]
    image = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, shape)
    logits = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, len(recipe.labels)])
    graph = helper.make_graph(
        writer.nodes, recipe.name, [image], [logits], initializer=writer.constants
    )
    shorten(graph)
    ternary = any(step.ternary for step in steps)
    opset = TERNARY_OPSET if ternary else OPSET
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = TERNARY_IR_VERSION if ternary else IR_VERSION
    model.producer_name = "microjoule"
    properties = {"microjoule.input": describe_input(recipe), "microjoule.labels": recipe.labels}
    helper.set_model_props(model, {key: json.dumps(value) for key, value in properties.items()})
    if opset <= onnx.defs.onnx_opset_version():
        onnx.checker.check_model(model, full_check=True)
    return model


def describe_input(recipe: Recipe) -> dict[str, Any]:
    """Preprocessing for a host, in units of pixels from 0 to 255: value = (pixel - mean) / std."""
    return {
        "size": [recipe.size, recipe.size],
        "order": "rgb" if recipe.channels == 3 else "grey",
        "mean": [recipe.mean] * recipe.channels,
        "std": [recipe.std] * recipe.channels,
        "fit": "squash",
    }


class _Writer:
    """Collects nodes and constants. A tensor `t` is quantized as `t.q` and goes on as `t.dq`.

    Only operators have names, for small files.
    """

    def __init__(self, scales: dict[str, Scale]) -> None:
        self.scales = scales
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, step: Step, is_last: bool) -> None:
        inputs = [self._source(name) for name in step.inputs]
        if step.weights is not None:
            inputs += self._parameters(step)
        self._node(step.op, inputs, step.name, step.name, **_attributes(step))
        if step.name in self.scales:
            self.quantize(step.name, OUTPUT if is_last else None)

    def pixels(self, mean: int) -> None:
        """The input's bytes are the pixels themselves; the scale is the one of the recipe."""
        scale = self._constant(f"{INPUT}.scale", np.array(self.scales[INPUT].scale, np.float32))
        zero_point = self._constant(f"{INPUT}.zero", np.array(mean, np.uint8))
        inputs = [INPUT, scale, zero_point]
        self._node("DequantizeLinear", inputs, f"{INPUT}.dq", "")

    def quantize(self, name: str, output: str | None) -> None:
        scale = self.scales[name]
        parameters = [
            self._constant(f"{name}.scale", np.array(scale.scale, np.float32)),
            self._constant(f"{name}.zero", np.array(scale.zero_point, np.uint8)),
        ]
        self._node("QuantizeLinear", [name, *parameters], f"{name}.q", "")
        last = f"{name}.dequantize" if output else ""
        self._node("DequantizeLinear", [f"{name}.q", *parameters], output or f"{name}.dq", last)

    def _source(self, name: str) -> str:
        return f"{name}.dq" if name in self.scales else name

    def _parameters(self, step: Step) -> list[str]:
        """int8 weights and int32 bias, each behind a DequantizeLinear with a scale a channel."""
        assert step.weights is not None and step.bias is not None
        input_scale = self.scales[step.inputs[0]]
        scale = weight_scales(step, input_scale)
        per_channel = scale.reshape(-1, *[1] * (step.weights.dim() - 1))
        weights = np.rint(step.weights.detach().numpy() / per_channel)
        weights = np.clip(weights, -127, 127).astype(np.int8)
        tensor = packed if step.ternary else numpy_helper.from_array
        # The product in float32, as an engine computes it; the division in float64.
        bias_scale = input_scale.scale * scale
        bias = np.rint(step.bias.detach().double().numpy() / bias_scale.astype(np.float64))
        return [
            self._dequantized(f"{step.name}.weights", weights, scale, tensor),
            self._dequantized(f"{step.name}.bias", bias.astype(np.int32), bias_scale),
        ]

    def _dequantized(
        self,
        name: str,
        values: np.ndarray,
        scale: np.ndarray,
        tensor: MakeTensor = numpy_helper.from_array,
    ) -> str:
        inputs = [
            self._constant(f"{name}.q", values, tensor),
            self._constant(f"{name}.scale", scale),
        ]
        self._node("DequantizeLinear", inputs, name, "", axis=0)
        return name

    def _constant(
        self, name: str, values: np.ndarray, tensor: MakeTensor = numpy_helper.from_array
    ) -> str:
        self.constants.append(tensor(values, name))
        return name

    def _node(self, op: str, inputs: list[str], output: str, name: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, [output], name or None, **attributes))


def shorten(graph: onnx.GraphProto) -> None:
    """Numbers the tensors in between: their names would be a third of the file."""
    ends = [value.name for value in [*graph.input, *graph.output]]
    short = {name: name for name in ends}
    for tensor in graph.initializer:
        tensor.name = short.setdefault(tensor.name, str(len(short)))
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [short.setdefault(name, str(len(short))) for name in names]


def packed(codes: np.ndarray, name: str) -> onnx.TensorProto:
    """Codes -1, 0 and 1 as INT2: four in a byte, the first in the lowest bits."""
    bits = np.zeros(-(-codes.size // 4) * 4, np.uint8)
    bits[: codes.size] = codes.flatten() & 3
    quads = bits.reshape(-1, 4) << np.array([0, 2, 4, 6], np.uint8)
    data = np.bitwise_or.reduce(quads, axis=1).astype(np.uint8)
    return onnx.TensorProto(name=name, data_type=INT2, dims=codes.shape, raw_data=data.tobytes())


def unpacked(tensor: onnx.TensorProto) -> np.ndarray:
    """The inverse of packed()."""
    data = np.frombuffer(tensor.raw_data, np.uint8)
    bits = (data[:, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
    count = int(np.prod(tensor.dims))
    codes = np.where(bits > 1, bits.astype(np.int8) - 4, bits).astype(np.int8)
    return codes.flatten()[:count].reshape(tuple(tensor.dims))


def _attributes(step: Step) -> dict[str, Any]:
    if step.op == "Conv":
        assert step.weights is not None
        return {
            "kernel_shape": list(step.weights.shape[2:]),
            "strides": [step.stride] * 2,
            "pads": [step.pad] * 4,
            "group": step.groups,
        }
    if step.op == "Gemm":
        return {"transB": 1}
    if step.op == "Concat":
        return {"axis": 1}
    if step.op == "HardSigmoid":
        return {"alpha": 1 / 6, "beta": 0.5}
    if step.op == "Flatten":
        return {"axis": 1}
    return {}
