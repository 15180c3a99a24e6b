import { fail } from './fault.ts';
import type { AttributeProto } from './onnx_pb.generated.ts';
import { decodeTensor } from './tensorData.ts';
import type { ConstantValue } from './value.ts';

const typeNames: Readonly<Record<number, string>> = {
  1: 'a float',
  2: 'an integer',
  3: 'a string',
  4: 'a tensor',
  5: 'a graph',
  6: 'floats',
  7: 'integers',
  8: 'strings',
};

/** The attributes of a node, read by name and type; `finish` refuses those that nobody read. */
export class Attributes {
  readonly #protos = new Map<string, AttributeProto>();
  readonly #read = new Set<string>();

  constructor(
    readonly where: string,
    protos: readonly AttributeProto[],
  ) {
    for (const proto of protos) {
      if (this.#protos.has(proto.name)) {
        fail(where, `attribute ${proto.name} twice`, 'each attribute once');
      }
      if (proto.refAttrName !== '') {
        fail(
          where,
          `attribute ${proto.name} that refers to a function's`,
          'a value',
          'inline the functions of the model (onnx.inliner), then export it again',
        );
      }
      this.#protos.set(proto.name, proto);
    }
  }

  has(name: string): boolean {
    return this.#protos.has(name);
  }

  float(name: string, fallback: number): number {
    return this.#get(name, 1)?.f ?? fallback;
  }

  int(name: string, fallback: number): number {
    return Number(this.#get(name, 2)?.i ?? fallback);
  }

  flag(name: string, fallback = false): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  ints(name: string): number[] | undefined {
    return this.#get(name, 7)?.ints.map(Number);
  }

  floats(name: string): readonly number[] | undefined {
    return this.#get(name, 6)?.floats;
  }

  string(name: string, fallback: string): string {
    const proto = this.#get(name, 3);
    return proto === undefined ? fallback : new TextDecoder().decode(proto.s);
  }

  /** A string out of a few. */
  choice<const Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: NoInfer<Choice>,
  ): Choice {
    const string = this.string(name, fallback);
    const choice = choices.find((candidate) => candidate === string);
    return choice ?? fail(this.where, `${name} ${JSON.stringify(string)}`, choices.join(' or '));
  }

  tensor(name: string): ConstantValue | undefined {
    const proto = this.#get(name, 4);
    if (proto === undefined) return undefined;
    if (proto.t === undefined) fail(this.where, `attribute ${name} without a tensor`, 'a tensor');
    return decodeTensor(proto.t, `${this.where}.${name}`);
  }

  /** Marks attributes as read that change nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** @throws ModelError where an attribute was not asked for: what it means would be lost */
  finish(): void {
    const unread = [...this.#protos.keys()].filter((name) => !this.#read.has(name));
    if (unread.length === 0) return;
    fail(
      this.where,
      `attribute ${unread.join(', ')}`,
      'only attributes that the operator has in this opset',
      'export the model for another opset, or open an issue',
    );
  }

  #get(name: string, type: number): AttributeProto | undefined {
    this.#read.add(name);
    const proto = this.#protos.get(name);
    if (proto === undefined || proto.type === type) return proto;
    const got = typeNames[proto.type] ?? `type ${proto.type}`;
    return fail(this.where, `attribute ${name} as ${got}`, `${typeNames[type]}`);
  }
}
