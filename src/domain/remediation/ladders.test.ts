import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stateAlerts } from '../monitoring/alerts.ts';
import { fillingAlert, sensorAlerts } from '../monitoring/sensoralerts.ts';
import { DEFAULT_THRESHOLDS } from '../monitoring/thresholds.ts';
import { LADDERS } from './ladders.ts';
import { ladderWords } from './ladderwords.ts';

const docs = join(import.meta.dirname, '../../../docs');
const ours = [...stateAlerts('a'), ...sensorAlerts({ namespace: 'a' }, DEFAULT_THRESHOLDS), fillingAlert('a')];

describe('MO-13: the ladders', () => {
  it('are of alarms that Steward raises itself', () => {
    const names = new Set(ours.map(({ alert }) => alert));
    expect([...LADDERS.keys()].filter(name => !names.has(name))).toEqual([]);
  });

  it.each([...LADDERS])('%s: its runbook says what Steward does by itself, rung by rung', (alert, ladder) => {
    const runbook = readFileSync(join(docs, 'runbooks', `${alert}.md`), 'utf8');
    expect(runbook).toContain(`## By itself\n${BY_ITSELF}\n\n${ladderWords(ladder)}\n`);
  });

  it('are listed in the page about remedies', () => {
    const page = readFileSync(join(docs, 'remediation.md'), 'utf8');
    for (const [alert, ladder] of LADDERS)
      expect(page).toContain(`| [${alert}](runbooks/${alert}.md) | ${ladder.map(({ action }) => action).join(', ')} |`);
  });

  it('wait for an alarm at least as long as its sensor needs to say that it is over', () => {
    for (const [, ladder] of LADDERS)
      for (const rung of ladder) expect(rung.cooldownMinutes).toBeGreaterThanOrEqual(10);
  });

  it('have the name of each rung once', () => {
    for (const [, ladder] of LADDERS) expect(new Set(ladder.map(({ name }) => name)).size).toBe(ladder.length);
  });
});

const BY_ITSELF =
  'Where level and hour have it ([remediation](../remediation.md)), each step for a proven alarm alone:';
