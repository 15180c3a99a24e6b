import type { Work } from '../graph/work.ts';
import { random } from '../profile/random.ts';
import { describeWork } from './describe.ts';
import { operatorShapes } from './operatorShapes.ts';
import { reviveWork, type ShapeFile } from './shapeFile.ts';
import ad from './shapes/ad.json' with { type: 'json' };
import fashionMnist from './shapes/fashionMnist.json' with { type: 'json' };
import kws from './shapes/kws.json' with { type: 'json' };
import mobilenetV1 from './shapes/mobilenetV1.json' with { type: 'json' };
import mobilenetV2 from './shapes/mobilenetV2.json' with { type: 'json' };
import moteL from './shapes/moteL.json' with { type: 'json' };
import resnet8 from './shapes/resnet8.json' with { type: 'json' };
import vww from './shapes/vww.json' with { type: 'json' };
import { ternaryRealShapes, ternaryShapes } from './ternaryShapes.ts';

const files: readonly ShapeFile[] = [
  mobilenetV1,
  mobilenetV2,
  vww,
  resnet8,
  kws,
  ad,
  fashionMnist,
  moteL,
];

/** A layer to measure. */
export interface Shape {
  readonly name: string;
  /** Where it occurs. */
  readonly networks: readonly string[];
  readonly work: () => Work;
}

/** Every distinct layer shape: those of the networks, ternary ones, those of other operators. */
export function allShapes(): Shape[] {
  const shapes = new Map<string, { name: string; networks: string[]; work: () => Work }>();
  const add = (name: string, network: string, work: () => Work): void => {
    const shape = shapes.get(name);
    if (shape === undefined) shapes.set(name, { name, networks: [network], work });
    else shape.networks.push(network);
  };
  for (const { network, shapes: encoded } of files) {
    for (const { name, work } of encoded) add(name, network, () => reviveWork(work, random(1)));
  }
  for (const work of [...ternaryShapes(random(1)), ...ternaryRealShapes(random(1))])
    add(describeWork(work), 'ternary', () => work);
  for (const work of operatorShapes(random(1))) add(describeWork(work), 'operators', () => work);
  return [...shapes.values()];
}
