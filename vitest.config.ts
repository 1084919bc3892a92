import { defineConfig } from 'vitest/config';

/** Integration tests talk to a real control plane, so they run one file at a time and have longer limits. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'hack/**/*.unit.test.ts', 'test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['hack/testbed/**/*.test.ts', 'test/integration/**/*.test.ts', 'test/chart/**/*.test.ts'],
          exclude: ['**/*.unit.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
