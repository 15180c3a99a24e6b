import type { Graph } from '../graph/graph.ts';
import { isConstant, type Tensor } from '../graph/tensor.ts';
import type { Piece } from './pieces.ts';
import { place } from './place.ts';
import type { Storage } from './storage.ts';

/** A piece of the arena, and the steps between which it holds a map, or several in turn. */
export interface ArenaMap {
  /** The tensor that it is named by. */
  readonly id: string;
  readonly offset: number;
  readonly bytes: number;
  /** Steps by their number; -1 where it holds an input, the number of steps where an output. */
  readonly first: number;
  readonly last: number;
}

export interface PlacedTensors {
  /** Maps between the layers, each by its offset in the arena. */
  readonly offsets: ReadonlyMap<Tensor, number>;
  readonly arenaBytes: number;
  readonly maps: readonly ArenaMap[];
  /** Constants that kernels read as tensors. */
  readonly constants: readonly Tensor[];
}

/** Finds out how long every tensor lives, lets work be done in place, and places the maps. */
export function placeTensors(
  graph: Graph,
  pieces: readonly Piece[],
  storage: Storage,
  keepAll: boolean,
): PlacedTensors {
  const end = pieces.length;
  for (const input of graph.inputs) storage.use(input, -1);
  pieces.forEach(({ inputs, outputs }, i) => {
    for (const tensor of [...inputs, ...outputs]) storage.use(tensor, i);
  });
  for (const output of graph.outputs) storage.use(output, end);
  if (keepAll) for (const tensor of storage.cells().keys()) storage.use(tensor, end);

  pieces.forEach(({ parts, inputs, outputs }, i) => {
    const [input] = inputs;
    const [output] = outputs;
    if (input === undefined || output === undefined) return;
    if (!parts.every(({ kernel, work }) => kernel.inPlace?.(work) === true)) return;
    const from = storage.lifetimeOf(input);
    const to = storage.lifetimeOf(output);
    const dies = from?.last === i && !isConstant(storage.rootOf(input));
    if (dies && to?.first === i && to.bytes <= from.bytes) storage.alias(output, input);
  });

  const cells = [...storage.cells()];
  const constants = cells.map(([tensor]) => tensor).filter(isConstant);
  const maps = cells.filter(([tensor]) => !isConstant(tensor));
  const { offsets, bytes } = place(maps.map(([, lifetime]) => lifetime));
  return {
    offsets: new Map(maps.map(([tensor], i) => [tensor, offsets[i]!])),
    arenaBytes: bytes,
    maps: maps.map(([{ id }, { bytes, first, last }], i) => {
      return { id, offset: offsets[i]!, bytes, first, last };
    }),
    constants,
  };
}
