/**
 * What the scripts share. `$base` is Steward's folder, which SYSTEM and administrators alone open; one that belongs to anybody else is not used,
 * because everybody may make folders beside it. Access and owner are set, and no audit rules: those ask for a right that nobody has by default.
 */
export const GROUND = String.raw`
$trusted = @('S-1-5-18', 'S-1-5-32-544')
$common = [Environment]::GetFolderPath('CommonApplicationData')
$base = Join-Path $common 'Steward'
$folder = Join-Path $base 'steps'

function Protect-Folder([string]$Path) {
  $wanted = New-Object Security.AccessControl.DirectorySecurity
  $wanted.SetSecurityDescriptorSddlForm('O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)', [Security.AccessControl.AccessControlSections]'Access, Owner')
  if (-not [IO.Directory]::Exists($Path)) { [void][IO.Directory]::CreateDirectory($Path, $wanted) }
  if (([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0) { throw "$Path is a link" }
  $owner = [IO.Directory]::GetAccessControl($Path).GetOwner([Security.Principal.SecurityIdentifier]).Value
  if ($trusted -notcontains $owner) { throw "$Path belongs to $owner" }
  [IO.Directory]::SetAccessControl($Path, $wanted)
}

# Whoever reads the file finds the old text or the new one. It is on the disk before it has its name.
function Write-Whole([string]$Path, [string]$Text) {
  $new = "$Path.new"
  $stream = New-Object IO.FileStream $new, 'Create', 'Write', 'None'
  try {
    $bytes = (New-Object Text.UTF8Encoding $false).GetBytes($Text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush($true)
  }
  finally { $stream.Dispose() }
  if ([IO.File]::Exists($Path)) { [IO.File]::Replace($new, $Path, [NullString]::Value) } else { [IO.File]::Move($new, $Path) }
}

# Opened for us alone: nobody else holds it, and the system gives it back when this process ends, however it does.
function Open-Alone([string]$Path, [int]$Attempts) {
  for ($attempt = 1; $true; $attempt++) {
    try { return [IO.File]::Open($Path, 'OpenOrCreate', 'ReadWrite', 'None') }
    catch {
      # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
      if (@(32, 33) -notcontains ($_.Exception.GetBaseException().HResult -band 0xFFFF)) { throw }
      if ($attempt -ge $Attempts) { return }
    }
    Start-Sleep -Milliseconds 200
  }
}

# A key of the registry that lives in memory only: whatever is done to the disk or the clock, another boot has another. One that somebody has
# written to the disk takes a child that is not volatile (it fails with ERROR_CHILD_MUST_BE_VOLATILE otherwise): it is made anew.
function Get-BootId {
  $machine = [Microsoft.Win32.Registry]::LocalMachine
  $name = 'SOFTWARE\StewardBoot'
  $check = [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree
  for ($attempt = 1; $attempt -le 2; $attempt++) {
    $key = $machine.CreateSubKey($name, $check, [Microsoft.Win32.RegistryOptions]::Volatile)
    $stored = $true
    try { $key.CreateSubKey('probe').Dispose() } catch { $stored = $false }
    if (-not $stored) {
      $id = [string]$key.GetValue('Id')
      if ($id -notmatch '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') {
        $id = [Guid]::NewGuid().ToString()
        $key.SetValue('Id', $id)
      }
      return $id
    }
    $key.Dispose()
    $machine.DeleteSubKeyTree($name)
  }
  throw "HKLM\$name cannot be kept in memory only"
}
`;
