import { expect, it } from 'vitest';
import { loopDevicesBelow, mountPointsBelow } from './leftovers.ts';

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

it('loop devices on kubelet’s files are told from all others of the machine', () => {
  const list =
    '/dev/loop0 /bed/volumes/pvc-1/disk.img\n/dev/loop1 /var/lib/kubelet/plugins/x/dev/1\n/dev/loop2 /var/lib/kubelets/x\n';
  expect(loopDevicesBelow('/var/lib/kubelet', list)).toEqual(['/dev/loop1']);
});
