"""Faster training on a CPU: batch norms and depthwise convolutions from fast.cpp.

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

from layers import Unit

SOURCE = Path(__file__).with_name("fast.cpp")
FLAGS = ["-O3", "-march=native", "-ffast-math", "-std=c++17", "-shared", "-fPIC"]
ACTIVATIONS = {"none": 0, "relu": 1, "hardswish": 2}


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
            module.forward = lambda x, unit=module: _forward(library, unit, x)


def _forward(library: ctypes.CDLL, unit: Unit, x: Tensor) -> Tensor:
    conv, norm = unit[0], unit[1]
    if conv.groups > 1 and conv.groups == conv.out_channels:
        x = _Depthwise.apply(x, conv.weight, conv.stride[0], library)
    else:
        x = conv(x)
    return _Norm.apply(x, norm.weight, norm.bias, norm, ACTIVATIONS[unit.activation], library)


def _last(x: Tensor) -> Tensor:
    """float32 even where a convolution before it gave bfloat16."""
    return x.float().contiguous(memory_format=torch.channels_last)


def _pointers(*tensors: Tensor) -> list[ctypes.c_void_p]:
    return [ctypes.c_void_p(t.data_ptr()) for t in tensors]


class _Norm(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
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
        library.fast_norm(activation, *_pointers(x, y), rows, channels, *statistics, *rates)
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
        return dx, dgamma, dbeta, None, None, None


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
        pointers = _pointers(x, taps, _last(dy), dx, dtaps)
        ctx.library.fast_depthwise_back(ctx.kernel, *pointers, ctx.shape)
        dweight = dtaps.t().reshape(-1, 1, ctx.kernel, ctx.kernel)
        return dx, dweight, None, None
