import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Integration tests talk to a real control plane, so they have longer limits, and two files run at a time: each waits often, and there are two
 * cores. Those of the project `node` have a real node besides, of which a box has one, and run in its box:
 * `npm run testbed -- in-box -- vitest run --project node`. Those of the project `e2e` have guests that boot, and Steward from its image:
 * `npm run e2e -- --node`. Those of the project `packages` have the package managers of guests, in roots of their own: `npm run e2e -- --packages`.
 * Those of the project `argocd` have the real Argo CD: `npm run e2e -- --argocd`. Those of the project `backup` have the real Velero, which waits
 * for minutes: `npm run e2e -- --backup`.
 */
const slow = {
  ...{ testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false },
  // A policy learns of its parameters in a second on a quiet machine, and later where something else takes the machine.
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'hack/**/*.unit.test.ts', 'test/unit/**/*.test.ts'],
          // A property's hundreds of cases take seconds where something else takes the machine.
          testTimeout: 60_000,
          // A process for each of hundreds of files reads the same modules again and again: that took more than the tests themselves.
          isolate: false,
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        test: {
          name: 'integration',
          include: ['hack/testbed/**/*.test.ts', 'test/integration/**/*.test.ts', 'test/chart/**/*.test.ts'],
          exclude: ['**/*.unit.test.ts', '**/*.node.test.ts'],
          ...slow,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'node',
          include: ['hack/**/*.node.test.ts', 'test/**/*.node.test.ts'],
          ...slow,
        },
      },
      {
        test: {
          name: 'packages',
          include: ['test/packages/**/*.test.ts'],
          ...slow,
        },
      },
      {
        test: {
          name: 'backup',
          include: ['test/backup/**/*.test.ts'],
          ...slow,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'argocd',
          include: ['test/argocd/**/*.test.ts'],
          globalSetup: ['test/argocd/support/gitops.setup.ts'],
          ...slow,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/support/service.setup.ts'],
          ...slow,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
