import { defineConfig } from 'vitest/config';

/** Names the JSON report of a run, of which a check may hold several. */
const report = `build/reports/${process.env['REPORT'] ?? 'all'}.json`;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: process.env['CI']
      ? [
          ['default', { summary: false }],
          ['json', { outputFile: report }],
        ]
      : ['default'],
  },
});
