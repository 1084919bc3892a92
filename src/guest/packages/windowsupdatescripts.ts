import { MARK } from './prelude.ts';
import { MOST_UNITS } from './services.ts';

/** Most updates that are told of one guest, and most of what they all replace: together they fit into what a step may say. */
const MOST_UPDATES = 150;
const MOST_REPLACED = 1_200;
/** Of one update, and how many ids stand in a line. */
const MOST_REPLACED_BY_ONE = 240;
const IDS_IN_A_LINE = 12;
/** Entries of the history that are read, the newest first: each month has some dozens. */
const MOST_HISTORY = 1_000;
/** How many updates are asked for by one question. */
const ASKED_AT_ONCE = 20;
/** Seconds that another installation is waited for, and between two looks. */
const PATIENCE = 600;
const PAUSE = 5;

/**
 * Runs in a task of SYSTEM: the Windows Update Agent downloads and installs for nobody who has come over the network (Microsoft, "Using WUA from a
 * remote computer"). Each script says its lines together at its end, ASCII alone, in words that no language changes. What is asked of COM is named
 * on Microsoft's pages of wuapi.h; licence terms are accepted for nobody.
 */
const GROUND = String.raw`
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$told = New-Object Collections.ArrayList
$machine = [Microsoft.Win32.Registry]::LocalMachine
$updateKey = 'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
$servicingKey = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
$policyKey = 'HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'

function Add-Line([string]$Line) { [void]$told.Add("${MARK} $Line") }

# In base64, because it is in the guest's own language: at most 80 characters, which are at most 240 bytes.
function Add-Failure($Record) {
  $exception = $Record.Exception.GetBaseException()
  $words = [string]$exception.Message
  if ($words.Length -gt 80) { $words = $words.Substring(0, 80) }
  Add-Line ('failed {0:X8} {1}' -f [int]$exception.HResult, [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("? $words")))
}

function Test-Key([string]$Path) {
  $key = $machine.OpenSubKey($Path)
  if ($key) { $key.Dispose() }
  [bool]$key
}

# Services that are to start with the system, and have ended with an error or could not start. 1077: nobody has tried to start it in this boot.
function Add-Services {
  $failed = @(
    Get-CimInstance Win32_Service -Filter "StartMode = 'Auto'" |
      Where-Object { $_.State -ne 'Running' -and @(0, 1077) -notcontains $_.ExitCode } |
      ForEach-Object { $_.Name -replace '[^A-Za-z0-9_.-]', '_' }
  )
  Add-Line "services $($failed.Count)"
  foreach ($name in @($failed | Select-Object -First ${MOST_UNITS})) { Add-Line "unit $name" }
}

function Get-Word([bool]$Yes) { if ($Yes) { 'yes' } else { 'no' } }

function Add-System {
  $system = Get-CimInstance Win32_OperatingSystem
  Add-Line "system windows $($system.Version) -"
}

# Servicing keeps its key for some minutes after a boot, while it ends what it began: that is no restart that is due.
function Wait-Servicing {
  for ($waited = 0; $waited -lt ${PATIENCE} -and (Test-Key $servicingKey); $waited += ${PAUSE}) {
    $up = (Get-Date) - (Get-CimInstance Win32_OperatingSystem).LastBootUpTime
    if ($up.TotalSeconds -gt 1800) { return }
    Start-Sleep -Seconds ${PAUSE}
  }
}

function Add-Restart {
  $due = (New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired
  Add-Line "reboot $(Get-Word ($due -or (Test-Key $updateKey) -or (Test-Key $servicingKey)))"
}

function New-Session {
  $session = New-Object -ComObject Microsoft.Update.Session
  $session.ClientApplicationID = 'Steward'
  $session
}
`;

const SCANNING = `
function Add-Update($Update, [int]$Index) {
  $identity = $Update.Identity
  $articles = @($Update.KBArticleIDs | Select-Object -First 4) -join ','
  $categories = @($Update.Categories | Select-Object -First 8 | ForEach-Object { $_.CategoryID }) -join ','
  $severity = [string]$Update.MsrcSeverity
  $time = $Update.LastDeploymentChangeTime
  # The calendar of the guest may be another.
  $changed = if ($time) { $time.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture) } else { '-' }
  $asks = $Update.InstallationBehavior -and $Update.InstallationBehavior.CanRequestUserInput
  $words = @(
    $identity.UpdateID, $identity.RevisionNumber, $(if ($articles) { $articles } else { '-' }), $(if ($severity) { $severity } else { '-' }),
    $(if ($categories) { $categories } else { '-' }), $changed, (Get-Word $Update.EulaAccepted), (Get-Word $Update.IsHidden), (Get-Word $asks),
    (Get-Word $Update.BrowseOnly)
  )
  Add-Line "update $Index $($words -join ' ')"
}

function Add-Replaced($Update, [int]$Index, [int]$Room) {
  $ids = @($Update.SupersededUpdateIDs | Select-Object -First ([Math]::Min($Room, ${MOST_REPLACED_BY_ONE})))
  for ($start = 0; $start -lt $ids.Count; $start += ${IDS_IN_A_LINE}) {
    Add-Line "replaces $Index $(@($ids | Select-Object -Skip $start -First ${IDS_IN_A_LINE}) -join ' ')"
  }
  $ids.Count
}

# Hidden ones too: somebody has hidden them, and they are missing all the same. Drivers are the platform's.
function Add-Updates {
  $session = New-Session
  $installer = $session.CreateUpdateInstaller()
  Add-Line "first $(Get-Word $installer.RebootRequiredBeforeInstallation)"
  Add-Line "managed $(Get-Word ([Microsoft.Win32.Registry]::GetValue($policyKey, 'UseWUServer', $null) -eq 1))"
  $result = $session.CreateUpdateSearcher().Search("IsInstalled=0 and Type='Software'")
  Add-Line "search $($result.ResultCode) $($result.Warnings.Count)"
  $index = 0
  $room = ${MOST_REPLACED}
  foreach ($update in $result.Updates) {
    if ($index -lt ${MOST_UPDATES}) {
      Add-Update $update $index
      $room -= Add-Replaced $update $index $room
    }
    $index++
  }
  Add-Line "more $([Math]::Max(0, $index - ${MOST_UPDATES}))"
}
`;

const PREFLIGHT = `
function Add-Service([string]$Name) {
  $service = Get-CimInstance Win32_Service -Filter "Name = '$Name'"
  if ($service) { Add-Line "service $Name $($service.StartMode)" } else { Add-Line "service $Name -" }
}

function Add-Preflight {
  $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot([Environment]::SystemDirectory))
  Add-Line "free $([long][Math]::Floor($drive.AvailableFreeSpace / 1048576))"
  Add-Service 'wuauserv'
  Add-Service 'TrustedInstaller'
  $installer = (New-Session).CreateUpdateInstaller()
  Add-Line "busy $(Get-Word $installer.IsBusy)"
  Add-Line "updater $(Get-Word ([Microsoft.Win32.Registry]::GetValue($policyKey, 'NoAutoUpdate', $null) -ne 1))"
}
`;

/** Which of the pins there are; what replaces them does not matter, for exactly these are asked for. */
const FINDING = `
function Find-Updates($Session, [bool]$Online) {
  $searcher = $Session.CreateUpdateSearcher()
  $searcher.Online = $Online
  $searcher.IncludePotentiallySupersededUpdates = $true
  for ($start = 0; $start -lt $data.pins.Count; $start += ${ASKED_AT_ONCE}) {
    $some = @($data.pins | Select-Object -Skip $start -First ${ASKED_AT_ONCE})
    $terms = @($some | ForEach-Object { "(UpdateID='$($_.id)' and RevisionNumber=$($_.revision))" })
    $result = $searcher.Search($terms -join ' or ')
    if ($result.ResultCode -ne 2) { throw "the search ended with result $($result.ResultCode)" }
    foreach ($update in $result.Updates) { $update }
  }
}

function Test-Pin($Pin, $Identity) { $Identity.UpdateID -eq $Pin.id -and $Identity.RevisionNumber -eq $Pin.revision }
`;

const INSTALLING = `
function New-Collection($Entries) {
  $collection = New-Object -ComObject Microsoft.Update.UpdateColl
  foreach ($entry in $Entries) { [void]$collection.Add($entry.update) }
  , $collection
}

function Add-Download($Session, $Entries) {
  $downloader = $Session.CreateUpdateDownloader()
  $downloader.Updates = New-Collection $Entries
  $result = $downloader.Download()
  for ($index = 0; $index -lt $Entries.Count; $index++) {
    $one = $result.GetUpdateResult($index)
    Add-Line ('download {0} {1} {2:X8}' -f $Entries[$index].name, [int]$one.ResultCode, [int]$one.HResult)
  }
}

function Add-Installation($Installer, $Entries) {
  if ($Installer.RebootRequiredBeforeInstallation) {
    foreach ($entry in $Entries) { Add-Line "pin $($entry.name) restart" }
    return
  }
  $Installer.Updates = New-Collection $Entries
  $result = $Installer.Install()
  for ($index = 0; $index -lt $Entries.Count; $index++) {
    $one = $result.GetUpdateResult($index)
    Add-Line ('install {0} {1} {2:X8} {3}' -f $Entries[$index].name, [int]$one.ResultCode, [int]$one.HResult, (Get-Word $one.RebootRequired))
  }
}

function Get-Obstacle($Update) {
  if (-not $Update) { return 'gone' }
  if ($Update.IsInstalled) { return 'installed' }
  # Terms are accepted by people.
  if (-not $Update.EulaAccepted) { return 'licence' }
  if ($Update.InstallationBehavior -and $Update.InstallationBehavior.CanRequestUserInput) { return 'asks' }
}

# Those of the pins that there is something to be done for.
function Get-Wanted($Updates) {
  foreach ($pin in $data.pins) {
    $update = $Updates | Where-Object { Test-Pin $pin $_.Identity } | Select-Object -First 1
    $why = Get-Obstacle $update
    if ($why) { Add-Line "pin $($pin.name) $why"; continue }
    # 2: RequiresExclusiveHandling
    $alone = $update.InstallationBehavior -and $update.InstallationBehavior.Impact -eq 2
    @{ name = $pin.name; update = $update; alone = $alone }
  }
}

function Install-Pins {
  $session = New-Session
  $installer = $session.CreateUpdateInstaller()
  for ($waited = 0; $installer.IsBusy -and $waited -lt ${PATIENCE}; $waited += ${PAUSE}) { Start-Sleep -Seconds ${PAUSE} }
  if ($installer.IsBusy) { Add-Line 'refused Busy'; return }
  if ($installer.RebootRequiredBeforeInstallation) { Add-Line 'refused Restart'; return }
  $wanted = @(Get-Wanted @(Find-Updates $session $true))
  $absent = @($wanted | Where-Object { -not $_.update.IsDownloaded })
  if ($absent.Count) { Add-Download $session $absent }
  $ready = @($wanted | Where-Object { $_.update.IsDownloaded })
  $installer.AllowSourcePrompts = $false
  $installer.ForceQuiet = $true
  foreach ($entry in @($ready | Where-Object { $_.alone })) { Add-Installation $installer @($entry) }
  $others = @($ready | Where-Object { -not $_.alone })
  if ($others.Count) { Add-Installation $installer $others }
  Add-Line 'done'
}
`;

/** The source is not asked: what is installed the guest knows itself. */
const READING = `
function Read-Pins {
  $session = New-Session
  $updates = @(Find-Updates $session $false)
  $searcher = $session.CreateUpdateSearcher()
  $count = [Math]::Min([int]$searcher.GetTotalHistoryCount(), ${MOST_HISTORY})
  $history = if ($count -gt 0) { @($searcher.QueryHistory(0, $count)) } else { @() }
  foreach ($pin in $data.pins) {
    Add-Line "pin $($pin.name) $($pin.id).$($pin.revision)"
    $update = $updates | Where-Object { Test-Pin $pin $_.Identity } | Select-Object -First 1
    if ($update) { Add-Line "found $($pin.name) $(Get-Word $update.IsInstalled) $(Get-Word $update.RebootRequired)" }
    # The newest comes first.
    $entry = $history | Where-Object { $_.UpdateIdentity -and (Test-Pin $pin $_.UpdateIdentity) } | Select-Object -First 1
    if ($entry) { Add-Line ('history {0} {1} {2} {3:X8}' -f $pin.name, [int]$entry.Operation, [int]$entry.ResultCode, [int]$entry.HResult) }
  }
}
`;

/** What went wrong is told as the last line but one: what was told before it holds all the same. */
function script(functions: readonly string[], calls: readonly string[]): string {
  return [
    GROUND,
    ...functions,
    'try {',
    ...calls.map(call => `  ${call}`),
    '}',
    'catch { Add-Failure $_ }',
    '$told.ToArray()',
    `"${MARK} end $($told.Count)"`,
    '',
  ].join('\n');
}

export const WINDOWS_SCAN = script([SCANNING], ['Add-System', 'Wait-Servicing', 'Add-Restart', 'Add-Updates']);
export const WINDOWS_PREFLIGHT = script([PREFLIGHT], ['Add-System', 'Add-Restart', 'Add-Services', 'Add-Preflight']);
/** These two have `$data` before them. */
export const WINDOWS_INSTALL = script([FINDING, INSTALLING], ['Install-Pins']);
export const WINDOWS_READ_BACK = script(
  [FINDING, READING],
  ['Wait-Servicing', 'Read-Pins', 'Add-Services', 'Add-Restart'],
);

/** Seconds that a guest may take to go down: Windows ends its updates before it does. */
const REBOOT_TRIED = 1_500;

/** The step runs until the guest goes down, so that its end in the same boot says that it did not. 2:17: planned, for a security fix of the system. */
export const WINDOWS_REBOOT = `$ErrorActionPreference = 'Stop'
& "$([Environment]::SystemDirectory)\\shutdown.exe" /r /t 0 /d p:2:17
if ($LASTEXITCODE -ne 0) { throw "shutdown.exe ended with $LASTEXITCODE" }
Start-Sleep -Seconds ${REBOOT_TRIED}
'the guest did not go down'
`;
