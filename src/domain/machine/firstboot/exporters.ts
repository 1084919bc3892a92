import type { OperatingSystem } from '../../../api/operatingsystem.ts';

/** Port on which the guest's exporter listens: node_exporter, windows_exporter. */
export const EXPORTER_PORTS = { Linux: 9100, Windows: 9182 } as const;

/** A program fetched in the guest at first boot; refused there unless its SHA-256 is the one named, where one is named. */
export type Download = { readonly url: string; readonly sha256?: string };

/** What guests fetch that neither their image nor their distribution brings. A provider may name mirrors of its own. */
export type GuestDownloads = {
  /** Tar archive of node_exporter for linux-amd64, for distributions that have no package of it (SLES 16). */
  readonly nodeExporter: Download;
  /** MSI package for amd64. */
  readonly windowsExporter: Download;
  /** MSI package for amd64, for Windows images without the guest agent. */
  readonly windowsGuestAgent: Download;
};

export const DEFAULT_DOWNLOADS: GuestDownloads = {
  nodeExporter: {
    url: 'https://github.com/prometheus/node_exporter/releases/download/v1.9.1/node_exporter-1.9.1.linux-amd64.tar.gz',
    sha256: 'becb950ee80daa8ae7331d77966d94a611af79ad0d3307380907e0ec08f5b4e8',
  },
  windowsExporter: {
    url: 'https://github.com/prometheus-community/windows_exporter/releases/download/v0.31.3/windows_exporter-0.31.3-amd64.msi',
  },
  windowsGuestAgent: {
    url: 'https://fedorapeople.org/groups/virt/virtio-win/direct-downloads/latest-qemu-ga/qemu-ga-x86_64.msi',
  },
};

/** What guests of the system fetch: from the catalogue's own mirror, where it names one (air-gapped fleets), else as the installation says. */
export function downloadsFor({ spec }: OperatingSystem, downloads: GuestDownloads): GuestDownloads {
  const { exporter, guestAgent } = spec.downloads ?? {};
  return {
    nodeExporter: exporter ?? downloads.nodeExporter,
    windowsExporter: exporter ?? downloads.windowsExporter,
    windowsGuestAgent: guestAgent ?? downloads.windowsGuestAgent,
  };
}
