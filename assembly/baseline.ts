// The catalogue of what only engines without useful dots of bytes need: in the baseline binary beside
// the kernels of index.ts.

export { conv_u8t2_2x32 } from './int8/conv';
