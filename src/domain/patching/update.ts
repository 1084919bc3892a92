/** How grave the vendor calls it (not derived from CVSS). `Unknown`: he says nothing. */
export type Severity = 'Critical' | 'Important' | 'Moderate' | 'Low' | 'Unknown';

/** What a vendor has published about a package: a Debian or Ubuntu advisory, an erratum of updateinfo, a patch of zypper, a KB. */
export type Advisory = { readonly id: string; readonly severity: Severity; readonly issued?: string };

/** One package that a guest could have newer, as its package manager says (MO-10). */
export type Update = {
  readonly package: string;
  readonly architecture: string;
  /** The version that is installed; undefined for a package that would come along as new. */
  readonly from: string | undefined;
  readonly to: string;
  /** Where it comes from, e.g. `Debian-Security:13/stable-security`: any one of several. */
  readonly origins: readonly string[];
  /** Whether it mends a hole; undefined where the source does not tell updates for security from others. */
  readonly security: boolean | undefined;
  /** The gravest of its advisories. */
  readonly severity: Severity;
  readonly advisories: readonly Advisory[];
  /** Why the package manager would not install it by itself. */
  readonly hindrance?: 'Held' | 'Phased' | 'NeedsLicence' | 'Removes' | 'Interactive' | 'RestartFirst';
  /** What it makes needless, as Windows tells it: the part before the point in versions of other updates. Absent: its version alone tells. */
  readonly replaces?: readonly string[];
};

/** What was found by one question to the package manager of a guest. */
export type Scan = {
  readonly at: Date;
  /** ID, VERSION_ID and VERSION_CODENAME of os-release. */
  readonly system: { readonly id: string; readonly version: string; readonly codename: string };
  readonly updates: readonly Update[];
  readonly rebootPending: boolean | undefined;
  /** Whether all sources were read: a scan that read only some proves nothing of what it does not list. */
  readonly complete: boolean;
};
