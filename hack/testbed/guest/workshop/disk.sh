# disk.sh SUITE EPOCH DISK_ID UUID PACKAGES: in the workshop, makes /build/disk.img of the packages in /build/repository and
# the files in /build/files. Every time, number and order that could differ between two builds is set.
set -eu
exec >&2
suite=$1
epoch=$2
disk_id=$3
uuid=$4
packages=$5
root=/tmp/root

# Python writes its caches in the order of a hash; the kernel's package leaves the initramfs to us.
PYTHONHASHSEED=0 INITRD=No mmdebstrap --quiet --mode=root --format=directory --variant=apt --include="$packages" \
  --setup-hook='mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && cp /build/files/etc/dpkg/dpkg.cfg.d/testbed "$1/etc/dpkg/dpkg.cfg.d/"' \
  --customize-hook="sh /build/customize.sh \"\$1\" $epoch" \
  "$suite" "$root" 'deb [trusted=yes] copy:///build/repository ./'

find "$root" -newermt "@$epoch" -exec touch --no-dereference --date="@$epoch" {} +

export SOURCE_DATE_EPOCH=$epoch
image=/build/disk.img
truncate --size=1G "$image"
printf 'label: dos\nlabel-id: 0x%s\nstart=2048, type=83, bootable\n' "$disk_id" | sfdisk --quiet "$image"
mke2fs -q -F -t ext4 -m 0 -L root -U "$uuid" -O '^orphan_file,^metadata_csum_seed' \
  -E "hash_seed=$uuid,offset=1048576,root_owner=0:0" -d "$root" "$image" 1047552k

# GRUB is a boot sector and an image in the gap before the partition, which needs neither a mount nor a file on the disk.
printf 'linux /vmlinuz root=UUID=%s %s\ninitrd /initrd.img\nboot\n' "$uuid" "$(cat /build/cmdline)" >/tmp/grub.cfg
grub-mkimage -O i386-pc -p '(,msdos1)/boot/grub' -c /tmp/grub.cfg -o /tmp/core.img biosdisk part_msdos ext2 linux
test "$(stat -c %s /tmp/core.img)" -lt 1048064
dd if=/usr/lib/grub/i386-pc/boot.img of="$image" bs=440 count=1 conv=notrunc status=none
dd if=/tmp/core.img of="$image" bs=512 seek=1 conv=notrunc status=none
