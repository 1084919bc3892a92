/** A file as it shall be in a guest. `permissions` in octal. */
export type GuestFile = { readonly path: string; readonly content: string; readonly permissions: string };

/**
 * One thing that shall be so in a guest. `look` and `heal` are POSIX sh, run as root, with the functions of `lookfunctions.ts` and
 * `healfunctions.ts`. A look changes nothing; it says `differs` or `failed` with words, as often as it finds something, or nothing where all is
 * as it shall be. A heal makes it so, changes nothing where it is so already, and ends at the first command that fails (`set -e`).
 */
export type Setting = {
  readonly name: string;
  readonly look: string;
  readonly heal: string;
  /** Units of systemd that it asks about (`unit`). */
  readonly units?: readonly string[];
  /** Files whose content it asks about (`same`). */
  readonly files?: readonly GuestFile[];
  /** What it is a part of: where one of a chain could not be put right, those after it are not tried. Absent: it stands alone. */
  readonly chain?: string;
};
