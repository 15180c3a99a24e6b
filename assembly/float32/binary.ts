import { BinaryF32Args } from '../arguments';
import { Walk } from '../layout/walk';
import { Tail } from './tail';

/*
 * output = clamp(a op b, low, high) with broadcasting; NaN stays NaN.
 *
 *   a, b    f32, seen as [outer axes][rows][columns] with a step in bytes along each, 0 where
 *           broadcast, along the columns 4 or 0; up to 16 bytes beyond their ends are read
 *   axes    the outer axes for Walk, steps of a and of b
 *   bounds  low f32, high f32
 *   output  f32 [count][rows][columns], may be an operand that steps just as it does
 */

export function add_f32(args: usize): void {
  Binary.run(args, idof<Add>());
}

export function sub_f32(args: usize): void {
  Binary.run(args, idof<Sub>());
}

export function mul_f32(args: usize): void {
  Binary.run(args, idof<Mul>());
}

export function div_f32(args: usize): void {
  Binary.run(args, idof<Div>());
}

/** a where a >= 0, else a * b */
export function prelu_f32(args: usize): void {
  Binary.run(args, idof<PRelu>());
}

// The operations as types, so that the loop over a row is compiled once for each.
class Add {}
class Sub {}
class Mul {}
class Div {}
class PRelu {}

class Binary {
  /** The rows of all operations, `op` the id of one; not inlined. */
  static run(args: usize, op: u32): void {
    const axes = load<usize>(args, BinaryF32Args.axes);
    const state = load<usize>(args, BinaryF32Args.state);
    const axisCount = load<usize>(args, BinaryF32Args.axisCount);
    const rows = load<usize>(args, BinaryF32Args.rows);
    const aRow = load<usize>(args, BinaryF32Args.aRow);
    const bRow = load<usize>(args, BinaryF32Args.bRow);
    const outputRow = load<usize>(args, BinaryF32Args.columns) << 2;
    let output = load<usize>(args, BinaryF32Args.output);

    Walk.start(state, axisCount);
    for (let i = load<usize>(args, BinaryF32Args.count); i > 0; i--) {
      let a = load<usize>(args, BinaryF32Args.a) + Walk.first(state);
      let b = load<usize>(args, BinaryF32Args.b) + Walk.second(state);
      for (let row: usize = 0; row < rows; row++) {
        if (op === idof<Add>()) Binary.row<Add>(args, a, b, output);
        else if (op === idof<Mul>()) Binary.row<Mul>(args, a, b, output);
        else if (op === idof<Sub>()) Binary.row<Sub>(args, a, b, output);
        else if (op === idof<Div>()) Binary.row<Div>(args, a, b, output);
        else Binary.row<PRelu>(args, a, b, output);
        a += aRow;
        b += bRow;
        output += outputRow;
      }
      Walk.next(state, axes, axisCount);
    }
  }

  @inline
  static row<Op>(args: usize, a: usize, b: usize, output: usize): void {
    const aStep = load<usize>(args, BinaryF32Args.aColumn) << 2;
    const bStep = load<usize>(args, BinaryF32Args.bColumn) << 2;
    const bounds = load<usize>(args, BinaryF32Args.bounds);
    const low = v128.load32_splat(bounds);
    const high = v128.load32_splat(bounds, 4);
    let value = low;
    let left = load<usize>(args, BinaryF32Args.columns);
    for (; left > 0; left -= 4) {
      const x = aStep ? v128.load(a) : v128.load32_splat(a);
      const y = bStep ? v128.load(b) : v128.load32_splat(b);
      value = f32x4.min(f32x4.max(Binary.apply<Op>(x, y), low), high);
      if (left < 4) break;
      v128.store(output, value);
      a += aStep;
      b += bStep;
      output += 16;
    }
    if (left) Tail.storeF32(output, value, left);
  }

  @inline
  static apply<Op>(a: v128, b: v128): v128 {
    if (idof<Op>() === idof<Add>()) return f32x4.add(a, b);
    if (idof<Op>() === idof<Sub>()) return f32x4.sub(a, b);
    if (idof<Op>() === idof<Mul>()) return f32x4.mul(a, b);
    if (idof<Op>() === idof<Div>()) return f32x4.div(a, b);
    return v128.bitselect(a, f32x4.mul(a, b), f32x4.ge(a, f32x4.splat(0)));
  }
}
