/** A notice, a contract and the provider's side, as tests tell of them. */
import { ContractSpec } from '../../api/contract.ts';
import type { Notice, NoticeSpec } from '../../api/notice.ts';
import { TellingSettings } from '../../api/tellingsettings.ts';
import type { NamedContract, ProviderSide } from './receivers.ts';

export const NOW = new Date('2026-11-30T20:00:00Z');

export function contractOf(spec: object = {}): NamedContract {
  return {
    name: 'acme',
    spec: ContractSpec.parse({
      customer: 'ACME GmbH',
      namespaces: ['acme'],
      billingId: '10042',
      contacts: [
        { name: 'anna', email: 'anna@acme.example', roles: ['Approver', 'Technical'] },
        { name: 'ben', email: 'ben@acme.example', roles: ['Approver'] },
        { name: 'carl', email: 'carl@acme.example', roles: ['Technical'] },
        { name: 'dora', email: 'dora@acme.example', roles: ['Billing'] },
      ],
      plans: [{ level: 'Admin', plan: 'admin-2026', from: '2026-01-01' }],
      ...spec,
    }),
  };
}

export function sideOf(settings: object = {}): ProviderSide {
  const telling = TellingSettings.parse({ mail: { host: 'mail.test', from: 'steward@provider.test' }, ...settings });
  return { ...telling, sendsMail: telling.mail.host !== '' };
}

export function noticeOf(spec: Partial<NoticeSpec> = {}, status?: Notice['status']): Notice {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Notice',
    metadata: {
      ...{ namespace: 'steward-telling', name: 'ntc-0123456789abcdef0123456789abcdef', uid: 'n-1' },
      creationTimestamp: '2026-11-30T19:59:59Z',
    },
    spec: {
      ...{ news: 'DecisionNeeded', topic: 'ab12', action: 'Opened', severity: 'Info' },
      ...{ at: '2026-11-30T19:00:00Z', until: '2026-12-07T19:00:00Z', contract: 'acme' },
      subject: { kind: 'ChangeRequest', namespace: 'acme', name: 'chg-1', uid: 'c0ffee' },
      facts: [
        { name: 'title', value: 'Grow the data disk' },
        { name: 'party', value: 'Customer' },
        { name: 'decideBy', value: '2026-12-01T19:00:00Z' },
      ],
      receiver: {
        ...{ way: 'Mail', contract: 'acme', name: 'anna', address: 'anna@acme.example' },
        ...{ language: 'de', timeZone: 'Europe/Berlin' },
      },
      writtenAt: '2026-11-30T19:59:58Z',
      ...spec,
    },
    ...(status !== undefined && { status }),
  };
}
