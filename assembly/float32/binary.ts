import { BinaryF32Args } from '../arguments';
import { Walk } from '../layout/walk';
import { Tail } from './tail';

/*
 * output = clamp(a op b, low, high) with broadcasting; NaN stays NaN.
 *
 *   a, b    f32, seen as [outer axes][rows][columns] with a step in bytes along each, 0 where broadcast;
 *           up to 12 bytes beyond their ends are read
 *   axes    the outer axes for Walk, steps of a and of b
 *   bounds  low f32, high f32
 *   output  f32 [count][rows][columns], may be an operand that steps just as it does
 */

export function add_f32(args: usize): void {
  Binary.run<Add>(args);
}

export function sub_f32(args: usize): void {
  Binary.run<Sub>(args);
}

export function mul_f32(args: usize): void {
  Binary.run<Mul>(args);
}

export function div_f32(args: usize): void {
  Binary.run<Div>(args);
}

/** a where a >= 0, else a * b */
export function prelu_f32(args: usize): void {
  Binary.run<PRelu>(args);
}

// The operations as types, so that the loops below are compiled once for each.
class Add {}
class Sub {}
class Mul {}
class Div {}
class PRelu {}

class Binary {
  @inline
  static run<Op>(args: usize): void {
    const axes = load<usize>(args, BinaryF32Args.axes);
    const state = load<usize>(args, BinaryF32Args.state);
    const axisCount = load<usize>(args, BinaryF32Args.axisCount);
    const rows = load<usize>(args, BinaryF32Args.rows);
    const columns = load<usize>(args, BinaryF32Args.columns);
    const aRow = load<usize>(args, BinaryF32Args.aRow);
    const bRow = load<usize>(args, BinaryF32Args.bRow);
    const aColumn = load<usize>(args, BinaryF32Args.aColumn);
    const bColumn = load<usize>(args, BinaryF32Args.bColumn);
    const bounds = load<usize>(args, BinaryF32Args.bounds);
    const low = v128.load32_splat(bounds);
    const high = v128.load32_splat(bounds, 4);
    let output = load<usize>(args, BinaryF32Args.output);

    Walk.start(state, axisCount);
    for (let i = load<usize>(args, BinaryF32Args.count); i > 0; i--) {
      let a = load<usize>(args, BinaryF32Args.a) + Walk.first(state);
      let b = load<usize>(args, BinaryF32Args.b) + Walk.second(state);
      for (let row: usize = 0; row < rows; row++) {
        if (aColumn === 4 && bColumn === 4) {
          let offset: usize = 0;
          let left = columns;
          for (; left >= 4; left -= 4) {
            const x = v128.load(a + offset);
            const y = v128.load(b + offset);
            v128.store(output, Binary.four<Op>(x, y, low, high));
            offset += 16;
            output += 16;
          }
          const last = Binary.four<Op>(v128.load(a + offset), v128.load(b + offset), low, high);
          Tail.storeF32(output, last, left);
          output += left << 2;
        } else if (aColumn === 4 && bColumn === 0) {
          const y = v128.load32_splat(b);
          let from = a;
          let left = columns;
          for (; left >= 4; left -= 4) {
            v128.store(output, Binary.four<Op>(v128.load(from), y, low, high));
            from += 16;
            output += 16;
          }
          Tail.storeF32(output, Binary.four<Op>(v128.load(from), y, low, high), left);
          output += left << 2;
        } else if (aColumn === 0 && bColumn === 4) {
          const x = v128.load32_splat(a);
          let from = b;
          let left = columns;
          for (; left >= 4; left -= 4) {
            v128.store(output, Binary.four<Op>(x, v128.load(from), low, high));
            from += 16;
            output += 16;
          }
          Tail.storeF32(output, Binary.four<Op>(x, v128.load(from), low, high), left);
          output += left << 2;
        } else {
          let x = a;
          let y = b;
          for (let column: usize = 0; column < columns; column++) {
            const value = Binary.four<Op>(v128.load32_zero(x), v128.load32_zero(y), low, high);
            v128.store32_lane(output, value, 0);
            x += aColumn;
            y += bColumn;
            output += 4;
          }
        }
        a += aRow;
        b += bRow;
      }
      Walk.next(state, axes, axisCount);
    }
  }

  @inline
  static four<Op>(a: v128, b: v128, low: v128, high: v128): v128 {
    return f32x4.min(f32x4.max(Binary.apply<Op>(a, b), low), high);
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
