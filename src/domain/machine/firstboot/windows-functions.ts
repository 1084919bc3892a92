/** What a Windows guest's first boot and its heals both do, in PowerShell 5.1. `$steward` is Steward's folder. */
export const WINDOWS_FUNCTIONS = String.raw`function New-RandomPassword {
  $bytes = New-Object byte[] 32
  [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
  ConvertTo-SecureString ('Aa1-' + [Convert]::ToBase64String($bytes)) -AsPlainText -Force
}

function Start-Msi([string[]]$Arguments) {
  $process = Start-Process msiexec.exe -ArgumentList ($Arguments + @('/qn', '/norestart')) -Wait -PassThru
  if ($process.ExitCode -notin 0, 3010) { throw "msiexec.exe ended with $($process.ExitCode)" }
}

function Get-Download($Download) {
  $path = Join-Path $steward ([IO.Path]::GetFileName(([Uri]$Download.url).AbsolutePath))
  Invoke-WebRequest -UseBasicParsing -Uri $Download.url -OutFile $path
  if ($Download.sha256 -and (Get-FileHash $path -Algorithm SHA256).Hash -ne $Download.sha256) {
    Remove-Item $path
    throw "$($Download.url) does not have the SHA-256 $($Download.sha256)"
  }
  $path
}

function Install-Msi([string]$Path, [string[]]$Properties) {
  Start-Msi (@('/i', ('"{0}"' -f $Path)) + $Properties)
}

function Install-GuestAgent($Download) {
  $installer = Get-CimInstance Win32_LogicalDisk -Filter 'DriveType = 5' |
    ForEach-Object { "$($_.DeviceID)\guest-agent\qemu-ga-x86_64.msi" } | Where-Object { Test-Path $_ } | Select-Object -First 1
  if (-not $installer) { $installer = Get-Download $Download }
  Install-Msi $installer @()
}

function Install-Exporter($Download, [int]$Port) {
  $collectors = 'ENABLED_COLLECTORS=[defaults],memory,time,update,scheduled_task,textfile'
  Install-Msi (Get-Download $Download) @($collectors, "LISTEN_PORT=$Port", 'ADDLOCAL=FirewallException')
}
`;
