// The catalogue of what needs relaxed SIMD: in the relaxed binary beside the kernels of index.ts.

export {
  conv_u8_2x16c4,
  conv_u8_6x8c4,
  conv_u8_6x8c4 as conv_u8_6x8c4s,
  conv_u8t2_2x16c4,
} from './int8/conv';
export {
  depthwise_u8u8_4x8r4,
  depthwise_u8u8_4x8r4 as depthwise_u8u8_4x8r4p,
  depthwise_u8u8_4x8r4 as depthwise_u8u8_4x8r4s,
} from './int8/depthwiseColumns';
export { probe_dots } from './simd/probe';
export {
  conv_u8t2_sums_32 as conv_u8t2_sums_32p,
  conv_u8t2_sums_32 as conv_u8t2_sums_32q,
  conv_u8t2_sums_32 as conv_u8t2_sums_32s,
} from './ternary/sums';
