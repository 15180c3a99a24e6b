"""Faster training on a CPU: all but full and pointwise convolutions from fast.cpp.

Results differ from PyTorch's in roundings only. Needs g++, whose output is kept beside the
network's checkpoint.
"""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

from layers import Residual, SqueezeExcite, Unit

SOURCE = Path(__file__).with_name("fast.cpp")
FLAGS = ["-O3", "-march=native", "-ffast-math", "-std=c++17", "-shared", "-fPIC"]
ACTIVATIONS = {"none": 0, "relu": 1, "hardswish": 2, "hardswish6": 3}


class Shape(ctypes.Structure):
    """As in fast.cpp."""

    _fields_ = [
        (name, ctypes.c_int)
        for name in ("n", "height", "width", "channels", "stride", "outHeight", "outWidth")
    ]


def speed_up(net: nn.Module, folder: Path) -> None:
    """Gives the Units of `net` another way to train; their parameters stay theirs."""
    path = folder / "fast.so"
    if not path.exists() or path.stat().st_mtime < SOURCE.stat().st_mtime:
        subprocess.run(["g++", *FLAGS, str(SOURCE), "-o", str(path)], check=True)
    library = ctypes.CDLL(str(path.resolve()))
    for module in net.modules():
        if isinstance(module, Unit) and module[1].num_features % 8 == 0:
            module.forward = lambda x, unit=module: _unit(library, unit, x)
        elif isinstance(module, SqueezeExcite) and module.expand.out_channels % 8 == 0:
            module.forward = lambda x, excite=module: _excite(library, excite, x)
        elif isinstance(module, Residual) and module.sums:
            module.forward = lambda x, block=module: _residual(library, block, x)


def _residual(library: ctypes.CDLL, block: Residual, x: Tensor) -> Tensor:
    y = block.depthwise(x if block.expand is None else block.expand(x))
    y = y if block.excite is None else block.excite(y)
    return _unit(library, block.pointwise, y, skip=x)


def _excite(library: ctypes.CDLL, excite: SqueezeExcite, x: Tensor) -> Tensor:
    reduce, expand = excite.reduce, excite.expand
    biases = reduce.bias, expand.bias
    return _Excite.apply(x, reduce.weight.flatten(1), expand.weight.flatten(1), *biases, library)


def _unit(library: ctypes.CDLL, unit: Unit, x: Tensor, skip: Tensor | None = None) -> Tensor:
    conv, norm = unit[0], unit[1]
    if conv.groups > 1 and conv.groups == conv.out_channels:
        x = _Depthwise.apply(x, conv.weight, conv.stride[0], library)
    else:
        x = conv(x)
    activation = ACTIVATIONS[unit.activation]
    return _Norm.apply(x, skip, norm.weight, norm.bias, norm, activation, library)


def _last(x: Tensor) -> Tensor:
    """float32 even where a convolution before it gave bfloat16."""
    return x.float().contiguous(memory_format=torch.channels_last)


def _pointers(*tensors: Tensor | None) -> list[ctypes.c_void_p]:
    return [ctypes.c_void_p(None if t is None else t.data_ptr()) for t in tensors]


class _Norm(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        skip: Tensor | None,
        gamma: Tensor,
        beta: Tensor,
        norm: nn.BatchNorm2d,
        activation: int,
        library: ctypes.CDLL,
    ) -> Tensor:
        x = _last(x)
        y, mean, inverse = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)
        rows, channels = x.numel() // len(gamma), len(gamma)
        statistics = _pointers(gamma, beta, mean, inverse, norm.running_mean, norm.running_var)
        rates = ctypes.c_float(norm.momentum), ctypes.c_float(norm.eps)
        skip = None if skip is None else _last(skip)
        maps = _pointers(x, skip, y)
        library.fast_norm(activation, *maps, rows, channels, *statistics, *rates)
        ctx.save_for_backward(x, gamma, beta, mean, inverse)
        ctx.activation, ctx.library = activation, library
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, gamma, beta, mean, inverse = ctx.saved_tensors
        dy = _last(dy)
        dx, dgamma, dbeta = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)
        rows, channels = x.numel() // len(gamma), len(gamma)
        statistics = _pointers(gamma, beta, mean, inverse, dgamma, dbeta)
        maps = _pointers(x, dy, dx)
        ctx.library.fast_norm_back(ctx.activation, *maps, rows, channels, *statistics)
        return dx, dy if ctx.needs_input_grad[1] else None, dgamma, dbeta, None, None, None


class _Depthwise(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, library: ctypes.CDLL) -> Tensor:
        x = _last(x)
        n, channels, height, width = x.shape
        out = ((height - 1) // stride + 1, (width - 1) // stride + 1)
        y = torch.empty((n, channels, *out), memory_format=torch.channels_last)
        taps = weight.detach().flatten(1).t().contiguous()
        shape = Shape(n, height, width, channels, stride, *out)
        library.fast_depthwise(weight.shape[2], *_pointers(x, taps, y), shape)
        ctx.save_for_backward(x, taps)
        ctx.kernel, ctx.shape, ctx.library = weight.shape[2], shape, library
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, taps = ctx.saved_tensors
        dx, dtaps = torch.empty_like(x), torch.empty_like(taps)
        dy = _last(dy)
        pointers = _pointers(x, taps, dy, dx, dtaps)
        ctx.library.fast_depthwise_back(ctx.kernel, *pointers, ctx.shape)
        dweight = dtaps.t().reshape(-1, 1, ctx.kernel, ctx.kernel)
        return dx, dweight, None, None


class _Excite(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        reduce: Tensor,
        expand: Tensor,
        reduce_bias: Tensor | None,
        expand_bias: Tensor | None,
        library: ctypes.CDLL,
    ) -> Tensor:
        x = _last(x)
        n, channels, height, width = x.shape
        size = n, height * width, channels
        mean, y = torch.empty(n, channels), torch.empty_like(x)
        library.fast_sums(*_pointers(x, None, mean), *size)
        mean /= height * width
        inner = nn.functional.linear(mean, reduce, reduce_bias).relu()
        outer = nn.functional.linear(inner, expand, expand_bias)
        gate = nn.functional.hardsigmoid(outer)
        library.fast_scale(*_pointers(x, gate, None, y), *size)
        ctx.save_for_backward(x, mean, inner, outer, gate, reduce, expand)
        ctx.size, ctx.library = size, library
        ctx.biased = reduce_bias is not None, expand_bias is not None
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, mean, inner, outer, gate, reduce, expand = ctx.saved_tensors
        dy = _last(dy)
        dgate, dx = torch.empty_like(gate), torch.empty_like(x)
        ctx.library.fast_sums(*_pointers(x, dy, dgate), *ctx.size)
        douter = torch.where(outer.abs() < 3, dgate / 6, torch.zeros(()))
        dinner = (douter @ expand) * (inner > 0)
        dmean = dinner @ reduce / ctx.size[1]
        ctx.library.fast_scale(*_pointers(dy, gate, dmean, dx), *ctx.size)
        biases = (d.sum(0) if needed else None for d, needed in zip((dinner, douter), ctx.biased))
        return dx, dinner.t() @ mean, douter.t() @ inner, *biases, None
