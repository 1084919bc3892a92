/**
 * What look and heal both read of a guest. They need `GROUND`. Steward's sshd_config names a file of keys for each account that is ordered
 * (first boot writes it so): all of them lie in one folder that SYSTEM and administrators alone may write, as sshd of Windows demands.
 */
export const GUEST_FACTS = String.raw`
$ssh = Join-Path $common 'ssh'
$config = Join-Path $ssh 'sshd_config'
$keyFolder = Join-Path $ssh 'users'
$notes = Join-Path $base 'keys'
$exporterMark = Join-Path $base 'exporter'
$exporterTheirs = Join-Path $base 'exporter-was-there'
$sensorScript = Join-Path $base 'sensors'
$sensorState = Join-Path $base 'sensors-state'
$updaterNote = Join-Path $base 'updater'
$updatePolicy = 'HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
$sha = [Security.Cryptography.SHA256]::Create()

function Get-KeyFile([string]$Name) { Join-Path $keyFolder $Name }

# Accounts of this machine by name, whatever the case.
function Get-Rows {
  $rows = @{}
  foreach ($row in Get-CimInstance Win32_UserAccount -Filter 'LocalAccount = TRUE') { $rows[[string]$row.Name] = $row }
  $rows
}

# Accounts below 1000 are Windows' own.
function Test-System($Row) { [long]($Row.SID.Split('-')[-1]) -lt 1000 }

# SIDs of all members, also of those whom nobody can name any more, at which the cmdlet for it fails.
function Get-Administrators {
  $sid = New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544'
  $group = $sid.Translate([Security.Principal.NTAccount]).Value.Split('\')[-1]
  foreach ($member in ([ADSI]"WinNT://./$group,group").psbase.Invoke('Members')) {
    $bytes = ([ADSI]$member).psbase.Properties['objectSid'].Value
    (New-Object Security.Principal.SecurityIdentifier ([byte[]]$bytes), 0).Value
  }
}

function Get-Lines([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return }
  if ((New-Object IO.FileInfo $Path).Length -gt 65536) { throw "$Path is longer than 65536 bytes" }
  [IO.File]::ReadAllLines($Path)
}

# Fingerprint of the key in a line of authorized_keys; nothing where there is none.
function Get-Print([string]$Line) {
  if ($Line -match '^\s*#') { return }
  if ($Line -cnotmatch '(?:^|\s)(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s+([A-Za-z0-9+/]{16,16384}={0,2})(?:\s|$)') { return }
  try { 'SHA256:' + [Convert]::ToBase64String($sha.ComputeHash([Convert]::FromBase64String($Matches[1]))).TrimEnd('=') } catch { return }
}

function Get-Prints([string]$Path) {
  foreach ($line in Get-Lines $Path) { Get-Print $line }
}

# Whether sshd reads this account's keys where Steward writes them.
function Test-Match([string]$Text, [string]$Name) {
  $Text -cmatch "(?m)^Match User $Name\r?\n[ \t]+AuthorizedKeysFile __PROGRAMDATA__/ssh/users/$Name[ \t]*\r?$"
}

function Test-Listens([int]$Port) {
  $all = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners()
  @($all | Where-Object { $_.Port -eq $Port }).Count -gt 0
}

function Get-Update { [Microsoft.Win32.Registry]::GetValue($updatePolicy, 'NoAutoUpdate', $null) }

function Get-SensorTask { Get-ScheduledTask -TaskPath '\Steward\' -TaskName 'steward-sensors' -ErrorAction SilentlyContinue }

function Get-Processes([string]$Name) {
  $whose = [Environment]::MachineName + '\' + $Name
  Get-Process -IncludeUserName -ErrorAction SilentlyContinue | Where-Object { $_.UserName -eq $whose }
}
`;
