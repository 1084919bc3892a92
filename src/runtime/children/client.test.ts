import { describe, expect, it, vi } from 'vitest';
import type { Cache } from '../cache/cache.ts';
import type { Transport } from '../http/transport.ts';
import { Client } from './client.ts';

const kind = {
  ...{ group: 'subresources.kubevirt.io', version: 'v1', kind: 'VirtualMachineInstance' },
  ...{ plural: 'virtualmachineinstances', namespaced: true },
};
const object = {
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', metadata: { namespace: 'acme', name: 'shop-db' } },
};

describe('a subresource that does something', () => {
  it('is asked by a PUT without content for an answer of any kind, and not for long', async () => {
    const call = vi.fn(async () => ({ status: 200, value: undefined }));
    const client = new Client({ call } as unknown as Transport, {} as Cache, 'steward');
    await client.invoke(kind, object, 'unfreeze', { origin: 'test', urgent: false });
    expect(call).toHaveBeenCalledExactlyOnceWith({
      ...{ method: 'PUT', accept: '*/*', urgent: false, timeoutMs: 30_000 },
      path: '/apis/subresources.kubevirt.io/v1/namespaces/acme/virtualmachineinstances/shop-db/unfreeze',
    });
  });

  it('is given the content that it takes', async () => {
    const call = vi.fn(async () => ({ status: 202, value: undefined }));
    const client = new Client({ call } as unknown as Transport, {} as Cache, 'steward');
    await client.invoke(kind, object, 'stop', { origin: 'test', urgent: false }, { gracePeriod: 0 });
    expect(call).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ method: 'PUT', contentType: 'application/json', body: '{"gracePeriod":0}' }),
    );
  });
});
