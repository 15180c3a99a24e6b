// The catalogue of what needs relaxed SIMD: in the relaxed binary beside the kernels of index.ts.

export { conv_u8f32_6x8c4, conv_u8i32_6x8c4, conv_u8u8_6x8c4 } from './int8/convBytes';
export {
  depthwise_u8u8_4x8r4,
  depthwise_u8u8_4x8r4 as depthwise_u8u8_4x8r4p,
  depthwise_u8u8_4x8r4 as depthwise_u8u8_4x8r4s,
} from './int8/depthwiseColumns';
export { probe_dots } from './simd/probe';
