import type { Setting } from './setting.ts';

/** Free space of the root file system below which nothing can be configured, in KiB. */
const LEAST_FREE_KIB = 16 * 1024;

/** Whether anything can be written at all. What makes it so, and what may be deleted, is not ours to say. */
export const diskSetting: Setting = {
  name: 'disk',
  look: 'look_disk',
  heal: 'give_up "what fills or locks the disk is not known"',
};

export const LOOK_DISK = `
look_disk() {
  options=$(awk '$2 == "/" { options = $4 } END { print options }' /proc/self/mounts)
  case ",$options," in *,ro,*) failed "the root file system is mounted read-only"; return;; esac
  set -- $(limit 3 df -kP / < /dev/null | awk 'NR == 2 { print $4 }') none
  case "$1" in
    none) failed "the free space of the root file system could not be read"; return;;
    *[!0-9]*) return;;
  esac
  if [ "$1" -lt ${LEAST_FREE_KIB} ]; then failed "the root file system has only $1 KiB left of the ${LEAST_FREE_KIB} KiB that changes need"; return; fi
  set -- $(limit 3 df -iP / < /dev/null | awk 'NR == 2 && $2 > 0 { print $4 }') none
  if [ "$1" = 0 ]; then failed "the root file system has no inode left"; fi
}
`;
