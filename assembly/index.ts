// The catalogue: every kernel that runs on all engines, on one line.

export { affine_f32_1x4 } from './float32/affine';
export { argmax_f32, argmax_i32, argmax_u8 } from './float32/argMax';
export { add_f32, div_f32, mul_f32, prelu_f32, sub_f32 } from './float32/binary';
export { conv_f32_4x8 } from './float32/conv';
export { depthwise_f32_1x8 } from './float32/depthwise';
export { dynamic_quantize_f32u8 } from './float32/dynamicQuantize';
export { matmul_f32_4x8 } from './float32/matMul';
export { mean_f32_1x4, mean_f32_rows } from './float32/mean';
export { average_pool_f32_1x8, max_pool_f32_1x8 } from './float32/pool';
export {
  dequantize_i32f32,
  dequantize_i32f32_1x4,
  dequantize_u8f32,
  dequantize_u8f32_1x4,
  quantize_f32u8,
  quantize_f32u8_1x4,
  quantize_f32u8_mul,
  quantize_f32u8_mul_1x4,
} from './float32/quantize';
export { log_softmax_f32, softmax_f32 } from './float32/softmax';
export {
  clip_f32,
  hard_sigmoid_f32,
  hard_swish_f32,
  leaky_relu_f32,
  sigmoid_f32,
  tanh_f32,
} from './float32/unary';
export { add_u8_fixed, add_u8_fused, add_u8_shift, mul_u8, mul_u8_shift } from './int8/binary';
export { conv_u8_2x16 } from './int8/conv';
export { depthwise_u8_1x8 } from './int8/depthwise';
export { depthwise_u8u8_4x8r2 } from './int8/depthwiseColumns';
export { mean_u8_1x8 } from './int8/mean';
export {
  average_pool_u8_float_1x8,
  average_pool_u8_integer_1x8,
  max_pool_u8_1x8,
} from './int8/pool';
export { softmax_u8 } from './int8/softmax';
export { flip_u8, hard_swish_u8, table_u8 } from './int8/table';
export { conv_u8_winograd_4x4 } from './int8/winograd';
export { cast } from './layout/cast';
export { copy_runs, copy_strided, copy_x8_16x3, copy_x8_16x8, copy_x32_4x4 } from './layout/copy';
export { fill_x8 } from './layout/fill';
export { resize_linear_f32_1x4, resize_linear_u8_1x8, resize_nearest } from './layout/resize';
export { run_program } from './sync/program';
export { ternary_sums_i32f32_1x4, ternary_sums_i32u8_1x4 } from './ternary/scale';
export { conv_u8t2_sums_32, conv_u8t2_sums_32 as conv_u8t2_real_32 } from './ternary/sums';
