import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Update } from '../../domain/patching/update.ts';
import { FakeUpdateAgent, SECURITY, saidLines, UPDATES } from './updateagent.fixtures.ts';
import { meaningOfHresult, operationResult } from './windowsresults.ts';
import { readBack, readInstall, readPreflight, readScan, windowsUpdate } from './windowsupdate.ts';

const AT = new Date('2026-11-29T12:00:00Z');
const ID = 'd1f0a2c4-0b7e-4c5a-9e31-5a6b7c8d9e0f';
const OTHER = 'e2a1b3d5-1c8f-4d6b-8f42-6b7c8d9e0f1a';
const cumulative = { id: ID, revision: 200, kb: '5068861', severity: 'Critical', needsRestart: true } as const;
const framework = { id: OTHER, revision: 1, kb: '5066131', categories: [UPDATES] } as const;
const pins = [
  { package: 'KB5068861', version: `${ID}.200` },
  { package: 'KB5066131', version: `${OTHER}.1` },
];

function agentOf(...updates: FakeUpdateAgent['updates']): FakeUpdateAgent {
  const agent = new FakeUpdateAgent();
  agent.updates = updates.map(update => ({ ...update }));
  return agent;
}
const scanOf = (agent: FakeUpdateAgent) => readScan(agent.answer(windowsUpdate.scanScript()) ?? '', AT);
const onlyOf = (agent: FakeUpdateAgent): Update | undefined => scanOf(agent)?.updates[0];
const preflightOf = (agent: FakeUpdateAgent) => readPreflight(agent.answer(windowsUpdate.preflightScript()) ?? '');
const install = (agent: FakeUpdateAgent, wanted = pins) =>
  readInstall(agent.answer(windowsUpdate.installScript(wanted)) ?? '', 0);
const backOf = (agent: FakeUpdateAgent, wanted = pins) =>
  readBack(agent.answer(windowsUpdate.readBackScript(wanted)) ?? '');

describe('what is missing in a Windows guest', () => {
  it('MO-10: is told by KB, id and revision, with what Microsoft rates it', () => {
    const scan = scanOf(agentOf({ ...cumulative, replaces: [OTHER.toUpperCase()] }, framework));
    expect(scan).toEqual({
      at: AT,
      system: { id: 'windows', version: '10.0.26100', codename: '' },
      updates: [
        {
          ...{ package: 'KB5068861', architecture: 'all', from: undefined, to: `${ID}.200`, severity: 'Critical' },
          ...{ origins: ['MicrosoftUpdate'], security: true, replaces: [OTHER] },
          advisories: [{ id: 'KB5068861', severity: 'Critical', issued: '2026-11-10T00:00:00Z' }],
        },
        {
          ...{ package: 'KB5066131', architecture: 'all', from: undefined, to: `${OTHER}.1`, severity: 'Unknown' },
          ...{ origins: ['MicrosoftUpdate'], security: false, replaces: [] },
          advisories: [{ id: 'KB5066131', severity: 'Unknown', issued: '2026-11-10T00:00:00Z' }],
        },
      ],
      rebootPending: false,
      complete: true,
    });
  });

  it.each([
    ['of the class for security', { categories: [SECURITY] }, true],
    ['rated, whatever its class', { categories: [UPDATES], severity: 'Low' }, true],
    ['of another class', { categories: [UPDATES] }, false],
    ['of no class that is known', { categories: ['00000000-0000-4000-8000-000000000000'] }, undefined],
    ['of no class', { categories: [] }, undefined],
  ])('MO-10: an update %s mends a hole: %s', (_, update, security) => {
    expect(onlyOf(agentOf({ ...framework, ...update }))?.security).toBe(security);
  });

  it.each([
    ['whose terms nobody has accepted', { eula: false }, 'NeedsLicence'],
    ['that somebody has hidden', { hidden: true }, 'Held'],
    ['that asks a person', { asks: true }, 'Interactive'],
  ] as const)('one %s is missing all the same, and is not installed by itself', (_, update, hindrance) => {
    expect(onlyOf(agentOf({ ...framework, ...update }))).toMatchObject({ hindrance });
  });

  it('waits for a restart where Windows wants one before it installs anything', () => {
    const agent = agentOf(cumulative);
    agent.restartFirst = true;
    agent.restart = true;
    expect(scanOf(agent)).toMatchObject({ rebootPending: true, updates: [{ hindrance: 'RestartFirst' }] });
  });

  it.each([
    ['another release (GE-11)', { categories: ['3689BDC8-B205-4AF4-8D4A-A63924C5E9D5'] }],
    ['a driver', { categories: ['EBFC1FC5-71A4-4F7B-9ACA-3B9A503104A0'] }],
    ['a preview that is offered to nobody by itself', { browse: true }],
  ])('%s is no patch of what there is', (_, update) => {
    expect(scanOf(agentOf({ ...framework, ...update }))).toMatchObject({ updates: [], complete: true });
  });

  it('two of one KB are taken one after the other, always the same first, so that the KB is missing until both are there', () => {
    const [first, second] = [
      { ...framework, id: ID },
      { ...framework, id: OTHER },
    ];
    expect(scanOf(agentOf(second, first))?.updates.map(({ to }) => to)).toEqual([`${ID}.1`]);
    expect(scanOf(agentOf(second, { ...first, state: 'installed' }))?.updates.map(({ to }) => to)).toEqual([
      `${OTHER}.1`,
    ]);
  });

  it('comes from the server of the customer where a policy names one', () => {
    const agent = agentOf(framework);
    agent.managed = true;
    expect(onlyOf(agent)?.origins).toEqual(['WSUS']);
  });

  it.each<[string, (agent: FakeUpdateAgent) => unknown]>([
    ['the source cannot be reached', agent => Object.assign(agent, { throws: { hresult: '80072EFD' } })],
    ['the account may not ask', agent => Object.assign(agent, { throws: { hresult: '80070005' } })],
    ['the search succeeded with errors', agent => Object.assign(agent, { search: [3, 1] })],
    ['it has warned', agent => Object.assign(agent, { search: [2, 1] })],
    ['it was aborted', agent => Object.assign(agent, { search: [5, 0] })],
    ['its result is none that is documented', agent => Object.assign(agent, { search: [6, 0] })],
  ])('is not known where %s: never "nothing"', (_, spoil) => {
    const agent = agentOf();
    spoil(agent);
    expect(scanOf(agent)?.complete).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['half of it', agentOf(cumulative).answer(windowsUpdate.scanScript())?.slice(0, -30) ?? ''],
    ['no search', saidLines('system windows 10.0.26100 -', 'reboot no')],
    ['an id that is none', saidLines('system windows 10 -', 'update 0 x 1 - - - - yes no no no')],
    ['a flag too few', saidLines('system windows 10 -', `update 0 ${ID} 1 - - - - yes no no`)],
    ['a KB that is a path', saidLines('system windows 10 -', `update 0 ${ID} 1 ../x - - - yes no no no`)],
  ])('is not concluded from %s', (_, text) => {
    expect(readScan(text, AT)?.complete ?? false).toBe(false);
  });

  it('never throws, and is never whole by accident, whatever a guest says', () => {
    const words = fc.constantFrom(
      'update',
      'system',
      'search',
      '2',
      '0',
      ID,
      'yes',
      '-',
      'end',
      'more',
      'failed',
      '$(x)',
    );
    const lines = fc.array(
      fc.array(words, { maxLength: 14 }).map(each => each.join(' ')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, said => {
        const text = saidLines(...said);
        const scan = readScan(text, AT);
        if (scan?.complete) expect(said.filter(each => each === 'search 2 0')).toHaveLength(1);
        readPreflight(text);
        readInstall(text, 0);
        readBack(text);
      }),
    );
  });
});

describe('before updates of a Windows guest', () => {
  it('nothing stands in the way of a guest that is as it should be', () => {
    expect(preflightOf(agentOf())).toEqual({ blockers: [], rebootPending: false, failedUnits: [] });
  });

  it.each<[string, (agent: FakeUpdateAgent) => unknown, string]>([
    [
      'disk',
      agent => Object.assign(agent, { freeMib: 4096 }),
      "The system's disk has 4096 MiB free, and 5120 MiB are needed.",
    ],
    [
      'service that is disabled',
      agent => agent.services.set('wuauserv', 'Disabled'),
      'The Windows Update service is disabled.',
    ],
    [
      'service that is not there',
      agent => agent.services.set('TrustedInstaller', '-'),
      'The installer of Windows modules is not there.',
    ],
    [
      'other installation',
      agent => Object.assign(agent, { busy: true }),
      'Another installation of updates is under way.',
    ],
    [
      'updater of its own (MO-3)',
      agent => Object.assign(agent, { ownUpdater: true }),
      "The guest's own updater is on: Windows Update (NoAutoUpdate is not 1).",
    ],
    [
      'logon that may not (0x80240044)',
      agent => Object.assign(agent, { throws: { hresult: '80240044', words: 'Zugriff verweigert' } }),
      'Windows Update could not be asked: the account may not install updates for the machine (0x80240044).',
    ],
    [
      'error that nobody has documented',
      agent => Object.assign(agent, { throws: { hresult: '8024F0F0', words: 'Unbekannter Fehler\u001B[31m' } }),
      'Windows Update could not be asked: error 0x8024F0F0: Unbekannter Fehler [31m.',
    ],
  ])('GE-9: nothing is changed for lack of its: %s', (_, spoil, blocker) => {
    const agent = agentOf();
    spoil(agent);
    expect(preflightOf(agent)?.blockers).toEqual([blocker]);
  });

  it('services that have failed are told before and after, so that what a patch broke is seen (MO-11)', () => {
    const agent = agentOf();
    agent.failedServices.push('MSSQLSERVER');
    expect(preflightOf(agent)).toMatchObject({ blockers: [], failedUnits: ['MSSQLSERVER'] });
    expect(backOf(agent)).toMatchObject({ failedUnits: ['MSSQLSERVER'] });
    expect(readBack(saidLines('reboot no'))).toMatchObject({ failedUnits: 'Unreadable' });
  });

  it('a restart that is due is told, and is no obstacle: the run restarts the guest', () => {
    const agent = agentOf();
    agent.restart = true;
    expect(preflightOf(agent)).toEqual({ blockers: [], rebootPending: true, failedUnits: [] });
  });

  it.each(['free', 'busy', 'updater', 'service wuauserv'])('nothing is concluded from an answer without %s', kind => {
    const lines = (agentOf().answer(windowsUpdate.preflightScript()) ?? '').split('\n').slice(0, -2);
    const left = lines.map(each => each.replace('steward-packages ', '')).filter(each => !each.startsWith(kind));
    expect(readPreflight(saidLines(...left))).toBeUndefined();
  });
});

describe('updates of a Windows guest', () => {
  it('MO-3, MO-11: are installed as they are pinned, and are there when they are read back', () => {
    const agent = agentOf(cumulative, framework, { id: ID.replace('d', 'a'), revision: 1, kb: '1' });
    expect(install(agent)).toEqual({
      failure: undefined,
      reasons: new Map(),
      newer: new Set(),
      brought: new Map(),
      repaired: undefined,
      kept: [],
    });
    expect(agent.installations).toEqual([['KB5068861', 'KB5066131']]);
    expect(backOf(agent)).toEqual({
      installed: new Map(pins.map(pin => [pin.package, pin.version])),
      healthy: undefined,
      rebootPending: true,
      failedUnits: [],
    });
    agent.boot();
    expect(backOf(agent)).toMatchObject({ rebootPending: false, installed: { size: 2 } });
  });

  it('are not there any more where the boot has undone them, though the history says that they were installed', () => {
    const agent = agentOf({ ...cumulative, undone: true });
    install(agent);
    agent.boot();
    expect([...(backOf(agent)?.installed.keys() ?? [])]).toEqual([]);
  });

  it('are there by the history alone where the guest does not know them any more: they were replaced', () => {
    const agent = agentOf(framework);
    install(agent);
    for (const update of agent.updates) update.state = 'gone';
    expect([...(backOf(agent)?.installed.keys() ?? [])]).toEqual(['KB5066131']);
  });

  it.each([
    ['gone', { state: 'gone' }, 'the source does not have this version any more'],
    ['licence', { eula: false }, 'its licence terms are not accepted, and Steward accepts none'],
    ['asks', { asks: true }, 'it asks a person'],
  ] as const)('that cannot be installed keep none of the others from it: %s', (_, change, reason) => {
    const agent = agentOf({ ...cumulative, ...change }, framework);
    expect(install(agent)).toMatchObject({ failure: undefined, reasons: new Map([['KB5068861', reason]]) });
    expect(agent.installations).toEqual([['KB5066131']]);
  });

  it('that are there already are left, silently', () => {
    const agent = agentOf({ ...cumulative, state: 'installed' }, { ...framework, state: 'installed' });
    expect(install(agent)).toMatchObject({ failure: undefined, reasons: new Map() });
    expect(agent.installations).toEqual([]);
  });

  it.each([
    [0, '00000000', 'it was not begun'],
    [1, '00000000', 'it had not ended'],
    [3, '800F0922', 'it was installed with errors: the servicing of components failed (0x800F0922)'],
    [4, '80070070', 'it failed: the disk is full (0x80070070)'],
    [4, '80240016', 'it failed: another installation was under way, or a restart has to come first (0x80240016)'],
    [4, '8024FFFF', 'it failed: error 0x8024FFFF'],
    [5, '8024000B', 'it was aborted: it was cancelled (0x8024000B)'],
  ] as const)('each have a result of their own: %d and %s', (code, hresult, reason) => {
    const agent = agentOf({ ...cumulative, installs: [code, hresult] }, framework);
    const read = install(agent);
    expect(read?.reasons).toEqual(new Map([['KB5068861', reason]]));
    expect(read?.failure).toBe('1 of 4 updates were not installed whole');
    expect([...(backOf(agent)?.installed.keys() ?? [])]).toEqual(['KB5066131']);
  });

  it('are not installed where they could not be downloaded', () => {
    const agent = agentOf({ ...cumulative, downloads: [4, '80072EE2'] }, framework);
    expect(install(agent)?.reasons).toEqual(
      new Map([['KB5068861', 'it failed: the source did not answer in time (0x80072EE2)']]),
    );
    expect(agent.installations).toEqual([['KB5066131']]);
  });

  it.each([
    ['busy', 'another installation of updates was under way'],
    ['restartFirst', 'a restart has to come first'],
  ] as const)('are refused as a whole where the guest is: %s', (state, failure) => {
    const agent = agentOf(cumulative);
    agent[state] = true;
    expect(install(agent)).toMatchObject({ failure });
    expect(agent.installations).toEqual([]);
  });

  it.each([
    ['80240044', 'the account may not install updates for the machine (0x80240044)'],
    ['8024001E', 'the Windows Update service was stopped, or the system went down (0x8024001E)'],
    ['80240016', 'another installation was under way, or a restart has to come first (0x80240016)'],
  ])('fail as a whole where COM throws %s, in words of ours whatever the language of the guest', (hresult, failure) => {
    const agent = agentOf(cumulative);
    agent.throws = { hresult, words: 'アクセスが拒否されました。' };
    expect(install(agent)).toMatchObject({ failure });
    expect(backOf(agent)).toBeUndefined();
  });

  it.each([
    ['without an end', ['install KB1 2 00000000 no']],
    ['with two ends', ['refused Busy', 'done']],
    ['a result that is none', ['install KB1 6 00000000 no', 'done']],
    ['an error that is none', ['install KB1 4 failed no', 'done']],
    ['a state that is none', ['pin KB1 fine', 'done']],
  ])('are not concluded from an answer %s', (_, lines) => {
    expect(readInstall(saidLines(...lines), 0)).toBeUndefined();
  });

  it('are not concluded from a step that failed', () => {
    expect(readInstall(saidLines('done'), 1)).toBeUndefined();
  });

  it.each([
    ['a version that is none', { package: 'KB1', version: '1.0' }],
    ['a name that is code', { package: "KB1'; x", version: `${ID}.1` }],
    ['an id that is code', { package: 'KB1', version: `${"' or 1=1 ".padEnd(36, '-')}.1` }],
  ])('are never asked for by %s', (_, pin) => {
    expect(() => windowsUpdate.installScript([pin])).toThrow(RangeError);
    expect(() => windowsUpdate.readBackScript([pin])).toThrow(RangeError);
  });
});

describe('the tables of results', () => {
  it('know the six results and no other', () => {
    expect(['0', '1', '2', '3', '4', '5', '6', '-1', '', undefined].map(operationResult)).toEqual([
      ...['NotStarted', 'InProgress', 'Succeeded', 'SucceededWithErrors', 'Failed', 'Aborted'],
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  it('say the number with every word', () => {
    expect(meaningOfHresult('8024402C')).toBe("the source's name is not known (0x8024402C)");
  });
});
