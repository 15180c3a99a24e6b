/**
 * How emulated dots of bytes take their second operand. Test builds replace this file
 * (scripts/buildWasm.mjs), so that kernels for machines of either kind run everywhere.
 */
export const hasSignedBytes: bool = false;
