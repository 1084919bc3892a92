# customize.sh ROOT EPOCH: makes a fresh Debian in ROOT the guest of the test bed.
set -eu
root=$1
epoch=$2

cp -RT --no-preserve=all /build/files "$root"
rm -f "$root"/etc/init.d/* "$root"/etc/rc?.d/* "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/0000*

# Nothing of this shows in a guest's life of minutes, and each of them costs seconds of an emulated boot.
chroot "$root" systemctl mask --quiet getty@tty1.service e2scrub_reap.service e2scrub_all.timer fstrim.timer \
  dpkg-db-backup.timer systemd-pstore.service systemd-rfkill.socket \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
  modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@fuse.service modprobe@loop.service
chroot "$root" systemctl enable --quiet systemd-networkd.service systemd-resolved.service low-memory-swap.service
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

kernel=$(ls "$root/usr/lib/modules")
SOURCE_DATE_EPOCH=$epoch chroot "$root" update-initramfs -c -k "$kernel"
ln -sf "boot/initrd.img-$kernel" "$root/initrd.img"

# Every change of a unit runs all generators; these find nothing in a guest, and cloud-init needs no search for its cloud.
mkdir -p "$root/etc/systemd/system-generators" "$root/etc/tmpfiles.d"
for generator in cloud-init-generator systemd-cryptsetup-generator systemd-debug-generator systemd-gpt-auto-generator \
  systemd-hibernate-resume-generator systemd-integritysetup-generator systemd-rc-local-generator systemd-run-generator \
  systemd-ssh-generator systemd-system-update-generator systemd-tpm2-generator systemd-veritysetup-generator; do
  ln -s /dev/null "$root/etc/systemd/system-generators/$generator"
done
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s /usr/lib/systemd/system/cloud-init.target "$root/etc/systemd/system/multi-user.target.wants/cloud-init.target"
echo 'f /run/cloud-init/enabled' >"$root/etc/tmpfiles.d/cloud-init.conf"

# /etc and /var are as new as /usr: nothing to bring up to date at the first start.
touch "$root/etc/.updated" "$root/var/.updated"

# What a machine makes for itself at its first start, and what only tells of this build.
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root"/var/lib/dbus/machine-id "$root"/etc/hostname "$root"/etc/.pwd.lock
rm -f "$root"/var/lib/systemd/random-seed "$root"/var/cache/ldconfig/aux-cache "$root"/var/lib/dpkg/*-old "$root"/vmlinuz.old
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/cache/debconf/*-old "$root"/tmp/* "$root"/run/*
find "$root/var/log" -type f -delete
