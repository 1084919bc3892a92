import { WINDOWS_FUNCTIONS } from './windows-functions.ts';

/**
 * PowerShell 5.1 that finishes a Windows guest's first boot; `$encoded` (base64 of JSON) is set in the line before it.
 * `-Prepare` runs in the specialize pass as SYSTEM, without network: it copies itself to a folder that only
 * administrators read and has SetupComplete.cmd start it. Without it, it runs after setup, before anyone can log in.
 * What needs no network comes first; a step that fails is logged and does not stop the others.
 */
export const FIRST_BOOT_SCRIPT = String.raw`if ($args -contains '-Prepare') {
  $steward = New-Item -ItemType Directory -Force "$env:ProgramData\Steward"
  & icacls.exe $steward /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
  Copy-Item $PSCommandPath "$steward\first-boot.ps1" -Force
  $scripts = New-Item -ItemType Directory -Force "$env:SystemRoot\Setup\Scripts"
  $start = 'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%ProgramData%\Steward\first-boot.ps1"'
  Add-Content -Path "$scripts\SetupComplete.cmd" -Value $start -Encoding Ascii
  exit 0
}

$settings = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($encoded)) | ConvertFrom-Json
$steward = "$env:ProgramData\Steward"
$ssh = "$env:ProgramData\ssh"
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
Start-Transcript -Path "$steward\first-boot.log" -Append | Out-Null

function Invoke-Step([string]$Name, [int]$Attempts, [scriptblock]$Step) {
  for ($attempt = 1; $attempt -le $Attempts; $attempt++) {
    try { & $Step; Write-Output "$($Name): done"; return }
    catch { Write-Output "$($Name): attempt $attempt of $($Attempts): $_" }
    if ($attempt -lt $Attempts) { Start-Sleep -Seconds 15 }
  }
}

function Set-ProtectedContent([string]$Path, [string]$Content) {
  New-Item -ItemType Directory -Force (Split-Path $Path) | Out-Null
  [IO.File]::WriteAllText($Path, $Content, (New-Object Text.UTF8Encoding $false))
  & icacls.exe $Path /inheritance:r /grant '*S-1-5-18:F' '*S-1-5-32-544:F' | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "icacls.exe $Path ended with $LASTEXITCODE" }
}

${WINDOWS_FUNCTIONS}
foreach ($network in $settings.networks) {
  Invoke-Step "Network $($network.name)" 4 {
    $adapter = Get-NetAdapter | Where-Object { $_.MacAddress -eq $network.mac } | Select-Object -First 1
    if (-not $adapter) { throw "no adapter has the address $($network.mac)" }
    $index = $adapter.ifIndex
    if ($network.addresses -and $network.dhcp) { & netsh.exe interface ipv4 set interface $index dhcpstaticipcoexistence=enabled | Out-Null }
    if ($network.addresses -and -not $network.dhcp) { Set-NetIPInterface -InterfaceIndex $index -Dhcp Disabled -ErrorAction Stop }
    foreach ($each in $network.addresses) {
      if (-not (Get-NetIPAddress -InterfaceIndex $index -IPAddress $each.address -ErrorAction SilentlyContinue)) {
        New-NetIPAddress -InterfaceIndex $index -IPAddress $each.address -PrefixLength $each.prefix -ErrorAction Stop | Out-Null
      }
    }
    if ($network.isDefaultRoute) { Set-NetIPInterface -InterfaceIndex $index -InterfaceMetric 1 -ErrorAction Stop }
    foreach ($route in $network.routes) {
      if (-not (Get-NetRoute -InterfaceIndex $index -DestinationPrefix $route.to -NextHop $route.via -ErrorAction SilentlyContinue)) {
        New-NetRoute -InterfaceIndex $index -DestinationPrefix $route.to -NextHop $route.via -ErrorAction Stop | Out-Null
      }
    }
    if ($network.servers) { Set-DnsClientServerAddress -InterfaceIndex $index -ServerAddresses $network.servers -ErrorAction Stop }
    if ($network.mtu) { Set-NetIPInterface -InterfaceIndex $index -NlMtuBytes $network.mtu -ErrorAction Stop }
  }
}

if ($settings.proxy) {
  Invoke-Step 'Proxy' 1 {
    & netsh.exe winhttp set proxy "proxy-server=$($settings.proxy.url)" "bypass-list=$($settings.proxy.except)" | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "netsh.exe ended with $LASTEXITCODE" }
  }
}

foreach ($certificate in $settings.certificates) {
  Invoke-Step "Certificate $($certificate.name)" 1 {
    $path = "$steward\$($certificate.name).cer"
    Set-ProtectedContent $path $certificate.certificate
    Import-Certificate -FilePath $path -CertStoreLocation Cert:\LocalMachine\Root -ErrorAction Stop | Out-Null
  }
}

if ($settings.timeServers) {
  Invoke-Step 'Time servers' 4 {
    Start-Service w32time -ErrorAction Stop
    & w32tm.exe /config "/manualpeerlist:$(@($settings.timeServers) -join ' ')" /syncfromflags:manual /update | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "w32tm.exe ended with $LASTEXITCODE" }
  }
}

if ($settings.searchDomains) {
  Invoke-Step 'Search domains' 1 { Set-DnsClientGlobalSetting -SuffixSearchList $settings.searchDomains -ErrorAction Stop }
}

foreach ($user in $settings.users) {
  Invoke-Step "Account $($user.name)" 1 {
    if (-not (Get-LocalUser -Name $user.name -ErrorAction SilentlyContinue)) {
      New-LocalUser -Name $user.name -Password (New-RandomPassword) -PasswordNeverExpires -ErrorAction Stop | Out-Null
    }
    $group = if ($user.administrator) { 'S-1-5-32-544' } else { 'S-1-5-32-545' }
    if (-not (Get-LocalGroupMember -SID $group | Where-Object { $_.Name -like "*\$($user.name)" })) {
      Add-LocalGroupMember -SID $group -Member $user.name -ErrorAction Stop
    }
  }
}

Invoke-Step 'Built-in Administrator is disabled' 1 {
  $builtIn = Get-LocalUser | Where-Object { $_.SID.Value -like 'S-1-5-21-*-500' }
  Set-LocalUser -InputObject $builtIn -Password (New-RandomPassword)
  Disable-LocalUser -InputObject $builtIn
}

Invoke-Step 'SSH keys' 1 {
  Set-ProtectedContent "$ssh\ssh_host_ed25519_key" $settings.hostPrivateKey
  Set-ProtectedContent "$ssh\ssh_host_ed25519_key.pub" ($settings.hostPublicKey + "${'`'}n")
  $config = @(
    'HostKey __PROGRAMDATA__/ssh/ssh_host_ed25519_key',
    'PubkeyAuthentication yes',
    'PasswordAuthentication no',
    'AuthorizedKeysFile .ssh/authorized_keys',
    'Subsystem sftp sftp-server.exe'
  )
  foreach ($user in $settings.users) {
    Set-ProtectedContent "$ssh\users\$($user.name)" ((@($user.sshKeys) -join "${'`'}n") + "${'`'}n")
    $config += "Match User $($user.name)"
    $config += "  AuthorizedKeysFile __PROGRAMDATA__/ssh/users/$($user.name)"
  }
  & icacls.exe "$ssh\users" /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
  Set-ProtectedContent "$ssh\sshd_config" (($config -join "${'`'}n") + "${'`'}n")
}

Invoke-Step 'OpenSSH server' 20 {
  if (-not (Get-Service sshd -ErrorAction SilentlyContinue)) {
    Add-WindowsCapability -Online -Name 'OpenSSH.Server~~~~0.0.1.0' -ErrorAction Stop | Out-Null
  }
  if (-not (Get-NetFirewallRule -Name steward-sshd -ErrorAction SilentlyContinue)) {
    New-NetFirewallRule -Name steward-sshd -DisplayName 'OpenSSH server' -Direction Inbound -Protocol TCP -LocalPort 22 -Action Allow | Out-Null
  }
  Set-Service sshd -StartupType Automatic
  Restart-Service sshd -ErrorAction Stop
}

Invoke-Step 'QEMU guest agent' 20 {
  if (-not (Get-Service QEMU-GA -ErrorAction SilentlyContinue)) {
    Install-GuestAgent $settings.guestAgent
  }
  Set-Service QEMU-GA -StartupType Automatic
  Start-Service QEMU-GA -ErrorAction Stop
}

if ($settings.exporter) {
  Invoke-Step 'windows_exporter' 20 {
    if (-not (Get-Service windows_exporter -ErrorAction SilentlyContinue)) {
      # By this it is known later that Steward brought it.
      Set-ProtectedContent "$steward\exporter" ''
      Install-Exporter $settings.exporter $settings.exporter.port
    }
    Set-Service windows_exporter -StartupType Automatic
    Start-Service windows_exporter -ErrorAction Stop
  }
}

Remove-Item "$steward\first-boot.ps1", "$env:SystemRoot\Panther\unattend.xml", "$env:SystemRoot\System32\Sysprep\unattend.xml" -ErrorAction SilentlyContinue
Stop-Transcript | Out-Null
`;
