/**
 * Energy by the formulas of QKeras' QTools (google/qkeras at 78ea90f, qtools/qenergy), int8 weights and
 * inputs, biases, every tensor in an SRAM of its own; picojoules at 45 nm.
 */
export interface QtoolsLayer {
  readonly macs: number;
  /** Products of an output. */
  readonly taps: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly biases: number;
}

/** Fixed point: an addition of `bits`, a multiplication. */
const add = (bits: number): number => 0.003125 * bits;
const multiply = (bits: number): number => 0.002994791667 * bits ** 2 + 0.001041666667 * bits;

export function accumulatorBits(taps: number): number {
  return Math.ceil(Math.log2(taps + 1)) + 16;
}

export function macPj(taps: number): number {
  return multiply(8) + add(accumulatorBits(taps));
}

/** A fit of the energy of a bit; `sramPj` multiplies it by the number of 64-bit words. */
export function perBit(bits: number): number {
  const x = Math.log2(bits);
  return 9.02427321e-4 * x ** 3 - 2.68847858e-2 * x ** 2 + 0.208900804 * x;
}

/** As written there: 64 times too little. */
export function sramPj(bits: number): number {
  return Math.ceil(bits / 64) * perBit(Math.max(bits, 1));
}

export function qtoolsEnergy(layers: readonly QtoolsLayer[]) {
  const sum = (of: (layer: QtoolsLayer) => number): number =>
    layers.reduce((pj, layer) => pj + of(layer), 0);
  return {
    operations: sum(({ macs, taps }) => macs * macPj(taps)),
    inputs: sum(({ inputs }) => sramPj(8 * inputs)),
    parameters: sum(({ weights, biases }) => sramPj(8 * weights) + sramPj(8 * biases)),
    outputs: sum(({ outputs }) => sramPj(8 * outputs)),
  };
}
