/**
 * tfjs-backend-wasm has float32 kernels only: the weights are dequantized at load, and the network
 * runs through tfjs's fused operators. The same network, not the same arithmetic: what int8 gains.
 */
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { readTflite } from '../tfliteFile.mjs';

export async function load(bytes, { base, threads, input }) {
  const folder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
  setWasmPaths(base === undefined ? pathBeside(folder) : `${base}${folder}`);
  setThreadsCount(threads);
  await tf.setBackend('wasm');
  await tf.ready();
  const file = readTflite(bytes);
  const network = new FloatNetwork(file);
  const steps = file.operators.map((operator) => operators[operator.name](network, operator));
  const { scale, zeroPoint } = file.tensors[file.input];
  return {
    facts: { note: 'float32, weights dequantized at load' },
    run(data) {
      const output = tf.tidy(() => {
        const codes = tf.tensor(Float32Array.from(data), input.shape);
        const maps = { [file.input]: tf.mul(tf.sub(codes, zeroPoint[0]), scale[0]) };
        for (const step of steps) step(maps);
        return maps[file.output];
      });
      const values = output.dataSync().slice();
      output.dispose();
      return values;
    },
  };
}

/** In Node: the folder of packages beside engines/. */
function pathBeside(folder) {
  return decodeURIComponent(new URL(`../${folder}`, import.meta.url).pathname);
}

class FloatNetwork {
  constructor({ tensors }) {
    this.tensors = tensors;
  }

  shape(index) {
    return this.tensors[index].shape;
  }

  /** Weights in the shape of the file or another, with the axes in another order if one is given. */
  weights(index, shape = this.shape(index), order = undefined) {
    const tensor = tf.tensor(dequantize(this.tensors[index]), shape);
    return tf.keep(order === undefined ? tensor : tf.transpose(tensor, order));
  }

  bias(index) {
    return index >= 0 ? this.weights(index) : undefined;
  }
}

/** Scales are per tensor, or run along the last axis of depthwise weights and the first of others. */
function dequantize({ data, shape, scale, zeroPoint }) {
  if (data instanceof Float32Array) return data;
  const last = shape.at(-1);
  const perLast = scale.length > 1 && scale.length === last && shape.length === 4 && shape[0] === 1;
  const inner = data.length / shape[0];
  return Float32Array.from(data, (code, i) => {
    const channel = scale.length === 1 ? 0 : perLast ? i % last : Math.floor(i / inner);
    return scale[channel] * (code - zeroPoint[channel]);
  });
}

const activationOf = ({ activation }) => (activation === 'none' ? undefined : activation);
const padOf = ({ same }) => (same ? 'same' : 'valid');

function convolution(run, filter, bias, { strides, ...options }) {
  const settings = {
    filter,
    bias,
    strides,
    pad: padOf(options),
    activation: activationOf(options),
  };
  return (x) => run({ x, ...settings, dataFormat: 'NHWC', dilations: [1, 1] });
}

/** From an operator of the file to a step that computes its map from those before it. */
const operators = {
  CONV_2D: (network, { inputs: [from, weights, bias], outputs: [to], options }) => {
    const filter = network.weights(weights, undefined, [1, 2, 3, 0]);
    const run = convolution(tf.fused.conv2d, filter, network.bias(bias), options);
    return (maps) => {
      maps[to] = run(maps[from]);
    };
  },
  DEPTHWISE_CONV_2D: (network, { inputs: [from, weights, bias], outputs: [to], options }) => {
    const [, height, width, channels] = network.shape(weights);
    const inputs = network.shape(from).at(-1);
    const filter = network.weights(weights, [height, width, inputs, channels / inputs]);
    const run = convolution(tf.fused.depthwiseConv2d, filter, network.bias(bias), options);
    return (maps) => {
      maps[to] = run(maps[from]);
    };
  },
  // tf.fused.matMul with relu (4.22.0) gives other numbers than the three steps.
  FULLY_CONNECTED: (network, { inputs: [from, weights, bias], outputs: [to], options }) => {
    const matrix = network.weights(weights);
    const vector = network.bias(bias);
    const [, k] = network.shape(weights);
    return (maps) => {
      const product = tf.matMul(tf.reshape(maps[from], [-1, k]), matrix, false, true);
      maps[to] = activate(vector === undefined ? product : tf.add(product, vector), options);
    };
  },
  ADD: (_, { inputs: [left, right], outputs: [to], options }) => {
    return (maps) => {
      maps[to] = activate(tf.add(maps[left], maps[right]), options);
    };
  },
  AVERAGE_POOL_2D: (_, { inputs: [from], outputs: [to], options }) => {
    return (maps) => {
      maps[to] = tf.avgPool(maps[from], options.size, options.strides, padOf(options));
    };
  },
  MEAN: (network, { inputs: [from, axes], outputs: [to] }) => {
    const list = [...network.tensors[axes].data];
    const keepDims = network.shape(to).length === network.shape(from).length;
    return (maps) => {
      maps[to] = tf.mean(maps[from], list, keepDims);
    };
  },
  PAD: (network, { inputs: [from, amounts], outputs: [to] }) => {
    const { data } = network.tensors[amounts];
    const pads = network.shape(from).map((_, axis) => [data[2 * axis], data[2 * axis + 1]]);
    return (maps) => {
      maps[to] = tf.pad(maps[from], pads);
    };
  },
  RESHAPE: (network, { inputs: [from], outputs: [to] }) => {
    const shape = network.shape(to);
    return (maps) => {
      maps[to] = tf.reshape(maps[from], shape);
    };
  },
  SOFTMAX: (_, { inputs: [from], outputs: [to] }) => {
    return (maps) => {
      maps[to] = tf.softmax(maps[from]);
    };
  },
  QUANTIZE: (_, { inputs: [from], outputs: [to] }) => {
    return (maps) => {
      maps[to] = maps[from];
    };
  },
};

function activate(map, { activation }) {
  if (activation === 'relu') return tf.relu(map);
  return activation === 'relu6' ? tf.relu6(map) : map;
}
