/** Builds for the tests replace this file. */
export const isCounting: bool = false;
