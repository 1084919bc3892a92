import { expect, it } from 'vitest';
import { mountPointsBelow } from './leftovers.ts';

it('what is mounted below the node’s folders is unmounted from within, and nothing else', () => {
  const mountinfo = [
    '1 0 0:1 / / rw - overlay overlay rw',
    '2 1 8:1 / /var/lib/kubelet rw shared:1 - ext4 /dev/vda rw',
    '3 2 0:2 / /var/lib/kubelet/pods/a/volume rw - tmpfs tmpfs rw',
    '4 3 0:3 / /var/lib/kubelet/pods/a/volume/inner rw - tmpfs tmpfs rw',
    '5 1 0:4 / /run/netns/cni-1 rw - nsfs nsfs rw',
    '6 1 0:5 / /var/lib/kubelet-of-another/pods rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(mountPointsBelow(['/var/lib/kubelet', '/run/netns'], mountinfo)).toEqual([
    '/run/netns/cni-1',
    '/var/lib/kubelet/pods/a/volume/inner',
    '/var/lib/kubelet/pods/a/volume',
  ]);
});
