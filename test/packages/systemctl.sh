#!/bin/sh
# A stand-in for systemctl, where no systemd runs: the server of PostgreSQL by Debian's own pg_ctlcluster, other units by what their files say.
# Exporters are run beside, with the settings of their units' files.
# MariaDB's unit tells systemd itself that it has begun: here it is run beside, and has begun once it has a socket; Valkey's, once its number is written.
# A unit is enabled by a file in /run/enabled, masked by one in /run/masked, and active by its process or by a file in /run/active.
# systemd does one job of a unit at a time: where two start a server at once, neither takes the other's number away. The lock is not the server's.
case "$1" in start | stop | restart | reload | disable)
  if [ -z "$SYSTEMCTL_JOB" ]; then exec env SYSTEMCTL_JOB=1 flock --close /run/systemctl.lock "$0" "$@"; fi ;;
esac
verb=$1
shift
value= now= properties=
while [ $# -gt 0 ]; do
  case "$1" in
    --property=*) properties="$properties ${1#--property=}" ;;
    --value) value=yes ;;
    --now) now=yes ;;
    --) shift; break ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
mkdir -p /run/enabled /run/masked /run/active
echo "$verb $*" >> /run/systemctl.log

cluster() { case "$1" in postgresql@*-main.service) line=${1#*@}; line=${line%-main.service}; [ -d "/etc/postgresql/$line/main" ] ;; *) return 1 ;; esac; }
file() { for folder in /etc/systemd/system /usr/lib/systemd/system; do
  case "$1" in *@*) each="$folder/${1%%@*}@.${1##*.}" ;; *) each="$folder/$1" ;; esac
  if [ -f "$each" ]; then echo "$each"; return; fi
done; false; }
says() { sed -n "s/^$2=//p" "$(file "$1")" | head -n 1; }
# Nobody takes in here what has ended, so that its number lives on.
lives() { case "$(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null)" in ''|Z*) return 1 ;; esac; }
pidfile() { case "$1" in
  mariadb.service) echo /run/mysqld/mysqld.pid ;;
  prometheus-*-exporter.service) echo "/run/${1%.service}.pid" ;;
  *) says "$1" PIDFile ;;
esac; }
process() { pid=$(cat "$(pidfile "$1")" 2> /dev/null) && [ -n "$pid" ] && lives "$pid"; }
runs() {
  if cluster "$1"; then pg_ctlcluster "$line" main status > /dev/null 2>&1
  elif [ -n "$(pidfile "$1")" ]; then process "$1"
  else [ -e "/run/active/$1" ]
  fi
}

property() {
  case "$2" in
    LoadState) if [ -e "/run/masked/$1" ]; then echo masked; elif file "$1" > /dev/null; then echo loaded; else echo not-found; fi ;;
    ActiveState) if runs "$1"; then echo active; else echo inactive; fi ;;
    SubState) if ! runs "$1"; then echo dead; elif [ "$(says "$1" Type)" = oneshot ]; then echo exited; else echo running; fi ;;
    UnitFileState)
      if [ -e "/run/masked/$1" ]; then echo masked
      elif ! file "$1" > /dev/null; then echo
      elif cluster "$1"; then echo enabled-runtime
      elif [ -e "/run/enabled/$1" ]; then echo enabled
      else echo disabled; fi ;;
    NeedDaemonReload) echo no ;;
    Type) says "$1" Type ;;
  esac
}

start() {
  [ ! -e "/run/masked/$1" ] && file "$1" > /dev/null || exit 5
  if cluster "$1"; then pg_ctlcluster --skip-systemctl-redirect "$line" main start || true; return; fi
  if [ "$1" = mariadb.service ]; then
    mkdir -p /run/mysqld && chown mysql /run/mysqld
    mariadbd --user=mysql < /dev/null > /run/started 2>&1 &
    for i in $(seq 300); do if [ -S /run/mysqld/mysqld.sock ] || ! lives $!; then return; fi; sleep 0.1; done
    return
  fi
  if [ "$1" = valkey-server.service ]; then
    install -d -o valkey -g valkey /run/valkey
    rm -f "$(pidfile "$1")"
    setpriv --reuid=valkey --regid=valkey --init-groups valkey-server /etc/valkey/valkey.conf --supervised no --daemonize yes > /run/started 2>&1 || return 0
    for i in $(seq 100); do if process "$1"; then return; fi; sleep 0.1; done
    return
  fi
  case "$1" in prometheus-*-exporter.service)
    program=${1%.service}
    (set -a; . "/etc/default/$program"
      exec setpriv --reuid=prometheus --regid=prometheus --init-groups "$program" $ARGS) < /dev/null > "/run/$program.log" 2>&1 &
    echo $! > "$(pidfile "$1")"
    return
  esac
  program=$(says "$1" ExecStart)
  if [ -n "$program" ]; then eval "$program" < /dev/null > /run/started 2>&1 || exit 1; fi
  if [ "$(says "$1" Type)" != oneshot ] || [ -n "$(says "$1" RemainAfterExit)" ]; then touch "/run/active/$1"; fi
}
stop() {
  if ! runs "$1"; then return; fi
  if cluster "$1"; then pg_ctlcluster --skip-systemctl-redirect -m fast "$line" main stop
  elif process "$1"; then kill "$pid"; while lives "$pid"; do sleep 0.1; done
  else rm -f "/run/active/$1"
  fi
}
reload() { if cluster "$1"; then pg_ctlcluster --skip-systemctl-redirect "$line" main reload; else process "$1" && kill -HUP "$pid"; fi; }

for unit in "$@"; do
  case "$verb" in
    show)
      for each in $properties; do
        if [ -n "$value" ]; then property "$unit" "$each"; else echo "$each=$(property "$unit" "$each")"; fi
      done
      [ -n "$value" ] || echo ;;
    is-active) runs "$unit" ;;
    start) start "$unit" ;;
    stop) stop "$unit" ;;
    restart) stop "$unit"; start "$unit" ;;
    reload) runs "$unit" && reload "$unit" ;;
    enable) touch "/run/enabled/$unit" ;;
    disable) rm -f "/run/enabled/$unit"; [ -z "$now" ] || stop "$unit" ;;
    unmask) rm -f "/run/masked/$unit" ;;
  esac || exit
done
