import { createHmac } from 'node:crypto';
import type { ManagedVM } from '../../../api/managedvm.ts';
import { type RenderInput, shortHash, virtualMachineName } from '../../contract/child.ts';
import { entitlements } from '../../contract/service-levels.ts';
import { DEFAULT_DOWNLOADS, downloadsFor, EXPORTER_PORTS, type GuestDownloads } from './exporters.ts';
import { type FirstBootKeys, providerKeys } from './keys.ts';
import { customerUsers, PROVIDER_USER } from './users.ts';
import { windowsNetworks } from './windows-networks.ts';
import { FIRST_BOOT_SCRIPT } from './windows-script.ts';

type Input = RenderInput & {
  readonly keys: FirstBootKeys;
  readonly downloads?: GuestDownloads;
};

/** Name of the script beside the answer file, on the CD-ROM that the guest boots with. */
export const SCRIPT_FILE = 'first-boot.ps1';

/** Longest name of a local account in Windows. */
const LONGEST_USER_NAME = 20;

/**
 * Answer file for a generalised Windows image: name, language, no questions, and the start of the script.
 * Its passes run in this order: specialize (the script is put in place), oobeSystem, then SetupComplete.cmd (it runs).
 */
export function unattend(input: Input): string {
  const component = (name: string, content: string): string =>
    `    <component name="${name}" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">\n${content}\n    </component>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State">
  <settings pass="specialize">
${component(
  'Microsoft-Windows-Shell-Setup',
  `      <ComputerName>${escapeXML(computerName(input))}</ComputerName>
      <TimeZone>UTC</TimeZone>`,
)}
${component(
  'Microsoft-Windows-Deployment',
  `      <RunSynchronous>
        <RunSynchronousCommand wcm:action="add">
          <Order>1</Order>
          <Path>${escapeXML(PREPARE)}</Path>
        </RunSynchronousCommand>
      </RunSynchronous>`,
)}
  </settings>
  <settings pass="oobeSystem">
${component(
  'Microsoft-Windows-International-Core',
  `      <InputLocale>en-US</InputLocale>
      <SystemLocale>en-US</SystemLocale>
      <UILanguage>en-US</UILanguage>
      <UserLocale>en-US</UserLocale>`,
)}
${component(
  'Microsoft-Windows-Shell-Setup',
  `      <OOBE>
        <HideEULAPage>true</HideEULAPage>
        <HideLocalAccountScreen>true</HideLocalAccountScreen>
        <HideOEMRegistrationScreen>true</HideOEMRegistrationScreen>
        <HideOnlineAccountScreens>true</HideOnlineAccountScreens>
        <HideWirelessSetupInOOBE>true</HideWirelessSetupInOOBE>
        <ProtectYourPC>3</ProtectYourPC>
      </OOBE>
      <UserAccounts>
        <AdministratorPassword>
          <Value>${administratorPassword(input.keys)}</Value>
          <PlainText>false</PlainText>
        </AdministratorPassword>
      </UserAccounts>`,
)}
  </settings>
</unattend>
`;
}

/** The script that finishes first boot. What differs between guests is data in its first line, never code. */
export function firstBootScript(input: Input): string {
  const settings = Buffer.from(JSON.stringify(scriptSettings(input))).toString('base64');
  return `$encoded = '${settings}'\n${FIRST_BOOT_SCRIPT}`.replaceAll('\n', '\r\n');
}

function scriptSettings(input: Input): Record<string, unknown> {
  const { managedVM, keys } = input;
  const { monitoring } = entitlements(managedVM.spec.serviceLevel);
  const downloads = downloadsFor(input.operatingSystem, input.downloads ?? DEFAULT_DOWNLOADS);
  const provider = { name: PROVIDER_USER, sshKeys: providerKeys(keys), administrator: true };
  return {
    ...windowsNetworks(managedVM),
    ...windowsSystem(managedVM),
    users: [provider, ...customerUsers(managedVM).map(user => ({ ...user, name: windowsLogin(user.name) }))],
    hostPrivateKey: keys.hostPrivateKey,
    hostPublicKey: keys.hostPublicKey,
    guestAgent: downloads.windowsGuestAgent,
    ...(monitoring && { exporter: { ...downloads.windowsExporter, port: EXPORTER_PORTS.Windows } }),
  };
}

function windowsSystem({ spec }: ManagedVM): Record<string, unknown> {
  const { proxy, caCertificates, timeServers } = spec.system ?? {};
  return {
    ...(proxy && { proxy: { url: proxy.url, except: ['<local>', ...(proxy.except ?? [])].join(';') } }),
    ...(caCertificates && { certificates: caCertificates }),
    ...(timeServers && { timeServers }),
  };
}

/** The name of an account in Windows, which takes 20 characters: a longer one keeps its beginning and becomes unique by a hash. */
export function windowsLogin(name: string): string {
  return name.length <= LONGEST_USER_NAME ? name : `${name.slice(0, LONGEST_USER_NAME - 7)}-${shortHash(name, 6)}`;
}

/** NetBIOS name: at most 15 characters. Longer names keep their beginning and become unique by a hash. */
export function computerName({ managedVM }: RenderInput): string {
  const name = virtualMachineName(managedVM);
  if (name.length <= 15) return name;
  return `${name.slice(0, 8).replace(/-+$/, '')}-${shortHash(name, 6)}`;
}

/** At most 259 characters. The drive letter of the CD-ROM is not known before. */
const PREPARE = `cmd.exe /c for %d in (D E F G H I J K) do @if exist %d:\\${SCRIPT_FILE} powershell.exe -NoProfile -ExecutionPolicy Bypass -File %d:\\${SCRIPT_FILE} -Prepare`;

/**
 * Windows asks for the Administrator's password at first boot unless it is given one. This one cannot be guessed, is
 * needed by nobody, and ends when the script gives the account a random one and disables it. Encoded as Windows
 * System Image Manager does: UTF-16LE with the element's name appended, base64.
 */
function administratorPassword(keys: FirstBootKeys): string {
  const secret = createHmac('sha256', keys.hostPrivateKey).update('Windows Administrator').digest('base64url');
  return Buffer.from(`Aa1-${secret}AdministratorPassword`, 'utf16le').toString('base64');
}

function escapeXML(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replace(/[&<>"']/g, character => entities[character] ?? character);
}
