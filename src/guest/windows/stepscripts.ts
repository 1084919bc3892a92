import { GROUND } from './ground.ts';
import { ANSWERING } from './powershell.ts';

/** Seconds that others are waited for, and that the scheduler has to start what it is told to. */
const PATIENCE = 20;
/** Tries of 200 ms in that time. */
const ATTEMPTS = PATIENCE * 5;

/** Most that is kept of what a step says, in bytes. */
const STEP_OUTPUT_BYTES = 128 * 1024;

/** Where the task of a step is found in the Task Scheduler. */
const TASKS = String.raw`\Steward\ `.trimEnd();

/**
 * How far a step is, and who decides that. Its folder has one of `ready`, `began` and `withdrawn`, and who renames the first decides: the runner,
 * that it begins, or somebody who asks and finds it not running, that it never will. The runner keeps `held` open for itself as long as it lives.
 */
const STEPS = String.raw`
function Stop-Unrecorded([string]$Why) { Write-Answer @{ unrecorded = $Why } }

function Enter-Steps {
  try { Protect-Folder $base; Protect-Folder $folder } catch { Stop-Unrecorded 'NoFolder' }
  try { $lock = Open-Alone (Join-Path $folder 'lock') ${ATTEMPTS} } catch { Stop-Unrecorded 'NotWritable' }
  if (-not $lock) { Stop-Unrecorded 'Locked' }
  $lock
}

function Read-Short([string]$Path) {
  if ([IO.File]::Exists($Path) -and (New-Object IO.FileInfo $Path).Length -le 20) { [IO.File]::ReadAllText($Path).Trim() } else { '' }
}

function Read-Generation([string]$Path) {
  $text = Read-Short $Path
  if ($text -match '^\d{1,16}$') { [long]$text } else { [long]0 }
}

function Read-Exit([string]$Step) {
  $text = Read-Short (Join-Path $Step 'exit')
  if ($text -match '^\d{1,3}$') { [int]$text }
}

function Read-Step([string]$Step) {
  $exit = Read-Exit $Step
  if ($null -ne $exit) { return @{ state = 'Finished'; exit = $exit } }
  $alone = Open-Alone (Join-Path $Step 'held') 1
  if (-not $alone) { return @{ state = 'Running' } }
  try {
    # It may have ended between the two questions.
    $exit = Read-Exit $Step
    if ($null -ne $exit) { return @{ state = 'Finished'; exit = $exit } }
    if ([IO.File]::Exists((Join-Path $Step 'ready'))) { [IO.File]::Move((Join-Path $Step 'ready'), (Join-Path $Step 'withdrawn')) }
    [IO.File]::Delete((Join-Path $Step 'input'))
    return @{ state = 'Gone' }
  }
  finally { $alone.Dispose() }
}
`;

/** Raises the fence to `$data.generation`, then says what is known of the step `$data.id`. */
export const ASK = `${ANSWERING}${GROUND}${STEPS}
$lock = Enter-Steps
$boot = Get-BootId
$known = Read-Generation (Join-Path $folder 'generation')
if ([long]$data.generation -lt $known) { Write-Answer @{ boot = $boot; state = 'Overtaken' } }
# A power cut may lose the file: then the guest has booted since, and no start of before is admitted.
try { Write-Whole (Join-Path $folder 'generation') "$($data.generation)" } catch { Stop-Unrecorded 'NotWritable' }
$step = Join-Path $folder $data.id
if (-not [IO.Directory]::Exists($step)) { Write-Answer @{ boot = $boot; state = 'Never' } }
$report = Read-Step $step
$report.boot = $boot
Write-Answer $report
`;

/** The first bytes of what the step `$data.id` said, in base64: nothing of it is mistaken for anything else. */
export const OUTPUT = `${ANSWERING}${GROUND}
$path = Join-Path (Join-Path $folder $data.id) 'output'
$bytes = if ([IO.File]::Exists($path)) { [IO.File]::ReadAllBytes($path) } else { New-Object byte[] 0 }
Write-Answer @{ output = [Convert]::ToBase64String($bytes, 0, [Math]::Min($bytes.Length, ${STEP_OUTPUT_BYTES})) }
`;

/** Runs in the task, as SYSTEM, with `$step` as its folder: keeps the first bytes of what the action says, and names its result last. */
export const RUNNER = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
${GROUND}
$held = Open-Alone (Join-Path $step 'held') ${ATTEMPTS}
if (-not $held) { exit 75 }
# The scheduler may have taken its time: what comes too late is left to whoever asks, who withdraws it.
$until = [IO.File]::ReadAllText((Join-Path $step 'until'))
if ($until -ne '0' -and [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -ge [long]$until) { exit 75 }
# Where it was withdrawn this fails, and nothing has begun.
[IO.File]::Move((Join-Path $step 'ready'), (Join-Path $step 'began'))
$StewardInput = [IO.File]::ReadAllText((Join-Path $step 'input'))
[IO.File]::Delete((Join-Path $step 'input'))
$said = New-Object IO.FileStream (Join-Path $step 'output'), 'Create', 'Write', 'Read'
$room = @{ left = ${STEP_OUTPUT_BYTES} }
function Write-Said([string]$Line) {
  $bytes = [Text.Encoding]::UTF8.GetBytes($Line + [char]10)
  $count = [Math]::Min($bytes.Length, $room.left)
  if ($count -gt 0) { $said.Write($bytes, 0, $count); $room.left -= $count }
}
# One that is ended from outside, as when the system goes down, has left no result.
$exit = ''
try {
  $action = [ScriptBlock]::Create([IO.File]::ReadAllText((Join-Path $step 'action')))
  & $action *>&1 | Out-String -Stream -Width 1024 | ForEach-Object { Write-Said $_ }
  $exit = 0
}
catch {
  Write-Said "$($_.Exception.Message)"
  $exit = 1
}
finally {
  $said.Dispose()
  if ("$exit") { Write-Whole (Join-Path $step 'exit') "$exit" }
}
`;

/**
 * Begins the step of `$data` once, by a task of SYSTEM without a trigger, so that nothing but this begins it: no boot does. It waits until the
 * runner has begun, because a scheduler that takes its time is no reason to withdraw the step. No policy of execution is asked about a text
 * that a command reads and runs, as it would be about a file.
 */
export const BEGIN = String.raw`${ANSWERING}${GROUND}${STEPS}
$lock = Enter-Steps
$boot = Get-BootId
$known = Read-Generation (Join-Path $folder 'generation')
if ([long]$data.generation -lt $known -or $data.bootId -cne $boot) { Write-Answer @{ boot = $boot; begun = 'Refused' } }
$now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
if ($now -lt [long]$data.from -or ($data.until -ne 0 -and $now -ge [long]$data.until)) { Write-Answer @{ boot = $boot; begun = 'Refused' } }
$step = Join-Path $folder $data.id
if ([IO.Directory]::Exists($step)) { Write-Answer @{ boot = $boot; begun = 'Known' } }

function Remove-Step([string]$Id) {
  Get-ScheduledTask -TaskPath '${TASKS}' -TaskName "steward-step-$Id" -ErrorAction SilentlyContinue | Unregister-ScheduledTask -Confirm:$false
  if ([IO.Directory]::Exists((Join-Path $folder $Id))) { [IO.Directory]::Delete((Join-Path $folder $Id), $true) }
}

# What is left of steps that the record has forgotten, that run no more, and that a holder of before began.
if ($data.forgets) {
  foreach ($old in [IO.Directory]::GetDirectories($folder)) {
    $name = [IO.Path]::GetFileName($old)
    $began = Read-Generation (Join-Path $old 'generation')
    if ($data.remembered -contains $name -or $began -eq 0 -or $began -ge [long]$data.generation) { continue }
    try { if ((Read-Step $old).state -ne 'Running') { Remove-Step $name } } catch { continue }
  }
}

$new = "$step.new"
try {
  if ([IO.Directory]::Exists($new)) { [IO.Directory]::Delete($new, $true) }
  [void][IO.Directory]::CreateDirectory($new)
  Write-Whole (Join-Path $new 'action') $data.action
  [IO.File]::WriteAllBytes((Join-Path $new 'input'), [Convert]::FromBase64String($secret.Trim('-')))
  Write-Whole (Join-Path $new 'run') $data.runner
  Write-Whole (Join-Path $new 'until') "$($data.until)"
  Write-Whole (Join-Path $new 'generation') "$($data.generation)"
  Write-Whole (Join-Path $new 'ready') ''
  [IO.Directory]::Move($new, $step)
}
catch {
  if ([IO.Directory]::Exists($new)) { [IO.Directory]::Delete($new, $true) }
  Stop-Unrecorded 'NotWritable'
}

$run = '$step = ''{0}''; . ([ScriptBlock]::Create([IO.File]::ReadAllText(''{0}\run'')))' -f $step
$encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($run))
try {
  $action = New-ScheduledTaskAction -Execute (Join-Path $PSHOME 'powershell.exe') -Argument "-NoProfile -NonInteractive -EncodedCommand $encoded"
  $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
  $limits = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
  [void](Register-ScheduledTask -TaskPath '${TASKS}' -TaskName "steward-step-$($data.id)" -Action $action -Principal $principal -Settings $limits -Force)
  Start-ScheduledTask -TaskPath '${TASKS}' -TaskName "steward-step-$($data.id)"
}
catch {
  # What may have started all the same is kept from beginning, or has begun.
  if ((Read-Step $step).state -eq 'Gone' -and [IO.File]::Exists((Join-Path $step 'withdrawn'))) { Remove-Step $data.id; Stop-Unrecorded 'NotStarted' }
}
for ($attempt = 1; $attempt -le ${ATTEMPTS} -and [IO.File]::Exists((Join-Path $step 'ready')); $attempt++) { Start-Sleep -Milliseconds 200 }
Write-Answer @{ boot = $boot; begun = 'Begun' }
`;
