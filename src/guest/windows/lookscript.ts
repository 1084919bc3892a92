import { SENSOR_STALE_SECONDS } from '../../domain/monitoring/guestevents.ts';
import { CLOCK_TOLERANCE } from '../settings/time.ts';
import { GROUND } from './ground.ts';
import { GUEST_FACTS } from './guestfacts.ts';
import { ANSWERING } from './powershell.ts';

/** Milliseconds after which a look asks nothing more of the guest and says so: the connection waits for a minute. */
const LOOK_MS = 40_000;

/** Free space of the system's disk below which nothing can be configured, in MiB. */
const LEAST_FREE_MIB = 64;

/** Most that a look tells of each sort. */
export const MOST = { logins: 64, keys: 32, foreign: 10, noted: 32, words: 240 } as const;

/** What is found out, each by itself: where one cannot be looked at, it says so, and keeps none of the others from being looked at. */
const LOOKING = String.raw`
$clock = [Diagnostics.Stopwatch]::StartNew()
$settings = New-Object Collections.ArrayList
$logins = New-Object Collections.ArrayList
$foreign = New-Object Collections.ArrayList
$noted = New-Object Collections.ArrayList
$state = @{ standing = 'Kept'; words = New-Object Collections.ArrayList; left = @(); rows = $null; administrators = $null }

function Limit-Text([string]$Text) { if ($Text.Length -gt ${MOST.words}) { $Text.Substring(0, ${MOST.words}) } else { $Text } }
function Add-Difference([string]$Words) { $state.standing = 'Differs'; [void]$state.words.Add($Words) }
function Add-Failure([string]$Words) { if ($state.standing -eq 'Kept') { $state.standing = 'Failed' }; [void]$state.words.Add($Words) }

function Test-Setting([string]$Name, [scriptblock]$Test) {
  $state.standing = 'Kept'
  $state.words.Clear()
  if ($clock.ElapsedMilliseconds -gt ${LOOK_MS}) { Add-Failure 'the look took too long' }
  else { try { & $Test } catch { Add-Failure "it could not be looked at: $($_.Exception.Message)" } }
  [void]$settings.Add(@{ name = $Name; standing = $state.standing; found = (Limit-Text ($state.words -join '; ')) })
}

function Add-Foreign([string]$Kind, [string]$Name, [string]$Detail, $Changed) {
  if (@($foreign | Where-Object { $_.kind -eq $Kind }).Count -ge ${MOST.foreign}) { return }
  $one = @{ kind = $Kind; name = (Limit-Text $Name); detail = (Limit-Text $Detail) }
  if ($null -ne $Changed) { $one.changed = [long]$Changed }
  [void]$foreign.Add($one)
}

function Get-Changed([string]$Path) {
  [long]([IO.File]::GetLastWriteTimeUtc($Path) - (New-Object DateTime 1970, 1, 1, 0, 0, 0, 'Utc')).TotalSeconds
}

function Get-Owner([string]$Path) { [IO.File]::GetAccessControl($Path).GetOwner([Security.Principal.SecurityIdentifier]).Value }

# Nothing that makes or takes the mark of the boot: a look changes nothing.
function Read-BootId {
  $id = [string][Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\StewardBoot', 'Id', $null)
  if ($id -match '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') { $id } else { [Guid]::Empty.ToString() }
}

function Get-Row([string]$Name) {
  if ($null -eq $state.rows) { throw 'the accounts could not be read' }
  $state.rows[$Name]
}

function Test-Member($Row) {
  if ($null -eq $state.administrators) { throw 'the members of Administrators could not be read' }
  $state.administrators -contains $Row.SID
}

function Test-Disk {
  $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot([Environment]::SystemDirectory))
  $free = [long][Math]::Floor($drive.AvailableFreeSpace / 1048576)
  if ($free -lt ${LEAST_FREE_MIB}) { Add-Failure "the system's disk has only $free MiB left of the ${LEAST_FREE_MIB} MiB that changes need" }
}

# sshd takes no key from a file that others than SYSTEM and administrators may touch.
function Test-Access([string]$Path) {
  $owner = Get-Owner $Path
  if ($trusted -notcontains $owner) { Add-Difference "$Path belongs to $owner, so that sshd takes no key from it"; return }
  $rules = [IO.File]::GetAccessControl($Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
  foreach ($rule in $rules) {
    $who = $rule.IdentityReference.Value
    if ($rule.AccessControlType -eq 'Allow' -and $trusted -notcontains $who) { Add-Difference "$Path is open to $who, so that sshd takes no key from it"; return }
  }
}

function Test-Account($Account) {
  $row = Get-Row $Account.name
  if (-not $row) { Add-Difference 'there is no account of this name'; return }
  if (Test-System $row) { Add-Failure "it is an account of the system ($($row.SID))"; return }
  if ($row.Disabled) { Add-Difference 'it is disabled' }
  $path = Get-KeyFile $Account.name
  $present = @(Get-Prints $path)
  $given = @(Get-Lines (Join-Path $notes $Account.name)) + @($Account.former)
  $missing = @($Account.keys | Where-Object { $present -cnotcontains $_ })
  $left = @($present | Where-Object { $Account.keys -cnotcontains $_ -and $given -ccontains $_ })
  foreach ($print in $left) { $state.left += "$($Account.name) $print" }
  if ($missing.Count) { Add-Difference "ordered keys that are missing: $($missing.Count)" }
  if ($left.Count) { Add-Difference "keys that are not ordered any more: $($left.Count)" }
  $unnoted = @($Account.keys | Where-Object { $given -cnotcontains $_ })
  if (-not $missing.Count -and $unnoted.Count) { Add-Difference 'its keys are not noted as given by Steward' }
  if ([IO.File]::Exists($path)) { Test-Access $path }
  if (-not (Test-Match ((Get-Lines $config) -join [char]10) $Account.name)) { Add-Difference 'sshd does not read its keys where Steward writes them' }
}

function Test-Administrator($Account) {
  $row = Get-Row $Account.name
  if (-not $row) { Add-Difference 'there is no account of this name'; return }
  $is = Test-Member $row
  if ($Account.administrator -and -not $is) { Add-Difference 'it is no member of Administrators' }
  if ($is -and -not $Account.administrator) { Add-Difference 'it is a member of Administrators' }
}

function Test-Former([string]$Name) {
  $row = Get-Row $Name
  if (-not $row) { return }
  if (Test-System $row) { Add-Failure "it is an account of the system ($($row.SID))"; return }
  if (-not $row.Disabled) { Add-Difference 'it is not disabled' }
  if (Test-Member $row) { Add-Difference 'it is a member of Administrators' }
  if ([IO.File]::Exists((Get-KeyFile $Name))) { Add-Difference 'it has keys' }
  if (@(Get-Processes $Name).Count) { Add-Difference 'it has processes' }
}

function Test-Service([string]$Name, [string]$What) {
  $service = Get-CimInstance Win32_Service -Filter "Name = '$Name'"
  if (-not $service) { Add-Difference "$What is not installed"; return }
  if ($service.StartMode -ne 'Auto') { Add-Difference "$What does not start with the system ($($service.StartMode))" }
  if ($service.State -ne 'Running') { Add-Difference "$What is not running ($($service.State))" }
}

function Test-Time {
  Test-Service 'W32Time' 'the time service'
  $type = [string][Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W32Time\Parameters', 'Type', '')
  if ($type -eq 'NoSync') { Add-Failure 'the time service asks nobody for the time (Type NoSync)' }
  $offset = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() - [long]$data.now - [long]($clock.ElapsedMilliseconds / 1000)
  if ($offset -lt -${CLOCK_TOLERANCE}) { Add-Failure "the clock is $(-$offset) seconds behind" }
  if ($offset -gt ${CLOCK_TOLERANCE}) { Add-Failure "the clock is $offset seconds ahead" }
}

function Test-Exporter {
  if ($data.exporter) {
    Test-Service 'windows_exporter' 'the exporter'
    if ($state.standing -eq 'Kept' -and -not (Test-Listens $data.port)) { Add-Difference "it does not listen on port $($data.port)" }
  }
  elseif ([IO.File]::Exists($exporterMark)) { Add-Difference 'what Steward brought is there, which the level does not include' }
}

function Test-Sensors {
  $there = [IO.File]::Exists($sensorScript)
  if (-not $data.exporter) {
    if ($there) { Add-Difference 'the sensors are there, which the level does not include' }
    return
  }
  if (-not $there -or (Get-FileHash $sensorScript -Algorithm SHA256).Hash -ne $data.sensors) { Add-Difference 'their script is another' }
  $task = Get-SensorTask
  if (-not $task) { Add-Difference 'the task that reads them is missing' }
  elseif ($task.State -eq 'Disabled') { Add-Difference 'the task that reads them is disabled' }
  if ($state.standing -ne 'Kept') { return }
  if (-not [IO.File]::Exists($sensorState)) { Add-Difference 'the sensors were never read' }
  elseif ([DateTimeOffset]::UtcNow.ToUnixTimeSeconds() - (Get-Changed $sensorState) -gt ${SENSOR_STALE_SECONDS}) { Add-Difference 'the sensors were not read for more than ${SENSOR_STALE_SECONDS} seconds' }
}

function Test-Updater {
  if (-not $data.ownUpdater -and (Get-Update) -ne 1) { Add-Difference 'Windows Update installs by itself (NoAutoUpdate is not 1)' }
  if ($data.ownUpdater -and [IO.File]::Exists($updaterNote)) { Add-Difference 'it is still switched off by Steward' }
}

# Keys of an account that nobody ordered, in its own profile.
function Get-ProfileKeys($Row) {
  $key = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\' + $Row.SID
  $profilePath = [string][Microsoft.Win32.Registry]::GetValue($key, 'ProfileImagePath', '')
  if ($profilePath) { Join-Path $profilePath '.ssh\authorized_keys' }
}

function Add-ForeignKeys([string]$Name, [string]$Path, $Known) {
  foreach ($print in @(Get-Prints $Path)) {
    if ($Known -ccontains $print -or $state.left -ccontains "$Name $print") { continue }
    Add-Foreign 'Key' "$Name $print" "in $Path, which belongs to $(Get-Owner $Path)" (Get-Changed $Path)
  }
}

function Read-Account($Row, $Ordered, [bool]$Former) {
  $name = [string]$Row.Name
  $paths = @(Get-KeyFile $name)
  if (-not $Ordered -and -not $Former) {
    if ($Row.Disabled) { return }
    $paths = @(Get-ProfileKeys $Row)
  }
  $prints = @($paths | ForEach-Object { Get-Prints $_ } | Select-Object -Unique -First ${MOST.keys})
  $administrator = Test-Member $Row
  if ($Ordered) { $name = $Ordered.name }
  if ($logins.Count -lt ${MOST.logins}) {
    [void]$logins.Add(@{ name = $name; login = (-not $Row.Disabled); administrator = $administrator; keys = $prints })
  }
  if ($Former) { return }
  if (-not $Ordered) {
    $rights = if ($administrator) { ', member of Administrators' } else { '' }
    Add-Foreign 'Account' $name "$($Row.SID)$rights" $null
  }
  $known = if ($Ordered) { $Ordered.keys } else { @() }
  foreach ($path in $paths) { Add-ForeignKeys $name $path $known }
}

# What sshd lets in by other ways than the files of accounts.
function Read-Sshd {
  foreach ($line in Get-Lines $config) {
    if ($line -notmatch '^\s*(AuthorizedKeysCommand|TrustedUserCAKeys|AuthorizedKeysFile|Include)\s+(\S.*)$') { continue }
    $word, $value = $Matches[1], $Matches[2].Trim()
    if ($value -eq 'none' -or $value -eq '.ssh/authorized_keys' -or $value -like '__PROGRAMDATA__/ssh/users/*') { continue }
    if ($value -eq '__PROGRAMDATA__/ssh/administrators_authorized_keys') {
      $known = @($data.accounts | Where-Object { $_.administrator } | ForEach-Object { $_.keys })
      $path = Join-Path $ssh 'administrators_authorized_keys'
      if ([IO.File]::Exists($path)) { Add-ForeignKeys 'administrators' $path $known }
    }
    else { Add-Foreign 'Key' "sshd $word" $value (Get-Changed $config) }
  }
}

function Read-Access {
  if ($null -eq $state.rows) { throw 'the accounts could not be read' }
  $sids = @($state.rows.Values | ForEach-Object { $_.SID })
  foreach ($row in $state.rows.Values) {
    $ordered = $data.accounts | Where-Object { $_.name -eq $row.Name } | Select-Object -First 1
    Read-Account $row $ordered ($data.former -contains $row.Name -or $noted -contains $row.Name)
  }
  foreach ($sid in $state.administrators) {
    if ($sids -notcontains $sid) { Add-Foreign 'Administrator' $sid 'a member of Administrators that is no account of this machine' $null }
  }
  Read-Sshd
}

# Whose keys Steward has written, though no order and no record names them any more.
function Read-Notes {
  if (-not [IO.Directory]::Exists($notes)) { return }
  foreach ($path in [IO.Directory]::GetFiles($notes)) {
    $name = [IO.Path]::GetFileName($path)
    if ($name -cnotmatch '^[a-z_][a-z0-9_-]{0,19}$' -or $noted.Count -ge ${MOST.noted}) { continue }
    if (@($data.accounts | Where-Object { $_.name -eq $name }).Count -or $data.former -contains $name) { continue }
    $row = Get-Row $name
    if ($row -and -not (Test-System $row)) { [void]$noted.Add($name) }
  }
}
`;

/** Looks at every setting of `$data` and at who can get in, changes nothing, and answers with what `readLook` reads. */
export const LOOK = `${ANSWERING}${GROUND}${GUEST_FACTS}${LOOKING}
Test-Setting 'disk' { Test-Disk }
Test-Setting 'accounts' {
  $state.rows = Get-Rows
  $state.administrators = @(Get-Administrators)
}
foreach ($account in $data.accounts) {
  Test-Setting "account:$($account.name)" { Test-Account $account }
  Test-Setting "administrator:$($account.name)" { Test-Administrator $account }
}
foreach ($former in $data.former) { Test-Setting "former:$former" { Test-Former $former } }
Test-Setting 'access' {
  Read-Notes
  Read-Access
}
Test-Setting 'agent' { Test-Service 'QEMU-GA' 'the guest agent' }
Test-Setting 'time' { Test-Time }
Test-Setting 'exporter' { Test-Exporter }
Test-Setting 'sensors' { Test-Sensors }
Test-Setting 'updater' { Test-Updater }
Write-Answer @{ boot = (Read-BootId); settings = @($settings.ToArray()); logins = @($logins.ToArray()); foreign = @($foreign.ToArray()); noted = @($noted.ToArray()) }
`;
