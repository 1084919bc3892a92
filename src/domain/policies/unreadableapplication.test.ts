import { expect, test } from 'vitest';
import { application } from '../application/product.fixtures.ts';
import { unreadableApplication } from './unreadableapplication.ts';

test('an order that was stored under another schema says so, and its guest keeps what it was told (AP-1)', () => {
  const plan = { revision: 'sha256:1', since: '2026-01-01T00:00:00Z' };
  const credentials = { verifier: 'sha256:2' };
  const binding = { name: 'shop-orders-binding' };
  const installed = '2026-01-01T01:00:00Z';
  const order = {
    ...application(),
    status: { plan, credentials, binding, installed, version: '17.6', conditions: [] },
  };
  const { status, conditions } = unreadableApplication(order, 'spec.line: Invalid input');
  expect(status).toEqual({ observedGeneration: 1, plan, credentials, binding, installed });
  expect(conditions).toEqual([
    { type: 'Ready', status: 'False', reason: 'InvalidOrder', message: 'spec.line: Invalid input.' },
    { type: 'Stalled', status: 'True', reason: 'InvalidOrder', message: 'spec.line: Invalid input.' },
  ]);
});
