import { EVENT_METRICS, WINDOWS_EVENTS, WINDOWS_SENSORS } from '../../domain/monitoring/guestevents.ts';
import { SENSORS_READ_METRIC } from '../../domain/monitoring/scrape.ts';
import { GROUND } from './ground.ts';

/** Events that are read of a log in one run; what is more is read by the next one. */
const MOST_EVENTS = 5_000;

const words = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');

/**
 * The sensor for events in a Windows guest, run every minute by a task of SYSTEM: what the logs of events have had since it ran last, by the number of the
 * record that was read last (docs/adr/0199). Who may write to these logs is SYSTEM and administrators alone; what SYSTEM has made is Steward's own.
 */
export const SENSORS = String.raw`$ErrorActionPreference = 'Stop'
${GROUND}
Protect-Folder $base
$statePath = Join-Path $base 'sensors-state'
$textfiles = Join-Path ([Environment]::GetFolderPath('ProgramFiles')) 'windows_exporter\textfile_inputs'
$now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
$count = @{}; $last = @{}; $record = @{}; $success = @{}; $up = @{}
foreach ($name in ${words(WINDOWS_EVENTS)}) { $count[$name] = [long]0 }
foreach ($sensor in ${words(WINDOWS_SENSORS)}) { $success[$sensor] = [long]0; $up[$sensor] = 0 }

function Read-State {
  if (-not [IO.File]::Exists($statePath)) { return }
  $lines = @([IO.File]::ReadAllLines($statePath))
  # One that is not whole is none.
  if ($lines.Count -eq 0 -or $lines[-1] -cne 'end') { return }
  foreach ($line in $lines) {
    if ($line -cnotmatch '^(count|last|record|success) ([a-z_]{1,40}) (\d{1,15})$') { continue }
    $what, $name, $value = $Matches[1], $Matches[2], [long]$Matches[3]
    if ($what -eq 'count' -and $count.ContainsKey($name)) { $count[$name] = $value }
    if ($what -eq 'last' -and $count.ContainsKey($name)) { $last[$name] = $value }
    if ($what -eq 'record') { $record[$name] = $value }
    if ($what -eq 'success' -and $success.ContainsKey($name)) { $success[$name] = $value }
  }
}

function Add-Event([string]$Name) { $count[$Name]++; $last[$Name] = $now }

# What an event says, by name.
function Get-Fields($Each) {
  $fields = @{}
  foreach ($field in ([xml]$Each.ToXml()).Event.EventData.Data) { if ($field.Name) { $fields[[string]$field.Name] = [string]$field.'#text' } }
  $fields
}

function Read-Event($Each) {
  switch ("$($Each.ProviderName) $($Each.Id)") {
    'Microsoft-Windows-Security-Auditing 4625' { Add-Event 'login_failed' }
    # %%1842 is yes: the token has all rights. Services and tasks (types 4 and 5) log in all the time.
    'Microsoft-Windows-Security-Auditing 4624' {
      $fields = Get-Fields $Each
      if ($fields['ElevatedToken'] -eq '%%1842' -and @('2', '3', '8', '10', '11') -contains $fields['LogonType']) { Add-Event 'elevated_login_accepted' }
    }
    'Microsoft-Windows-Security-Auditing 4720' { if ((Get-Fields $Each)['SubjectUserSid'] -ne 'S-1-5-18') { Add-Event 'account_added' } }
    'Microsoft-Windows-Security-Auditing 4732' {
      $fields = Get-Fields $Each
      if ($fields['TargetSid'] -eq 'S-1-5-32-544' -and $fields['SubjectUserSid'] -ne 'S-1-5-18') { Add-Event 'administrator_added' }
    }
    'Microsoft-Windows-Eventlog 1102' { Add-Event 'log_cleared' }
    'Microsoft-Windows-Eventlog 104' { Add-Event 'log_cleared' }
    # 6008 comes of the same start as 41, or alone where the power was cut before anything was written.
    'Microsoft-Windows-Kernel-Power 41' { $state.stopped = $true }
    'EventLog 6008' { $state.stopped = $true }
    'Service Control Manager 7031' { Add-Event 'unit_failed' }
    'Service Control Manager 7034' { Add-Event 'unit_failed' }
    'disk 7' { Add-Event 'file_system_error' }
    'disk 51' { Add-Event 'file_system_error' }
    'disk 153' { Add-Event 'file_system_error' }
    'Ntfs 55' { Add-Event 'file_system_error' }
    'Microsoft-Windows-WER-SystemErrorReporting 1001' { Add-Event 'kernel_error' }
  }
}

function Read-Log([string]$Sensor, [string]$Log, [string]$Wanted) {
  $newest = [long](Get-WinEvent -LogName $Log -MaxEvents 1 -ErrorAction Stop).RecordId
  $from = if ($record.ContainsKey($Sensor)) { $record[$Sensor] } else { $newest }
  # A log that was made anew begins to count again.
  if ($newest -lt $from) { $from = [long]0 }
  $events = @()
  if ($newest -gt $from) {
    try { $events = @(Get-WinEvent -LogName $Log -FilterXPath "*[System[($Wanted) and EventRecordID > $from]]" -Oldest -MaxEvents ${MOST_EVENTS} -ErrorAction Stop) }
    catch { if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw } }
  }
  foreach ($each in $events) { Read-Event $each }
  $up[$Sensor] = 1
  if ($events.Count -ge ${MOST_EVENTS}) { $record[$Sensor] = [long]$events[-1].RecordId; return }
  $record[$Sensor] = $newest
  $success[$Sensor] = $now
}

# Where one cannot be read, its time of success says so, and the other is read all the same.
function Read-Sensor([string]$Sensor, [string]$Log, [string]$Wanted) {
  try { Read-Log $Sensor $Log $Wanted } catch { $up[$Sensor] = 0 }
}

function Get-Series([string]$Metric, [string]$Type, [string]$Help, [string]$Label, $Values) {
  "# HELP $Metric $Help"
  "# TYPE $Metric $Type"
  foreach ($name in @($Values.Keys | Sort-Object)) { '{0}{{{1}="{2}"}} {3}' -f $Metric, $Label, $name, $Values[$name] }
}

$state = @{ stopped = $false }
Read-State
Read-Sensor 'security' 'Security' 'EventID=4625 or EventID=4624 or EventID=4720 or EventID=4732 or EventID=1102'
Read-Sensor 'system' 'System' 'EventID=41 or EventID=6008 or EventID=7031 or EventID=7034 or EventID=7 or EventID=51 or EventID=153 or EventID=55 or EventID=1001 or EventID=104'
if ($state.stopped) { Add-Event 'unexpected_reboot' }

$kept = New-Object Collections.ArrayList
foreach ($name in $count.Keys) { [void]$kept.Add("count $name $($count[$name])") }
foreach ($name in $last.Keys) { [void]$kept.Add("last $name $($last[$name])") }
foreach ($name in $record.Keys) { [void]$kept.Add("record $name $($record[$name])") }
foreach ($name in $success.Keys) { [void]$kept.Add("success $name $($success[$name])") }
[void]$kept.Add('end')
Write-Whole $statePath (($kept -join [char]10) + [char]10)

$told = @('# HELP ${SENSORS_READ_METRIC} When the sensors of this guest were last read.', '# TYPE ${SENSORS_READ_METRIC} gauge', "${SENSORS_READ_METRIC} $now")
$told += Get-Series '${EVENT_METRICS.up}' 'gauge' 'Whether this sensor could be read.' 'sensor' $up
$told += Get-Series '${EVENT_METRICS.success}' 'gauge' 'When this sensor was last read to its end.' 'sensor' $success
$told += Get-Series '${EVENT_METRICS.total}' 'counter' 'What has happened in this guest.' 'event' $count
$told += Get-Series '${EVENT_METRICS.last}' 'gauge' 'When it was last noticed.' 'event' $last
if (-not [IO.Directory]::Exists($textfiles)) { [void][IO.Directory]::CreateDirectory($textfiles) }
Write-Whole (Join-Path $textfiles 'steward.prom') (($told -join [char]10) + [char]10)
`;
