/** Writes ONNX files, by the schema that the importer reads them with. */
import { create, toBinary } from '@bufbuild/protobuf';
import { build } from 'esbuild';
import { fromRoot } from './paths.mjs';

const dataTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 };
const typeOf = new Map([
  [Float32Array, 'float32'],
  [Uint8Array, 'uint8'],
  [Int8Array, 'int8'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
]);

/** The schema is TypeScript, which Node 20 does not read. */
export async function readSchema() {
  const outfile = fromRoot('build/peers/onnxSchema.mjs');
  await build({
    entryPoints: [fromRoot('src/formats/onnx/onnx_pb.generated.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  });
  return (await import(outfile)).ModelProtoSchema;
}

/**
 * The bytes of a file with one input and one output.
 * @param nodes `{ op, domain, inputs, output, attributes }` in order; attributes are whole numbers,
 *   lists of them, or floats as `{ float }`
 * @param constants `{ name, dims, data }`
 */
export async function writeOnnx({ nodes, constants, input, output }) {
  const schema = await readSchema();
  const message = create(schema, {
    irVersion: 8n,
    producerName: 'microjoule bench/peers',
    opsetImport: [
      { domain: '', version: 13n },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: {
      name: 'twin',
      node: nodes.map(({ op, domain = '', inputs, output: to, attributes = {} }, i) => ({
        opType: op,
        domain,
        name: `${op}${i}`,
        input: inputs,
        output: [to],
        attribute: Object.entries(attributes).map(attribute),
      })),
      initializer: constants.map(({ name, dims, data }) => ({
        name,
        dims: dims.map(BigInt),
        dataType: dataTypes[typeOf.get(data.constructor)],
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: [port(input)],
      output: [port(output)],
    },
  });
  return toBinary(schema, message);
}

/** By the numbers of AttributeProto.AttributeType. */
function attribute([name, value]) {
  if (Array.isArray(value)) return { name, type: 7, ints: value.map(BigInt) };
  if (typeof value === 'object') return { name, type: 1, f: value.float };
  return { name, type: 2, i: BigInt(value) };
}

function port({ name, dtype, shape }) {
  const dim = shape.map((size) => ({ value: { case: 'dimValue', value: BigInt(size) } }));
  const tensorType = { elemType: dataTypes[dtype], shape: { dim } };
  return { name, type: { tensorType } };
}
