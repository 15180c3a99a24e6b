// The catalogue: every exported kernel on one line.

export {
  dequantize_i32f32,
  dequantize_i32f32_1x4,
  dequantize_u8f32,
  dequantize_u8f32_1x4,
  quantize_f32u8,
  quantize_f32u8_1x4,
} from './float32/quantize';
export { conv_u8f32_4x8, conv_u8i32_4x8, conv_u8u8_4x8 } from './int8/conv';
export { table_u8 } from './int8/table';
export { copy_runs, copy_strided, copy_x8_16x8, copy_x32_4x4 } from './layout/copy';
export { fill_x8 } from './layout/fill';
