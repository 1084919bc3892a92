import { WINDOWS_FUNCTIONS } from '../../domain/machine/firstboot/windows-functions.ts';
import { base64 } from '../settings/words.ts';
import { GROUND } from './ground.ts';
import { GUEST_FACTS } from './guestfacts.ts';
import { SENSORS } from './sensorscript.ts';

/** Puts settings right. Each says what it did; one that fails keeps none of the others from being tried. */
const HEALING = String.raw`
$steward = $base
$state = @{ did = New-Object Collections.ArrayList; wrong = New-Object Collections.ArrayList; rows = @{} }
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

function Add-Change([string]$Words) { [void]$state.did.Add($Words) }

function Repair-Setting([string]$Name, [scriptblock]$Repair) {
  if ($data.settings -notcontains $Name) { return }
  $state.did.Clear()
  try {
    $state.rows = Get-Rows
    & $Repair
    $words = if ($state.did.Count) { $state.did -join ', ' } else { 'as it was' }
    "$($Name): $words"
  }
  catch {
    [void]$state.wrong.Add($Name)
    "$($Name): failed: $($_.Exception.Message)"
  }
}

function Get-Own([string]$Name) {
  $row = $state.rows[$Name]
  if ($row -and (Test-System $row)) { throw "it is an account of the system ($($row.SID))" }
  $row
}

function Write-Keys([string]$Name, [string[]]$Lines) {
  Protect-Folder $keyFolder
  $path = Get-KeyFile $Name
  Write-Whole $path ((@($Lines) + @('')) -join [char]10)
  # Nobody but those of the folder, also where the file had rules of its own.
  $security = New-Object Security.AccessControl.FileSecurity
  $security.SetSecurityDescriptorSddlForm('O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)', [Security.AccessControl.AccessControlSections]'Access, Owner')
  [IO.File]::SetAccessControl($path, $security)
  Add-Change 'keys written'
}

function Set-Notes([string]$Name, [string[]]$Prints) {
  Protect-Folder $notes
  Write-Whole (Join-Path $notes $Name) ((@($Prints | Select-Object -Unique) + @('')) -join [char]10)
}

function Repair-Account($Account) {
  $name = $Account.name
  $row = Get-Own $name
  if (-not $row) {
    [void](New-LocalUser -Name $name -Password (New-RandomPassword) -PasswordNeverExpires)
    Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $name
    Add-Change 'account made'
  }
  elseif ($row.Disabled) { Enable-LocalUser -Name $name; Add-Change 'enabled' }
  $ordered = @($Account.keys | ForEach-Object { $_.print })
  $given = @(Get-Lines (Join-Path $notes $name)) + @($Account.former)
  # First: whatever happens now, these are known to be ours.
  Set-Notes $name ($given + $ordered)
  $lines = @(Get-Lines (Get-KeyFile $name) | Where-Object { $_.Trim() })
  $kept = @($lines | Where-Object { $print = Get-Print $_; $ordered -ccontains $print -or $given -cnotcontains $print })
  $prints = @($kept | ForEach-Object { Get-Print $_ })
  $missing = @($Account.keys | Where-Object { $prints -cnotcontains $_.print } | ForEach-Object { $_.line })
  Write-Keys $name ($kept + $missing)
  Set-Notes $name $ordered
  Repair-Match $name
}

# What a program complains about ends a script where errors do: only its exit status counts.
function Test-Config([string]$Path) {
  $ErrorActionPreference = 'Continue'
  & (Join-Path ([Environment]::SystemDirectory) 'OpenSSH\sshd.exe') -t -f $Path 2>&1 | Out-Null
  $LASTEXITCODE
}

# Before the first Match, because of several blocks sshd takes the first that fits. It is asked before it is made to read what is new.
function Repair-Match([string]$Name) {
  $text = [IO.File]::ReadAllText($config)
  if (Test-Match $text $Name) { return }
  $block = "Match User $Name", "  AuthorizedKeysFile __PROGRAMDATA__/ssh/users/$Name"
  $lines = @($text -split '\r?\n')
  $first = 0
  while ($first -lt $lines.Count -and $lines[$first] -notmatch '^\s*Match\s') { $first++ }
  $before = @($lines | Select-Object -First $first | Where-Object { $_.Trim() })
  $after = @($lines | Select-Object -Skip $first | Where-Object { $_.Trim() })
  $new = (($before + $block + $after) -join [char]10) + [char]10
  $tried = "$config.steward"
  Write-Whole $tried $new
  try {
    $status = Test-Config $tried
    if ($status -ne 0) { throw "sshd refuses its configuration (it ended with $status)" }
  }
  finally { [IO.File]::Delete($tried) }
  Write-Whole $config $new
  Restart-Service sshd
  Add-Change 'sshd told where its keys are'
}

function Repair-Administrator($Account) {
  $row = Get-Own $Account.name
  if (-not $row) { throw 'there is no account of this name' }
  $is = @(Get-Administrators) -contains $row.SID
  if ($Account.administrator -and -not $is) { Add-LocalGroupMember -SID 'S-1-5-32-544' -Member $Account.name; Add-Change 'made a member of Administrators' }
  if ($is -and -not $Account.administrator) { Remove-LocalGroupMember -SID 'S-1-5-32-544' -Member $Account.name; Add-Change 'taken out of Administrators' }
}

# The door first, so that nobody comes back in while the rest is taken away. The profile stays.
function Repair-Former([string]$Name) {
  $row = Get-Own $Name
  if (-not $row) { return }
  if (-not $row.Disabled) { Disable-LocalUser -Name $Name; Add-Change 'disabled' }
  if ([IO.File]::Exists((Get-KeyFile $Name))) { [IO.File]::Delete((Get-KeyFile $Name)); Add-Change 'keys removed' }
  if (@(Get-Administrators) -contains $row.SID) { Remove-LocalGroupMember -SID 'S-1-5-32-544' -Member $Name; Add-Change 'taken out of Administrators' }
  $processes = @(Get-Processes $Name)
  if ($processes.Count) { $processes | Stop-Process -Force; Add-Change 'sessions and processes ended' }
  [IO.File]::Delete((Join-Path $notes $Name))
}

function Repair-Service([string]$Name, [string]$Type) {
  Set-Service $Name -StartupType $Type
  Start-Service $Name
  Add-Change "$Name starts with the system, and runs"
}

function Repair-Agent {
  if (-not (Get-Service QEMU-GA -ErrorAction SilentlyContinue)) { Install-GuestAgent $data.agent; Add-Change 'installed' }
  Repair-Service 'QEMU-GA' 'Automatic'
}

function Repair-Exporter {
  $there = [bool](Get-Service windows_exporter -ErrorAction SilentlyContinue)
  $ours = [IO.File]::Exists($exporterMark)
  if ($data.exporter) {
    # One that the customer had before is noted, and is not ours to take away.
    if ($there -and -not $ours) { Write-Whole $exporterTheirs '' }
    Write-Whole $exporterMark ''
    if (-not $there) { Install-Exporter $data.exporter $data.port; Add-Change 'installed' }
    Repair-Service 'windows_exporter' 'Automatic'
    return
  }
  if (-not $ours) { return }
  if ($there -and -not [IO.File]::Exists($exporterTheirs)) {
    $products = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*' | Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -like 'windows_exporter*' }
    foreach ($product in $products) { Start-Msi @('/x', $product.PSChildName) }
    Add-Change 'uninstalled'
  }
  # By the mark what is left of a heal that was cut off is found again.
  [IO.File]::Delete($exporterTheirs)
  [IO.File]::Delete($exporterMark)
}

# As a text that is read and run, which no policy of execution is asked about; no boot misses it, for it repeats without end.
function Repair-Sensors {
  if (-not $data.exporter) {
    Get-SensorTask | Unregister-ScheduledTask -Confirm:$false
    foreach ($path in $sensorState, $sensorScript) { if ([IO.File]::Exists($path)) { [IO.File]::Delete($path); Add-Change "$path removed" } }
    return
  }
  Write-Whole $sensorScript ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${base64(SENSORS)}')))
  $run = '. ([ScriptBlock]::Create([IO.File]::ReadAllText(''{0}'')))' -f $sensorScript
  $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($run))
  $action = New-ScheduledTaskAction -Execute (Join-Path $PSHOME 'powershell.exe') -Argument "-NoProfile -NonInteractive -EncodedCommand $encoded"
  $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
  $limits = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::FromMinutes(5)) -MultipleInstances IgnoreNew -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
  $every = New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval ([TimeSpan]::FromMinutes(1))
  [void](Register-ScheduledTask -TaskPath '\Steward\' -TaskName 'steward-sensors' -Action $action -Principal $principal -Settings $limits -Trigger $every -Force)
  Start-ScheduledTask -TaskPath '\Steward\' -TaskName 'steward-sensors'
  Add-Change 'script written, and its task made'
}

function Repair-Updater {
  if (-not $data.ownUpdater) {
    if (-not [IO.File]::Exists($updaterNote)) {
      $was = Get-Update
      $words = if ($null -eq $was) { 'absent' } else { "$was" }
      Write-Whole $updaterNote $words
    }
    [Microsoft.Win32.Registry]::SetValue($updatePolicy, 'NoAutoUpdate', 1, 'DWord')
    Add-Change 'switched off'
    return
  }
  if (-not [IO.File]::Exists($updaterNote)) { return }
  $was = [IO.File]::ReadAllText($updaterNote).Trim()
  if ($was -match '^\d{1,9}$') { [Microsoft.Win32.Registry]::SetValue($updatePolicy, 'NoAutoUpdate', [int]$was, 'DWord') }
  else {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($updatePolicy.Substring('HKEY_LOCAL_MACHINE\'.Length), $true)
    if ($key) { $key.DeleteValue('NoAutoUpdate', $false); $key.Dispose() }
  }
  [IO.File]::Delete($updaterNote)
  Add-Change 'as it was before'
}
`;

/** Puts right those of `$data.settings` that there is a way for, in the order of `windowsSettings`; throws at the end where one failed. */
export const HEAL = `${GROUND}${GUEST_FACTS}${WINDOWS_FUNCTIONS}${HEALING}
Protect-Folder $base
foreach ($account in $data.accounts) {
  Repair-Setting "account:$($account.name)" { Repair-Account $account }
  Repair-Setting "administrator:$($account.name)" { Repair-Administrator $account }
}
foreach ($former in $data.former) { Repair-Setting "former:$former" { Repair-Former $former } }
Repair-Setting 'agent' { Repair-Agent }
Repair-Setting 'time' { Repair-Service 'W32Time' 'Automatic' }
Repair-Setting 'exporter' { Repair-Exporter }
Repair-Setting 'sensors' { Repair-Sensors }
Repair-Setting 'updater' { Repair-Updater }
if ($state.wrong.Count) { throw "failed: $($state.wrong -join ', ')" }
`;
