import type { Executed } from './kernel.ts';

const lanes = 8;

/** What assembly/float32/tile.ts does for 8 channels: four rows at a time, then one by one. */
export function executedTiles(rows: number, k: number): Executed {
  const fours = Math.floor(rows / 4);
  return {
    macs: rows * k * lanes,
    weightReads: (fours + (rows % 4)) * k * lanes * 4,
    inputReads: rows * k * 4,
  };
}
