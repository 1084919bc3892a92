# enter.sh ROOT FOLDER PROGRAM…: in namespaces of its own, runs PROGRAM in a throw-away copy of ROOT, where FOLDER is /build.
set -eu
root=$1
folder=$2
shift 2

mount --make-rprivate /
exec 3<"$folder"
mount -t tmpfs -o size=8g tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cd /mnt/root
mount --bind /proc/self/fd/3 build
exec 3<&-
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs dev
mkdir dev/pts dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mount -t tmpfs tmpfs tmp
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot . "$@"
