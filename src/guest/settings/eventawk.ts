import { EVENT_METRICS, EVENT_SENSORS, GUEST_EVENTS } from '../../domain/monitoring/guestevents.ts';
import { SENSORS_READ_METRIC } from '../../domain/monitoring/scrape.ts';

/** Lines of the journal that are read in one run, and lines of errors; what is more is read by the next one, or counted as these. */
export const MOST_ENTRIES = 20_000;
export const MOST_ERRORS = 5_000;

/** The last lines that matter: how many, of each event and in all, and characters of each. */
export const EXCERPT = { lines: 20, ofEach: 4, length: 300 } as const;

/** No awk of Debian knows how often a character may come. */
const LONG_WORD = `${'[A-Za-z0-9+/=_-]'.repeat(32)}[A-Za-z0-9+/=_-]*`;

/**
 * What becomes of the state of before and the facts that a run has gathered: the state that comes, the metrics, and the last lines that matter.
 * Whoever may write to the journal says in a message and its tag what he likes. So an entry is taken for what journald itself has noted of who
 * wrote it (fields that begin with an underline), its text from its beginning on, and JSON as what it is; docs/adr/0199.
 */
export const EVENT_AWK = String.raw`
  # The fields of an entry of the journal: text, no numbers, and no lists. What was escaped cannot end a text.
  function json(line,   n, i, part) {
    split("", f)
    gsub(/\\\\/, "\001", line); gsub(/\\"/, "\002", line)
    n = split(line, part, "\"")
    for (i = 2; i + 1 <= n; ) {
      if (part[i + 1] ~ /^ *: *$/) { f[part[i]] = part[i + 2]; i += 4 }
      else if (part[i + 1] ~ /^ *: *\[ *$/) { for (i += 2; i + 1 <= n && part[i + 1] !~ /^ *\]/; i += 2) continue; i += 2 }
      else i += 2
    }
  }
  function plain(text) {
    gsub(/\\u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]|\\[nrtbf]/, " ", text)
    gsub(/\002/, "\"", text); gsub(/\001/, "\\", text); gsub(/[^ -~]/, "?", text)
    return text
  }
  function redacted(text) {
    gsub(/:\/\/[^\/ @]*@/, "://***@", text)
    gsub(/([Pp][Aa][Ss][Ss][Ww]|[Tt][Oo][Kk][Ee][Nn]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Aa][Pp][Ii][-_]?[Kk][Ee][Yy])[A-Za-z_-]*["\047]? *[=:] *[^ ]+/, "***", text)
    gsub(/([Bb][Ee][Aa][Rr][Ee][Rr]|[Bb][Aa][Ss][Ii][Cc]) +[^ ]+/, "***", text)
    gsub(/${LONG_WORD}/, "***", text)
    return text
  }
  function event(name, text) {
    if (!(name in count)) return
    count[name]++; last[name] = now
    # What a command was told is nobody elses business.
    if (match(text, /COMMAND=[^ ]+/)) text = substr(text, 1, RSTART + RLENGTH - 1)
    told[++tells] = now " " name " " substr(redacted(text), 1, ${EXCERPT.length})
  }
  function counted(name) { count[name]++; last[name] = now }

  function entry(   m, who, uid) {
    m = plain(f["MESSAGE"]); uid = f["_UID"]
    # Where its program had ended before journald looked, the uid alone is proven, and of what root writes the tag tells the rest.
    who = f["_COMM"] == "" ? f["SYSLOG_IDENTIFIER"] : f["_COMM"]
    if (f["_TRANSPORT"] == "kernel") { if (f["SYSLOG_FACILITY"] == "0") kernel(m, f["PRIORITY"]) }
    else if (f["_EXE"] == "/usr/bin/sudo") sudo(m)
    else if (f["_EXE"] ~ /^(\/usr)?\/bin\/su$/) {
      if (m ~ /^FAILED SU \(to /) event("su_failed", m)
      else if (m ~ /^\(to [^)]*\) /) event("su_accepted", m)
    }
    else if (uid != "0") return
    else if (who ~ /^sshd(-session|-auth)?$/) sshd(m, f["_PID"])
    else if (who == "login") {
      if (m ~ /^FAILED LOGIN /) event("console_login_failed", m)
      else if (m ~ /^(ROOT )?LOGIN ON /) event("console_login_accepted", m)
    }
    else if (f["MESSAGE_ID"] == "98268866d1d54a499c4e98921d93bc40" && who == "systemd-logind") ended = f["_BOOT_ID"]
    else if (f["_PID"] == "1" && f["UNIT"] == "shutdown.target") ended = f["_BOOT_ID"]
    else if (f["_PID"] == "1" && f["MESSAGE_ID"] == "d9b373ed55a64feb8242e02dbe79a49c") event("unit_failed", m)
  }
  # Each password that was tried, and each connection that ended without a login where none was told.
  function sshd(m, pid) {
    if (m ~ /^Failed [^ ]+ for /) { tried[pid]; event("ssh_login_failed", m) }
    else if (m ~ /^(Connection (closed|reset) by|Disconnected from|Disconnecting) (authenticating|invalid) user /) {
      if (!(pid in tried)) { tried[pid]; event("ssh_login_failed", m) }
    }
    else if (m ~ /^Accepted [^ ]+ for root from /) { counted("ssh_login_accepted"); event("ssh_root_login_accepted", m) }
    else if (m ~ /^Accepted [^ ]+ for /) counted("ssh_login_accepted")
  }
  function sudo(m) {
    if (m !~ /^ *[^ ]+ : / || m !~ /COMMAND=/) return
    sub(/^ */, "", m)
    if (m ~ /^[^ ]+ : (HOST|TTY|CHROOT|PWD|USER|GROUP|TSID|ENV|COMMAND)=/) counted("sudo_accepted")
    # Who says that he gives no password has tried none.
    else if (m !~ /^[^ ]+ : a password is required ;/) event("sudo_failed", m)
  }
  function kernel(m, level) {
    if (m ~ /^(Memory cgroup out|Out) of memory: Kill/) { event("oom_kill", m); return }
    if (m ~ /^(EXT[234]-fs|JBD2|XFS|F2FS-fs|BTRFS:?|FAT-fs)/ && m ~ /[Rr]emounting filesystem read-only|forced readonly|[Ss]hutting down filesystem|has been shut down/) { event("file_system_read_only", m); return }
    if (m ~ /^((EXT[234]-fs|F2FS-fs|FAT-fs)[^:]*: .*error|EXT[234]-fs error|F2FS-fs error|JBD2: .*[Ee]rror|XFS .*([Cc]orrupt|[Ii]nternal error|I\/O [Ee]rror)|BTRFS:? (error|critical)|Buffer I\/O error|(blk_update_request: )?(I\/O|critical [a-z]+) error, dev |[a-z0-9]+: I\/O error)/) { event("file_system_error", m); return }
    if (level + 0 <= 2 || m ~ /^(BUG: |Oops|kernel BUG at |general protection fault|Kernel panic|watchdog: BUG|INFO: task .+ blocked for more than|rcu: INFO: .*stall|mce: |EDAC |NMI watchdog: )/) event("kernel_error", m)
  }

  BEGIN {
    events = split("${GUEST_EVENTS.join(' ')}", name, " ")
    for (i = 1; i <= events; i++) count[name[i]] = 0
    sensors = split("${EVENT_SENSORS.join(' ')}", sensor, " ")
  }

  from == "state" {
    if ($1 == "count" && $2 in count) count[$2] = $3 + 0
    else if ($1 == "last" && $2 in count) last[$2] = $3
    else if ($1 == "success") success[$2] = $3
    else if ($1 == "known") known[$2]
    else if ($1 == "account") wasAccount[$2 " " $3]
    else if ($1 == "key") wasKey[$2 " " $3]
    else if ($1 == "hash") wasHash[$2] = $3
    else if ($1 == "port") wasPort[$2] = $3
    else is[$1] = $2
    next
  }
  from == "excerpt" { if (length($0) <= 400) told[++tells] = $0; next }

  # An entry of the journal; one of its errors; its newest entry.
  /^\{/ {
    entries++
    json($0)
    if (f["__CURSOR"] != "" && f["__CURSOR"] != is["cursor"]) entry()
    if (f["__CURSOR"] ~ /^[a-z0-9=;]+$/) cursor = f["__CURSOR"]
    next
  }
  /^E\{/ {
    errors++
    json(substr($0, 2))
    if (f["__CURSOR"] != is["errors"] && f["_SYSTEMD_UNIT"] !~ /^(session-.*\.scope|user@.*\.service)$/ && !(f["_SYSTEMD_UNIT"] == "" && f["_UID"] + 0 >= 1000)) counted("journal_error")
    if (f["__CURSOR"] ~ /^[a-z0-9=;]+$/) errorCursor = f["__CURSOR"]
    next
  }
  /^T\{/ { json(substr($0, 2)); if (f["__CURSOR"] ~ /^[a-z0-9=;]+$/) newest = f["__CURSOR"]; next }
  $1 == "Z" { ended_with[$2] = $3; next }
  $1 == "B" { boot = $2; next }
  $1 == "O" { ordered[$2]; next }
  $1 == "N" { given[$2]; next }
  $1 == "U" { up[$2] = $3; next }
  $1 == "A" && NF == 3 { account[$2 " " $3]; next }
  $1 == "K" && NF == 3 { key[$2 " " $3]; next }
  $1 == "S" && NF == 3 { hash[$2] = $3; next }
  $1 == "P" && NF == 2 { port[$2]; next }
  $1 == "C" && NF == 3 { certificate[$3] = $2; next }

  function keep(what, list,   each) { for (each in list) print what, each > state }
  function series(metric, type, help) { print "# HELP " metric " " help > prom; print "# TYPE " metric " " type > prom }

  END {
    # What let people in, compared with what was known of it: at the first time nothing is new.
    if (up["accounts"]) {
      if ("accounts" in known) for (each in account) {
        split(each, word, " ")
        if (word[2] == "login" && !(each in wasAccount) && !(word[1] in ordered)) event("account_added", "account " word[1])
      }
      keep("account", account)
    } else keep("account", wasAccount)
    if (up["keys"]) {
      if ("keys" in known) for (each in key) {
        split(each, word, " ")
        if (!(each in wasKey) && !(word[2] in given)) { counted("key_added"); told[++tells] = now " key_added a key of " word[1] ": " word[2] }
      }
      keep("key", key)
    } else keep("key", wasKey)
    if (up["sshd"]) for (each in hash) {
      if (each in wasHash && wasHash[each] != hash[each]) event(each, each == "host_key_changed" ? "the host keys of sshd are others" : "the configuration of sshd is another")
      wasHash[each] = hash[each]
    }
    for (each in wasHash) print "hash", each, wasHash[each] > state
    if (up["ports"]) {
      for (each in port) since[each] = each in wasPort ? wasPort[each] : ("ports" in known) ? now : 0
      for (each in since) print "port", each, since[each] > state
    }
    else for (each in wasPort) print "port", each, wasPort[each] > state

    # The journal. More than one run reads is not read to its end, and so not fresh.
    whole = ended_with["entries"] == "0" && entries < ${MOST_ENTRIES}
    up["journal"] = (is["cursor"] == "" ? newest != "" : ended_with["entries"] == "0" || entries > 0) ? 1 : 0
    if (cursor == "") cursor = is["cursor"] != "" ? is["cursor"] : newest
    if (errorCursor == "") errorCursor = is["errors"] != "" ? is["errors"] : newest
    if (errors >= ${MOST_ERRORS} && newest != "") errorCursor = newest
    if (cursor != "") print "cursor", cursor > state
    if (errorCursor != "") print "errors", errorCursor > state
    if (ended == "") ended = is["ended"]
    if (is["boot"] != "" && is["boot"] != boot) {
      if (!(up["journal"] && whole)) boot = is["boot"]
      else if (ended != is["boot"]) event("unexpected_reboot", "it was started again without having been shut down")
    }
    print "boot", boot > state
    if (ended == boot) print "ended", ended > state

    series("${SENSORS_READ_METRIC}", "gauge", "When the sensors of this guest were last read.")
    print "${SENSORS_READ_METRIC} " now > prom
    series("${EVENT_METRICS.up}", "gauge", "Whether this sensor could be read.")
    for (i = 1; i <= sensors; i++) print "${EVENT_METRICS.up}{sensor=\"" sensor[i] "\"} " up[sensor[i]] + 0 > prom
    series("${EVENT_METRICS.success}", "gauge", "When this sensor was last read to its end.")
    for (i = 1; i <= sensors; i++) {
      each = sensor[i]
      if (up[each] && (each != "journal" || whole || is["cursor"] == "")) success[each] = now
      if (up[each] || each in known) print "known", each > state
      print "success", each, success[each] + 0 > state
      print "${EVENT_METRICS.success}{sensor=\"" each "\"} " success[each] + 0 > prom
    }
    series("${EVENT_METRICS.total}", "counter", "What has happened in this guest.")
    for (i = 1; i <= events; i++) {
      print "count", name[i], count[name[i]] > state
      print "${EVENT_METRICS.total}{event=\"" name[i] "\"} " count[name[i]] > prom
    }
    series("${EVENT_METRICS.last}", "gauge", "When it was last noticed.")
    for (i = 1; i <= events; i++) if (last[name[i]] + 0 > 0) {
      print "last", name[i], last[name[i]] > state
      print "${EVENT_METRICS.last}{event=\"" name[i] "\"} " last[name[i]] > prom
    }
    series("${EVENT_METRICS.port}", "gauge", "Since when somebody listens at a TCP port for whom nobody has ordered it.")
    for (each in since) print "${EVENT_METRICS.port}{port=\"" each "\"} " since[each] > prom
    series("${EVENT_METRICS.certificate}", "gauge", "When the certificate in this file ends.")
    for (each in certificate) print "${EVENT_METRICS.certificate}{path=\"" each "\"} " certificate[each] > prom
    print "end" > state

    lines = 0
    for (i = tells; i > 0 && lines < ${EXCERPT.lines}; i--) { split(told[i], word, " "); if (ofEach[word[2]]++ < ${EXCERPT.ofEach}) chosen[++lines] = told[i] }
    for (i = lines; i > 0; i--) print chosen[i] > excerpt
    close(state); close(prom); close(excerpt)
  }
`;
