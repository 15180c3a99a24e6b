"""A network as a flat list of steps, batch norms folded: what gets quantized and written."""

from __future__ import annotations

from dataclasses import dataclass
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from layers import ACTIVATIONS, Classifier, Fire, HardSwish6, Residual, SqueezeExcite, Unit
from microbotnet import Block
from ternary import codes_of

INPUT = "image"


@dataclass
class Step:
    """One ONNX operator. Its output bears its name."""

    op: str
    name: str
    inputs: list[str]
    weights: Tensor | None = None  # float32 [out][in / groups][ky][kx], or [out][in]
    bias: Tensor | None = None  # float32 [out]
    stride: int = 1
    pad: int = 0
    groups: int = 1
    limit: float | None = None  # the largest value it gives, where that is set beforehand

    @property
    def ternary(self) -> bool:
        return self.weights is not None and codes_of(self.weights) is not None


def fold(net: nn.Sequential) -> list[Step]:
    """The steps of a trained network, in order; the last one gives the logits."""
    steps: list[Step] = []
    last = INPUT
    for name, module in net.named_children():
        last = _module(steps, module, name, last)
    return steps


def _module(steps: list[Step], module: nn.Module, name: str, last: str) -> str:
    if isinstance(module, Unit):
        return _unit(steps, module, f"conv{name}", last)
    if isinstance(module, Residual):
        return _residual(steps, module, f"block{name}", last)
    if isinstance(module, Fire):
        return _fire(steps, module, f"fire{name}", last)
    if isinstance(module, Classifier):
        return _classifier(steps, module, last)
    if isinstance(module, Block):
        return _micro_block(steps, module, f"block{name}", last)
    if isinstance(module, nn.Dropout):
        return last
    if isinstance(module, nn.Conv2d):
        return _append(steps, _plain(module, name, last))
    if isinstance(module, nn.Linear):
        return _append(steps, _gemm(module, name, last))
    if type(module) in _OPS:
        op, limit = _OPS[type(module)]
        return _append(steps, Step(op, f"{op.lower()}{name}", [last], limit=limit))
    if isinstance(module, nn.Sequential):
        for inner, part in module.named_children():
            last = _module(steps, part, inner, last)
        return last
    raise TypeError(f"got a {type(module).__name__}, expected a module of layers.py")


def run(steps: Sequence[Step], images: Tensor, keep: Callable[[str, Tensor], Tensor]) -> Tensor:
    """The logits. `keep` sees each tensor by name, and what it returns is what goes on."""
    values = {INPUT: keep(INPUT, images)}
    for step in steps:
        values[step.name] = keep(step.name, _apply(step, [values[name] for name in step.inputs]))
    return values[steps[-1].name]


def count_macs(steps: Sequence[Step], images: Tensor) -> int:
    """Multiply-accumulates of convolutions and fully connected layers for one image, padding in."""
    sizes: dict[str, int] = {}

    def note(name: str, value: Tensor) -> Tensor:
        sizes[name] = value[0].numel()
        return value

    run(steps, images, note)
    return sum(sizes[s.name] * s.weights[0].numel() for s in steps if s.weights is not None)


def count_params(steps: Sequence[Step]) -> int:
    """Weights, and one bias for each output channel."""
    return sum(s.weights.numel() + len(s.weights) for s in steps if s.weights is not None)


def _apply(step: Step, inputs: list[Tensor]) -> Tensor:
    first = inputs[0]
    if step.op == "Conv":
        return functional.conv2d(
            first, step.weights, step.bias, step.stride, step.pad, groups=step.groups
        )
    if step.op == "Gemm":
        return functional.linear(first, step.weights, step.bias)
    if step.op == "Concat":
        return torch.cat(list(inputs), 1)
    if step.op == "Add":
        return first + inputs[1]
    if step.op == "Mul":
        return first * inputs[1]
    result = _UNARY[step.op](first)
    return result if step.limit is None else result.clamp(max=step.limit)


_UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "Relu": torch.relu,
    "HardSwish": functional.hardswish,
    "HardSigmoid": functional.hardsigmoid,
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda x: x.flatten(1),
}
_OPS: dict[type[nn.Module], tuple[str, float | None]] = {
    nn.ReLU: ("Relu", None),
    nn.Hardswish: ("HardSwish", None),
    HardSwish6: ("HardSwish", 6.0),
    nn.AdaptiveAvgPool2d: ("GlobalAveragePool", None),
    nn.Flatten: ("Flatten", None),
}


def _append(steps: list[Step], step: Step) -> str:
    steps.append(step)
    return step.name


def _unit(steps: list[Step], unit: Unit, name: str, last: str) -> str:
    conv, norm = unit[0], unit[1]
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weights = (conv.weight * factor[:, None, None, None]).detach()
    bias = (norm.bias - norm.running_mean * factor).detach()
    last = _append(steps, _conv(conv, name, last, weights, bias))
    if unit.activation == "none":
        return last
    op, limit = _OPS[ACTIVATIONS[unit.activation]]
    return _append(steps, Step(op, f"{name}.{op.lower()}", [last], limit=limit))


def _conv(conv: nn.Conv2d, name: str, last: str, weights: Tensor, bias: Tensor) -> Step:
    stride, pad = conv.stride[0], int(conv.padding[0])
    return Step("Conv", name, [last], weights, bias, stride, pad, conv.groups)


def _residual(steps: list[Step], block: Residual, name: str, start: str) -> str:
    last = start
    if block.expand is not None:
        last = _unit(steps, block.expand, f"{name}.expand", last)
    last = _unit(steps, block.depthwise, f"{name}.depthwise", last)
    if block.excite is not None:
        last = _excite(steps, block.excite, f"{name}.excite", last)
    last = _unit(steps, block.pointwise, f"{name}.pointwise", last)
    if not block.sums:
        return last
    return _append(steps, Step("Add", f"{name}.add", [start, last]))


def _micro_block(steps: list[Step], block: Block, name: str, start: str) -> str:
    last = _unit(steps, block.expand, f"{name}.expand", start)
    last = _unit(steps, block.depthwise, f"{name}.depthwise", last)
    if isinstance(block.excite, SqueezeExcite):
        last = _excite(steps, block.excite, f"{name}.excite", last)
    last = _module(steps, block.activation, f"{name}.activation", last)
    last = _unit(steps, block.project, f"{name}.project", last)
    return _append(steps, Step("Add", f"{name}.add", [start, last])) if block.sums else last


def _fire(steps: list[Step], fire: Fire, name: str, last: str) -> str:
    last = _unit(steps, fire.squeeze, f"{name}.squeeze", last)
    parts = [_unit(steps, part, f"{name}.{kind}", last) for kind, part in fire.expands()]
    return _append(steps, Step("Concat", f"{name}.concat", parts))


def _excite(steps: list[Step], excite: SqueezeExcite, name: str, start: str) -> str:
    reduce, expand = excite.reduce, excite.expand
    last = _append(steps, Step("GlobalAveragePool", f"{name}.pool", [start]))
    last = _append(steps, _plain(reduce, f"{name}.reduce", last))
    last = _append(steps, Step("Relu", f"{name}.relu", [last]))
    last = _append(steps, _plain(expand, f"{name}.expand", last))
    last = _append(steps, Step("HardSigmoid", f"{name}.gate", [last]))
    return _append(steps, Step("Mul", f"{name}.scale", [start, last]))


def _plain(conv: nn.Conv2d, name: str, last: str) -> Step:
    bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
    return _conv(conv, name, last, conv.weight.detach(), bias)


def _classifier(steps: list[Step], classifier: Classifier, last: str) -> str:
    last = _append(steps, Step("GlobalAveragePool", "pool", [last]))
    last = _append(steps, Step("Flatten", "flatten", [last]))
    if classifier.hidden is not None:
        last = _append(steps, _gemm(classifier.hidden, "hidden", last))
        last = _append(steps, Step("HardSwish", "hidden.hardswish", [last]))
    return _append(steps, _gemm(classifier.linear, "linear", last))


def _gemm(linear: nn.Linear, name: str, last: str) -> Step:
    return Step("Gemm", name, [last], linear.weight.detach(), linear.bias.detach())
