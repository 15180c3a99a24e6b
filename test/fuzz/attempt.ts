import { MicrojouleError } from '../../src/errors.ts';
import { readModel } from '../../src/formats/table.ts';
import { elementCount } from '../../src/graph/shape.ts';
import { allocate, type TypedArray } from '../../src/graph/tensor.ts';
import { compile } from '../../src/kernels/binaries.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { type Layout, makePlan } from '../../src/plan/plan.ts';
import { Model } from '../../src/run/model.ts';

/** What became of a file. `refused` and `planned` and `run` are good ends. */
export interface End {
  readonly kind: 'refused' | 'planned' | 'run' | 'failed';
  /** Why it failed, or the refusal. */
  readonly message: string;
}

const maxMemoryBytes = 256 * 2 ** 20;
/** Beyond this a plan is not run: the time would go into arithmetic that other tests look at. */
const small = { macs: 5e6, memoryBytes: 32 * 2 ** 20 };

/** Takes a file through the whole flow, and looks at what it leaves behind. */
export async function attempt(bytes: Uint8Array): Promise<End> {
  try {
    const graph = optimize(await readModel(bytes, 'the mutant'));
    const layout = makePlan(graph, { maxMemoryBytes });
    const { plan } = layout;
    if (!(plan.memoryBytes <= maxMemoryBytes)) throw new Error(`${plan.memoryBytes} bytes planned`);
    if (plan.macs > small.macs || plan.memoryBytes > small.memoryBytes) {
      return { kind: 'planned', message: '' };
    }
    const facts = { name: 'the mutant', outputIsProbability: false };
    const module = await compile('baseline');
    const model = withMemory(() => new Model(graph, layout, module, 'baseline', facts));
    checkRuns(model.made, model.memory, layout);
    return { kind: 'run', message: '' };
  } catch (error) {
    return endOf(error);
  }
}

function endOf(error: unknown): End {
  if (error instanceof MicrojouleError && error.faults.length > 0) {
    return { kind: 'refused', message: error.message };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'failed', message };
}

/** What `make` makes, and the wasm memory that it reserved for it. */
function withMemory<T>(make: () => T): { made: T; memory: Uint8Array } {
  const { Memory } = WebAssembly;
  let memory: WebAssembly.Memory | undefined;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memory = this;
    }
  };
  try {
    const made = make();
    return { made, memory: new Uint8Array(memory!.buffer) };
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/**
 * Two runs on zeros give the same bytes, whatever the arena held before; weights and argument
 * blocks stay as they are.
 */
function checkRuns(model: Model, memory: Uint8Array, { plan, initial }: Layout): void {
  const inputs = model.inputs.map(({ dtype, shape }) => allocate(dtype, elementCount(shape)));
  const first = run(model, inputs);
  const arenaAt = plan.memoryBytes - 64 - plan.scratchBytes - plan.arenaBytes;
  memory.fill(0xaa, arenaAt);
  const second = run(model, inputs);
  for (const [i, output] of first.entries()) {
    const at = output.findIndex((byte, j) => byte !== second[i]![j]);
    if (at >= 0) throw new Error(`output ${i} depends on what its memory held, byte ${at}`);
  }
  for (const { address, bytes } of initial) {
    const at = bytes.findIndex((byte, i) => memory[address + i] !== byte);
    if (at >= 0) throw new Error(`a kernel wrote to the constants, address ${address + at}`);
  }
}

function run(model: Model, inputs: readonly TypedArray[]): Uint8Array[] {
  const result = model.run(...inputs);
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.map((output) => {
    const { buffer, byteOffset, byteLength } = output;
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  });
}
