import type { EnergyOptions } from '../energy/assumptions.ts';
import { type EnergyReport, energyOf, type Tally } from '../energy/report.ts';
import { tallyPlan } from '../energy/tally.ts';
import { RunError } from '../errors.ts';
import type { Graph, Metadata } from '../graph/graph.ts';
import { elementCount, formatShape } from '../graph/shape.ts';
import { allocate, type DType, type Tensor, type TypedArray, viewOf } from '../graph/tensor.ts';
import type { Binary } from '../kernels/binaries.ts';
import { instantiateRunner, type Runner } from '../kernels/instantiate.ts';
import type { Layout, Plan } from '../plan/plan.ts';
import type { Crew } from './crew.ts';
import { makeMemory } from './memory.ts';

/** An input or output as the file declares it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** An open batch dimension is 1. */
  readonly shape: readonly number[];
  /** real = scale · (q − zeroPoint), where the tensor is quantized with one scale. */
  readonly scale?: number;
  readonly zeroPoint?: number;
}

interface Port {
  readonly info: TensorInfo;
  /** The tensor's elements in the wasm memory. */
  readonly view: TypedArray;
}

/** Everything that a loaded model holds on to. */
interface Held extends Runner {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** What `run` gives back: the one output's view, or the list of all. */
  readonly result: TypedArray | TypedArray[];
  readonly threadAt: number;
  readonly crew: Crew | undefined;
}

/** What a model is told of itself. */
export interface Facts {
  readonly name: string;
  readonly outputIsProbability: boolean;
  /** The threads that the plan counts on, over a memory that holds what it says. */
  readonly crew?: Crew | undefined;
  readonly threadsWhy?: string | undefined;
  /** Whether the machine's relaxed dots still compute what the plan counts on. */
  readonly confirm?: (() => boolean) | undefined;
}

/**
 * After so many runs the dots are looked at again: the engine's optimizing compiler, which replaces
 * the first form of the code, has had its turn by then.
 */
const looks = [64, 1024];

/** Workers of models that were dropped without `dispose`. */
const orphans = new FinalizationRegistry<Crew>((crew) => crew.end());

/** A model that is ready to run. */
export class Model {
  readonly name: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly plan: Plan;
  readonly metadata: Metadata;
  /** The last operator is a softmax: outputs are probabilities already. */
  readonly outputIsProbability: boolean;
  /** Which of the two wasm binaries runs it. */
  readonly binary: Binary;
  /** How many threads run it; where they are fewer than were asked for, `threadsWhy` says why. */
  readonly threads: number;
  readonly threadsWhy: string | undefined;
  readonly #layout: Layout;
  readonly #memory: WebAssembly.Memory;
  readonly #confirm: (() => boolean) | undefined;
  #runs = 0;
  #held: Held | undefined;
  /** What `energy` prices, once it is asked for. */
  #tally: Tally | undefined;
  /** Results of batches, by the number of samples of the last one. */
  #batch: { readonly count: number; readonly results: readonly TypedArray[] } | undefined;

  constructor(
    graph: Graph,
    layout: Layout,
    module: WebAssembly.Module,
    binary: Binary,
    facts: Facts,
  ) {
    this.name = facts.name;
    this.outputIsProbability = facts.outputIsProbability;
    this.metadata = graph.metadata;
    this.plan = layout.plan;
    this.binary = binary;
    this.#layout = layout;

    this.threads = layout.plan.threads;
    this.threadsWhy = facts.threadsWhy;
    this.#confirm = facts.confirm;
    const { crew } = facts;
    if (crew !== undefined) orphans.register(this, crew, this);
    const memory = crew?.memory ?? makeMemory(layout, false);
    this.#memory = memory;
    const port = (tensor: Tensor): Port => ({ info: infoOf(tensor), view: this.#view(tensor) });
    const outputs = graph.outputs.map(port);
    this.#held = {
      inputs: graph.inputs.map(port),
      outputs,
      result: outputs.length === 1 ? outputs[0]!.view : outputs.map(({ view }) => view),
      ...instantiateRunner(module, memory, layout.functions),
      threadAt: layout.threadsAt[0]!,
      crew,
    };
    this.inputs = this.#held.inputs.map(({ info }) => info);
    this.outputs = this.#held.outputs.map(({ info }) => info);
  }

  /**
   * One forward pass.
   * @param inputs one typed array per input, in order, in the file's own dtype and layout; a
   *   multiple of the input's size is a batch of as many samples
   * @returns the output, or a list of them. They belong to the model and change with its next run:
   *   `slice()` keeps one.
   * @throws RunError on inputs of the wrong number, type or size, after `dispose`, and where a thread
   *   has ended
   */
  run(...inputs: TypedArray[]): TypedArray | TypedArray[] {
    // Of a list that is only counted and copied, and its first element, engines make no array.
    return inputs.length === 1 ? this.#runSingle(inputs[0]!) : this.#runList([...inputs]);
  }

  /**
   * For profiling: a run whose steps the caller starts, each by the function that it is given, all
   * on this thread.
   * @throws RunError as `run` does; a batch is refused too
   */
  runStepwise(inputs: readonly TypedArray[], start: (step: number, run: () => void) => void): void {
    const { inputs: ports, kernels } = this.#require();
    const samples = checkInputs(ports, inputs);
    if (samples !== 1) {
      throw new RunError({
        where: 'runStepwise()',
        got: `${samples} samples`,
        expected: 'one',
        advice: 'pass one sample of the batch',
      });
    }
    inputs.forEach((input, i) => void copy(input, ports[i]!.view));
    this.plan.steps.forEach(({ parts }, i) => {
      start(i, () => {
        for (const { kernel, argumentsAt } of parts) kernels[kernel]!(argumentsAt);
      });
    });
  }

  /**
   * What a tensor between the layers holds after a run, where the model was loaded with
   * `keepAll`; 8-bit numbers as the file has them.
   * @returns undefined for tensors that were fused away
   */
  peek(tensor: Tensor): TypedArray | undefined {
    this.#require();
    return this.#layout.addressOf(tensor) === undefined ? undefined : this.#view(tensor).slice();
  }

  /**
   * What a forward pass costs: its multiply-accumulates and bytes, counted, and its energy by the model
   * of docs/energy-model.md, with bounds. Nothing is run.
   * @throws RunError on options that make no sense
   */
  energy(options: EnergyOptions = {}): EnergyReport {
    this.#tally ??= this.#count();
    return energyOf(this.#tally, options);
  }

  #count(): Tally {
    const bytes = new Uint8Array(this.#memory.buffer);
    return tallyPlan(this.name, this.plan, (address) => bytes.subarray(address));
  }

  /** Gives the memory back and ends the threads. A later `run` is an error. */
  dispose(): void {
    this.#held?.crew?.end();
    orphans.unregister(this);
    this.#held = undefined;
    this.#batch = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #view(tensor: Tensor): TypedArray {
    const address = this.#layout.addressOf(tensor)!;
    return viewOf(tensor.dtype, this.#memory.buffer, address, elementCount(tensor.shape));
  }

  #require(): Held {
    if (this.#held !== undefined) return this.#held;
    throw new RunError({
      where: this.name,
      got: 'a call after dispose()',
      expected: 'a model that is still loaded',
      advice: 'load the model again',
    });
  }

  #runSingle(input: TypedArray): TypedArray | TypedArray[] {
    const held = this.#held;
    if (held?.inputs.length !== 1 || !fits(input, held.inputs[0]!)) return this.#runList([input]);
    copy(input, held.inputs[0]!.view);
    this.#execute(held);
    return held.result;
  }

  #runList(inputs: readonly TypedArray[]): TypedArray | TypedArray[] {
    const held = this.#require();
    const count = checkInputs(held.inputs, inputs);
    if (count !== 1) return this.#runBatch(held, inputs, count);
    for (let i = 0; i < inputs.length; i++) copy(inputs[i]!, held.inputs[i]!.view);
    this.#execute(held);
    return held.result;
  }

  #execute({ runProgram, threadAt, crew }: Held): void {
    crew?.check();
    while (runProgram(threadAt) !== 0) crew!.watch();
    this.#runs++;
    if (this.#runs <= looks.at(-1)! && looks.includes(this.#runs)) this.#look();
  }

  #look(): void {
    if (this.#confirm === undefined || this.#confirm()) return;
    throw new RunError({
      where: this.name,
      got: 'relaxed dot products that compute something else than they did when it was loaded',
      expected: 'one result for the same operands, however the engine compiles them',
      advice: "load the model with the option binary: 'baseline', and report the engine's version",
    });
  }

  #runBatch(held: Held, inputs: readonly TypedArray[], count: number): TypedArray | TypedArray[] {
    if (this.#batch?.count !== count) {
      const results = held.outputs.map(({ info, view }) =>
        allocate(info.dtype, view.length * count),
      );
      this.#batch = { count, results };
    }
    const { results } = this.#batch;
    for (let sample = 0; sample < count; sample++) {
      held.inputs.forEach(({ view }, i) => {
        const start = sample * view.length;
        copy(inputs[i]!.subarray(start, start + view.length), view);
      });
      this.#execute(held);
      held.outputs.forEach(({ view }, i) => {
        copy(view, results[i]!.subarray(sample * view.length, (sample + 1) * view.length));
      });
    }
    return results.length === 1 ? results[0]! : [...results];
  }
}

/** Whether the input is one sample. */
function fits(input: TypedArray | undefined, { view }: Port): boolean {
  return (
    input?.length === view.length &&
    (input.constructor === view.constructor || isBytes(input, view))
  );
}

/** Both are of one type: checked for inputs, made so for outputs. */
function copy(from: TypedArray, to: TypedArray): void {
  (to as Uint8Array).set(from as Uint8Array);
}

function infoOf({ id, dtype, shape, quantization }: Tensor): TensorInfo {
  if (quantization === undefined || quantization.scale.length !== 1)
    return { name: id, dtype, shape };
  const { scale, zeroPoint } = quantization;
  return { name: id, dtype, shape, scale: scale[0]!, zeroPoint: zeroPoint[0]! };
}

/** The number of samples in the inputs. */
function checkInputs(ports: readonly Port[], inputs: readonly TypedArray[]): number {
  if (inputs.length !== ports.length) {
    throw new RunError({
      where: 'run()',
      got: `${inputs.length} inputs`,
      expected: `${ports.length}: ${ports.map(({ info }) => describe(info)).join(', ')}`,
      advice: 'pass one typed array per input',
    });
  }
  let count = 1;
  for (let i = 0; i < ports.length; i++) {
    const { info, view } = ports[i]!;
    const input = inputs[i]!;
    const samples = input?.length / view.length;
    const sameType = input?.constructor === view.constructor || isBytes(input, view);
    const first = i === 0;
    if (first) count = samples;
    if (sameType && samples >= 1 && Number.isInteger(samples) && samples === count) continue;
    throw new RunError({
      where: `input ${i} "${info.name}"`,
      got: sameType ? `${input.length} elements` : describeValue(input),
      expected: `${describe(info)}, ${view.length} elements${first ? ' or a multiple' : ` times ${count}`}`,
      advice: 'pass the tensor in the type and layout that model.inputs states',
    });
  }
  return count;
}

/** Pixels from a canvas come clamped, files in Node as a Buffer, and are bytes all the same. */
function isBytes(input: unknown, view: TypedArray): boolean {
  const bytes = input instanceof Uint8ClampedArray || input instanceof Uint8Array;
  return bytes && view instanceof Uint8Array;
}

function describe({ name, dtype, shape }: TensorInfo): string {
  return `${dtype} ${formatShape(shape)} "${name}"`;
}

function describeValue(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
