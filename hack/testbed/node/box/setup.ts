/** What is done in the box's namespaces before anything runs there, as a shell script: it only mounts, and sets up a network. */
import { nodeNetwork } from '../addresses.ts';

export type BoxSetup = {
  /** The box's folder on disk. */
  readonly folder: string;
  /** Folder of Debian's programs that are laid over /usr. */
  readonly packages: string;
  /** Folders of the host whose files the box reads and writes; all else of the host it only reads. */
  readonly shared: readonly string[];
};

/** Folders that need a real file system, because containers' own are laid over them. */
const onDisk = ['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/kubevirt', '/var/lib/steward-disks'];

/** Never /dev/kvm: KubeVirt takes its presence for its working. */
const devices =
  'null zero full random urandom tty kmsg fuse net/tun loop-control loop0 loop1 loop2 loop3 loop4 loop5 loop6 loop7';

/** What a kubelet wants of the kernel's settings. They are the whole machine's, so the box only shows it what it wants to see. */
const shownSettings = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Ends by becoming the command the script is given as its arguments. */
export function setupScript({ folder, packages, shared }: BoxSetup): string {
  return `set -eu
here=$PWD
box=${quote(folder)}
root=$box/overlay/root
${privateRoot(packages, shared)}
${kernelFiles}
cd "$root"
pivot_root . .
umount -l .
cd /
mount --make-rshared /
${accounts}
${settings()}
${network}
cd "$here"
exec "$@"`;
}

/** The host's files below, the box's changes in memory above. */
function privateRoot(packages: string, shared: readonly string[]): string {
  const binds = [...new Set(shared)].sort().map(quote).join(' ');
  return `mkdir -p "$box/overlay" "$box/disk"
mount -t tmpfs -o mode=755,size=4g steward-box "$box/overlay"
mkdir "$box/overlay/upper" "$box/overlay/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$box/overlay/upper,workdir=$box/overlay/work" overlay "$root"
mount -t overlay -o lowerdir=${quote(`${packages}/usr`)}:/usr overlay "$root/usr"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
for path in ${binds}; do mkdir -p "$root$path"; mount --bind "$path" "$root$path"; done
for path in ${onDisk.join(' ')}; do
  mkdir -p "$box/disk/\${path##*/}" "$root$path"
  mount --bind "$box/disk/\${path##*/}" "$root$path"
done`;
}

/** Control groups are those of the box: its processes have been moved into a group of every hierarchy, and see only what is below it. */
const kernelFiles = `mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
for device in ${devices}; do if [ -e "/dev/$device" ]; then cp -a "/dev/$device" "$root/dev/$device"; fi; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${stream%:*}" "$root/dev/\${stream#*:}"; done
group=\${box##*/}
groups=/sys/fs/cgroup
if [ -e $groups/cgroup.controllers ]; then
  mkdir "$groups/$group/box"
  for pid in $(cat "$groups/$group/cgroup.procs"); do echo "$pid" > "$groups/$group/box/cgroup.procs" || true; done
  for each in $(cat "$groups/$group/cgroup.controllers"); do echo "+$each" > "$groups/$group/cgroup.subtree_control"; done
  mount --bind "$groups/$group" "$root$groups"
else
  mount -t tmpfs -o mode=755 tmpfs "$root$groups"
  for each in "$groups"/*/"$group"; do
    mkdir -p "$root\${each%/*}"
    mount --bind "$each" "$root\${each%/*}"
  done
fi`;

/** virt-launcher's user, whom virt-handler looks up on its host. */
const accounts = `echo 'qemu:x:107:107:QEMU:/var/lib/libvirt:/usr/sbin/nologin' >> /etc/passwd
echo 'qemu:x:107:' >> /etc/group
printf '127.0.0.1 localhost\\n${nodeNetwork.address} ${nodeNetwork.name}\\n' > /etc/hosts
rm -f /etc/resolv.conf
echo 'nameserver ${nodeNetwork.address}' > /etc/resolv.conf
hostname ${nodeNetwork.name}`;

function settings(): string {
  const lines = Object.entries(shownSettings).map(([path, value]) => {
    const shown = `/run/shown/${path.replaceAll('/', '.')}`;
    return `echo ${value} > ${shown}; mount --bind ${shown} /proc/sys/${path}`;
  });
  return ['mkdir -p /run/shown', ...lines].join('\n');
}

/** The node's address lies on a bridge without ports; Services are routed there so that a packet to one exists, and can be redirected. */
const network = `ip link set lo up
ip link add node0 type bridge
ip addr add ${nodeNetwork.address}/32 dev node0
ip link set node0 up
ip route add ${nodeNetwork.services} dev node0 src ${nodeNetwork.address}
echo 1 > /proc/sys/net/ipv4/ip_forward`;
