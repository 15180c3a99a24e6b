/** MobileNetV1 with ternary 1x1 layers, from the file of the int8 network. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { readSchema } from './peers/onnxFile.mjs';

/**
 * The network with the weights of its 1x1 convolutions replaced by {-w, 0, w}: the smallest become
 * zeros, and w keeps the layer's energy. Geometry, maps, scales of maps and biases stay.
 * @param file an ONNX file of QLinearConv with uint8 weights
 * @param zeros the share of weights that become 0
 * @param type of the weights, 'uint8' or 'int8': engines differ in what they are fast with
 */
export async function ternaryTwin(file, zeros, type = 'uint8') {
  const schema = await readSchema();
  const message = fromBinary(schema, file);
  const { graph } = message;
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const convolutions = graph.node.filter(({ opType }) => opType === 'QLinearConv');
  for (const node of convolutions) {
    const weights = constants.get(node.input[3]);
    if (weights.dims.slice(2).some((size) => size !== 1n)) continue;
    const [scaleName, zeroName, biasName] = [node.input[4], node.input[5], node.input[8]];
    const zero = bytesOf(constants.get(zeroName))[0];
    const distances = Float32Array.from(bytesOf(weights), (byte) => byte - zero);
    const { codes, size } = codesOf(distances, zeros);
    const scale = floatsOf(constants.get(scaleName))[0];
    const own = (name, like, raw) => {
      const made = { ...like, name: `${name}/ternary/${node.name}`, ...emptyData, rawData: raw };
      graph.initializer.push(made);
      return made.name;
    };
    const isSigned = type === 'int8';
    const shift = isSigned ? 0 : zero;
    const dataType = isSigned ? 3 : 2;
    const codeBytes = Uint8Array.from(codes, (code) => code + shift);
    node.input[3] = own('weights', { ...weights, dataType }, codeBytes);
    node.input[4] = own(
      'scale',
      constants.get(scaleName),
      bytesFrom(Float32Array.of(scale * size)),
    );
    node.input[5] = own('zero', { ...constants.get(zeroName), dataType }, Uint8Array.of(shift));
    if (biasName) {
      const bias = intsOf(constants.get(biasName)).map((value) => Math.round(value / size));
      node.input[8] = own('bias', constants.get(biasName), bytesFrom(bias));
    }
  }
  return toBinary(schema, message);
}

const emptyData = { int32Data: [], floatData: [] };

/** Signs of the largest weights, as many as asked for, and what each of them stands for. */
function codesOf(distances, zeros) {
  const order = distances
    .map((_, i) => i)
    .sort((a, b) => Math.abs(distances[a]) - Math.abs(distances[b]));
  const codes = Int8Array.from(distances, Math.sign);
  for (const i of order.subarray(0, Math.round(zeros * order.length))) codes[i] = 0;
  const energy = distances.reduce((sum, d) => sum + d * d, 0);
  const count = codes.reduce((sum, code) => sum + Math.abs(code), 0);
  return { codes, size: Math.sqrt(energy / count) };
}

function bytesFrom(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function bytesOf({ rawData, int32Data }) {
  return rawData.length > 0 ? rawData : Uint8Array.from(int32Data);
}

function floatsOf({ rawData, floatData }) {
  return rawData.length > 0
    ? new Float32Array(rawData.slice().buffer)
    : Float32Array.from(floatData);
}

function intsOf({ rawData, int32Data }) {
  return rawData.length > 0 ? new Int32Array(rawData.slice().buffer) : Int32Array.from(int32Data);
}
