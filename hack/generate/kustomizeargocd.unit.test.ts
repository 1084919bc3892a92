import { readFile } from 'node:fs/promises';
import { lauxlib, lua, lualib, to_luastring } from 'fengari';
import { describe, expect, it } from 'vitest';
import { generateArgoCD } from './kustomizeargocd.ts';

type Health = { status: string; message: string };
type State = object;

const script = await readFile(new URL('../../config/argocd/health.lua', import.meta.url), 'utf8');

/** Runs the script as Argo CD does: the object is the global `obj`, the result a table. */
function healthOf(object: unknown): Health {
  const state: State = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  push(state, object);
  lua.lua_setglobal(state, to_luastring('obj'));
  if (lauxlib.luaL_dostring(state, to_luastring(script)) !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(state, -1));
  return { status: field(state, 'status'), message: field(state, 'message') };
}

function field(state: State, name: string): string {
  lua.lua_getfield(state, -1, to_luastring(name));
  const text = lua.lua_tojsstring(state, -1);
  lua.lua_pop(state, 1);
  return text;
}

function push(state: State, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
  else if (typeof value === 'number') lua.lua_pushnumber(state, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
  else if (typeof value === 'object' && value !== null) pushTable(state, value);
  else lua.lua_pushnil(state);
}

function pushTable(state: State, value: object): void {
  lua.lua_newtable(state);
  for (const [key, element] of Object.entries(value)) {
    if (Array.isArray(value)) lua.lua_pushnumber(state, Number(key) + 1);
    else lua.lua_pushstring(state, to_luastring(key));
    push(state, element);
    lua.lua_settable(state, -3);
  }
}

const condition = (type: string, status: string, reason = 'Because', message = 'A sentence.') => ({
  type,
  status,
  reason,
  message,
});

const vm = (status: object | undefined, more: { spec?: object; metadata?: object } = {}) => ({
  metadata: { name: 'shop', generation: 2, ...more.metadata },
  spec: { powerState: 'Running', ...more.spec },
  status,
});

describe('the health that Argo CD shows for our kinds', () => {
  const rows: [string, object, Health['status'], string][] = [
    ['without a status it is progressing', vm(undefined), 'Progressing', 'Steward has not yet seen this change'],
    [
      'conditions of an older generation count for nothing',
      vm({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
      'Progressing',
      'Steward has not yet seen this change',
    ],
    [
      'ready is healthy',
      vm({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }),
      'Healthy',
      'Because: A sentence.',
    ],
    [
      'a VM that is ordered to be off is healthy, never suspended',
      vm(
        { observedGeneration: 2, conditions: [condition('Ready', 'True', 'Stopped', 'As ordered.')] },
        { spec: { powerState: 'Stopped' } },
      ),
      'Healthy',
      'Stopped: As ordered.',
    ],
    [
      'not ready is degraded and says why',
      vm({ observedGeneration: 2, conditions: [condition('Ready', 'False', 'ImportFailed', 'No image.')] }),
      'Degraded',
      'ImportFailed: No image.',
    ],
    [
      'stalled is degraded even while ready is unknown',
      vm({ observedGeneration: 2, conditions: [condition('Ready', 'Unknown'), condition('Stalled', 'True', 'Odd')] }),
      'Degraded',
      'Odd: A sentence.',
    ],
    [
      'reconciling is progressing although it is not ready yet',
      vm({
        observedGeneration: 2,
        conditions: [condition('Ready', 'False'), condition('Reconciling', 'True', 'Importing', '40 %.')],
      }),
      'Progressing',
      'Importing: 40 %.',
    ],
    [
      'an SLA breach alone does not degrade the object that Git describes',
      vm({ observedGeneration: 2, conditions: [condition('Ready', 'True'), condition('SLACompliant', 'False')] }),
      'Healthy',
      'Because: A sentence.',
    ],
    [
      'unknown is progressing',
      vm({ observedGeneration: 2, conditions: [condition('Ready', 'Unknown')] }),
      'Progressing',
      'Steward does not know yet whether this is ready',
    ],
    [
      'a deletion says what it waits for',
      vm(
        { observedGeneration: 2, waitingFor: [{ object: 'VirtualMachine shop', reason: 'shutting down' }] },
        { metadata: { deletionTimestamp: '2026-11-23T10:00:00Z' } },
      ),
      'Progressing',
      'Being deleted, waits for VirtualMachine shop: shutting down',
    ],
  ];

  it.each(rows)('%s', (_, object, status, message) => {
    expect(healthOf(object)).toEqual({ status, message });
  });

  it('is given for every kind that is ordered, and for no record: what one means stands on the order', async () => {
    const [fragment = ''] = (await generateArgoCD()).values();
    const policies = ['MaintenanceWindow', 'PatchPolicy', 'ClusterPatchPolicy', 'ClusterBackupPolicy'];
    const applications = ['Product', 'ManagedApplication'];
    const others = ['ManagedVM', 'BackupPolicy', 'OperatingSystem', 'ServiceCalendar', 'ServicePlan', 'Contract'];
    for (const kind of [...others, ...policies, ...applications]) {
      expect(fragment).toContain(`resource.customizations.health.managed.systems_${kind}: |`);
    }
    expect(fragment).not.toContain('GuestState');
  });
});
