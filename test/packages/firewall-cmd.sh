#!/bin/sh
# A stand-in for firewall-cmd, where no firewalld runs: ports of the running firewall and of the permanent one, a file each.
# As the real one it knows no port that was not added, takes one twice, and refuses what is no port.
kept=/run/firewall/running
for word in "$@"; do
  case "$word" in
    --quiet) ;;
    --permanent) kept=/run/firewall/permanent ;;
    --*-port=*/tcp) verb=${word%%-port=*}; port=${word#*=}; port=${port%/tcp} ;;
    *) exit 2 ;;
  esac
done
mkdir -p "$kept"
case "$port" in ''|*[!0-9]*) exit 102 ;; esac
case "$verb" in
  --query) [ -e "$kept/$port" ] ;;
  --add) touch "$kept/$port" ;;
  --remove) rm -f "$kept/$port" ;;
  *) exit 2 ;;
esac
