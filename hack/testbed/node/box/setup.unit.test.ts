import { describe, expect, it } from 'vitest';
import { run } from '../../process/command.ts';
import { setupScript } from './setup.ts';

const script = setupScript({ folder: "/tmp/it's a box", packages: '/cache/packages', shared: ['/home/a b', '/work'] });
const line = (text: string) => {
  const found = script.split('\n').findIndex(each => each.includes(text));
  expect(found, text).toBeGreaterThan(-1);
  return found;
};

describe('the script that sets a box up', () => {
  it('is a shell script, whatever folders are called', async () => {
    await run('sh', ['-n'], { input: script });
    const box = script.split('\n').find(each => each.startsWith('box=')) ?? '';
    expect(await run('sh', ['-c', `${box}; printf %s "$box"`])).toBe("/tmp/it's a box");
  });

  it('shows the box no device by which it could run VMs without emulation', () => {
    expect(script).not.toMatch(/\bkvm\b/);
  });

  it('leaves the machine’s files before it changes any', () => {
    for (const change of ['>> /etc/passwd', '> /etc/hosts', 'hostname ', '/proc/sys/net/ipv4/ip_forward'])
      expect(line(change), change).toBeGreaterThan(line('pivot_root'));
  });

  it('never writes to settings that are the whole machine’s', () => {
    const written = [...script.matchAll(/> (\/proc\/sys\/\S+)/g)].map(([, path]) => path);
    expect(written).toEqual(['/proc/sys/net/ipv4/ip_forward']);
  });

  it('ends as the command it was given, in the folder it was started in', () => {
    expect(script.split('\n').slice(-2)).toEqual(['cd "$here"', 'exec "$@"']);
  });
});
