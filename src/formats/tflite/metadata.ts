import { type UnzipFileInfo, unzipSync } from 'fflate';
import { ModelError } from '../../errors.ts';
import type { Metadata, Preprocessing } from '../../graph/graph.ts';
import type { OutputSpec } from '../../ops/builder.ts';
import { FlatFile, type Table } from './flatbuffer.ts';
import type { FileModel } from './model.ts';

/**
 * Slots of TFLite's metadata schema, a flatbuffer of its own in a buffer of the model.
 * @see https://github.com/tensorflow/tflite-support/blob/master/tensorflow_lite_support/metadata/metadata_schema.fbs
 */
const ModelMetadata = { subgraphs: 3, files: 6 } as const;
const SubGraphMetadata = { inputs: 2, outputs: 3, files: 4 } as const;
const TensorMetadata = { content: 3, processUnits: 4, files: 6 } as const;
const Content = { propertiesType: 0, properties: 1 } as const;
const ImageProperties = { colorSpace: 0 } as const;
const ProcessUnit = { optionsType: 0, options: 1 } as const;
const NormalizationOptions = { mean: 0, std: 1 } as const;
const AssociatedFile = { name: 0, type: 2 } as const;

const imageProperties = 2;
const normalizationOptions = 1;
const axisLabels = 2;
const valueLabels = 3;
const identifier = 'M001';
const most = 256;
/** Labels are a few bytes each; what a zip claims beyond this is left alone. */
const labelBytes = 1 << 20;

/**
 * Labels and preprocessing of the first input, where the file tells them.
 * @throws ModelError where the metadata are broken; labels that are not there are no error
 */
export function readMetadata(model: FileModel, input: OutputSpec | undefined): Metadata {
  const bytes = model.metadata.get('TFLITE_METADATA');
  if (bytes === undefined || bytes.length === 0) return {};
  const mark = String.fromCharCode(...bytes.subarray(4, 8));
  if (mark !== identifier) {
    throw new ModelError({
      where: 'the metadata',
      got: `the mark ${JSON.stringify(mark)}`,
      expected: identifier,
      advice: 'the file is broken; fetch it or write its metadata again',
    });
  }
  const root = new FlatFile(bytes, 'the metadata').root();
  const subgraph = root.tables(ModelMetadata.subgraphs, 'metadata of subgraph', most)[0];
  if (subgraph === undefined) return {};
  const inputs = subgraph.tables(SubGraphMetadata.inputs, 'metadata of input', most);
  const outputs = subgraph.tables(SubGraphMetadata.outputs, 'metadata of output', most);
  const files = [
    ...outputs.flatMap((output) => output.tables(TensorMetadata.files, 'label file', most)),
    ...subgraph.tables(SubGraphMetadata.files, 'label file', most),
    ...root.tables(ModelMetadata.files, 'label file', most),
  ];
  const labels = readLabels(model.bytes, files);
  const preprocessing = inputs[0] && input && readPreprocessing(inputs[0], input);
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(preprocessing === undefined ? {} : { input: preprocessing }),
  };
}

function readPreprocessing(tensor: Table, input: OutputSpec): Preprocessing | undefined {
  const content = tensor.table(TensorMetadata.content, 'content');
  const isImage = content?.int8(Content.propertiesType) === imageProperties;
  const image = isImage ? content.table(Content.properties, 'properties') : undefined;
  const order = (['rgb', 'grey'] as const)[(image?.int8(ImageProperties.colorSpace) ?? 0) - 1];
  const unit = tensor
    .tables(TensorMetadata.processUnits, 'process unit', most)
    .find((one) => one.int8(ProcessUnit.optionsType) === normalizationOptions)
    ?.table(ProcessUnit.options, 'options');
  if (unit === undefined) return order && { order };
  return { ...(order === undefined ? {} : { order }), ...normalization(unit, input) };
}

function normalization(unit: Table, input: OutputSpec): Preprocessing {
  const channels = input.shape?.at(-1) ?? 1;
  const { dtype, quantization } = input;
  if (quantization !== undefined && dtype !== 'float32') {
    // What the metadata say belongs to the float model. An 8-bit input takes the pixels as they
    // are, less 128 where it is signed, and that is this normalisation to the bit.
    const [scale = 1] = quantization.scale;
    const [zeroPoint = 0] = quantization.zeroPoint;
    const mean = zeroPoint + (dtype === 'int8' ? 128 : 0);
    return { mean: spread([mean], channels), std: spread([1 / scale], channels) };
  }
  const mean = [...unit.float32s(NormalizationOptions.mean)];
  const std = [...unit.float32s(NormalizationOptions.std)];
  const fits = (list: number[], test: (n: number) => boolean): boolean =>
    (list.length === 1 || list.length === channels) && list.every(test);
  if (fits(mean, Number.isFinite) && fits(std, (n) => n > 0 && Number.isFinite(n))) {
    return { mean: spread(mean, channels), std: spread(std, channels) };
  }
  throw new ModelError({
    where: unit.where,
    got: `mean ${mean.slice(0, 8).join(', ')} and std ${std.slice(0, 8).join(', ')}`,
    expected: `finite numbers, one or ${channels} of each, std above 0`,
    advice: 'write the metadata of the model again',
  });
}

function spread(list: number[], channels: number): number[] {
  return list.length === 1 && channels <= most ? new Array<number>(channels).fill(list[0]!) : list;
}

/** The first label file that is named, from the zip that stands behind the flatbuffer. */
function readLabels(bytes: Uint8Array, files: readonly Table[]): string[] | undefined {
  const file = files.find((one) => {
    const type = one.int8(AssociatedFile.type);
    return type === axisLabels || type === valueLabels;
  });
  const text = file && unzip(bytes, file.string(AssociatedFile.name));
  if (text === undefined) return undefined;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => line.trim());
}

/** One small text file of the zip at the end of `bytes`; undefined where there is no such thing. */
function unzip(bytes: Uint8Array, name: string): string | undefined {
  let entries = 0;
  const filter = (file: UnzipFileInfo): boolean => {
    // A header may claim four thousand million entries.
    if (++entries > most) throw new RangeError('too many files');
    return file.name === name && file.originalSize <= labelBytes && file.size <= labelBytes;
  };
  try {
    const found = unzipSync(bytes, { filter });
    return Object.hasOwn(found, name) ? new TextDecoder().decode(found[name]) : undefined;
  } catch {
    // fflate's errors and ours alike: the labels are gone, and the model runs without them.
    return undefined;
  }
}
