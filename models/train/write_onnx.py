"""Writes steps and scales as an ONNX file with QuantizeLinear and DequantizeLinear everywhere."""

from __future__ import annotations

import json
from typing import Any
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nets import Recipe
from scales import Scale, weight_scales
from steps import INPUT, Step

OPSET, IR_VERSION = 17, 8
OUTPUT = "logits"


def make_model(steps: Sequence[Step], scales: dict[str, Scale], recipe: Recipe) -> onnx.ModelProto:
    writer = _Writer(scales)
    writer.quantize(INPUT, INPUT)
    for step in steps:
        writer.add(step, is_last=step is steps[-1])
    shape = [1, recipe.channels, recipe.size, recipe.size]
    image = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)
    logits = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, len(recipe.labels)])
    graph = helper.make_graph(
        writer.nodes, recipe.name, [image], [logits], initializer=writer.constants
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    model.producer_name = "microjoule"
    properties = {"microjoule.input": describe_input(recipe), "microjoule.labels": recipe.labels}
    helper.set_model_props(model, {key: json.dumps(value) for key, value in properties.items()})
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
    """Collects nodes and constants. A tensor `t` is quantized as `t.q` and goes on as `t.dq`."""

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
            self.quantize(step.name, step.name, OUTPUT if is_last else f"{step.name}.dq")

    def quantize(self, tensor: str, name: str, output: str | None = None) -> None:
        scale = self.scales[tensor]
        parameters = [
            self._constant(f"{name}.scale", np.array(scale.scale, np.float32)),
            self._constant(f"{name}.zeroPoint", np.array(scale.zero_point, np.int8)),
        ]
        self._node("QuantizeLinear", [tensor, *parameters], f"{name}.q", f"{name}.quantize")
        self._node(
            "DequantizeLinear",
            [f"{name}.q", *parameters],
            output or f"{name}.dq",
            f"{name}.dequantize",
        )

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
        # The product in float32, as an engine computes it; the division in float64.
        bias_scale = input_scale.scale * scale
        bias = np.rint(step.bias.detach().double().numpy() / bias_scale.astype(np.float64))
        return [
            self._dequantized(f"{step.name}.weights", weights, scale),
            self._dequantized(f"{step.name}.bias", bias.astype(np.int32), bias_scale),
        ]

    def _dequantized(self, name: str, values: np.ndarray, scale: np.ndarray) -> str:
        inputs = [
            self._constant(f"{name}.q", values),
            self._constant(f"{name}.scale", scale),
            self._constant(f"{name}.zeroPoint", np.zeros(len(scale), values.dtype)),
        ]
        self._node("DequantizeLinear", inputs, name, f"{name}.dequantize", axis=0)
        return name

    def _constant(self, name: str, values: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def _node(self, op: str, inputs: list[str], output: str, name: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, [output], name, **attributes))


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
    if step.op == "HardSigmoid":
        return {"alpha": 1 / 6, "beta": 0.5}
    if step.op == "Flatten":
        return {"axis": 1}
    return {}
