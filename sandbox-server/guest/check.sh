# Helpers for checks of steps, for sh and bash:  . /opt/etabli/check.sh
#
# A check ends in one of three ways (docs/protocol.md §4): `pass` (exit 0), `fail` (exit 10) with a sentence for the learner, or anything
# else, which means that the check broke and is never blamed on the learner. A helper that meets something unexpected breaks the check, even
# from inside $( ) or a condition; so does a check that comes to its end having said neither `pass` nor `fail`. docs/author/checks.md explains.
#
#   pass                                   the step is done
#   fail "français" "english" [hint N]     it is not: one sentence that says what is not right yet, and the hint (from 1) that helps
#   broken "detail"                        the check cannot tell
#
#   file_exists F      dir_exists D      file_contains F REGEX      file_equals F TEXT      file_mode F 644      same_content F G
#   excerpt F [REGEX]  prints the first line of F (that matches), short enough for a sentence
#   matches TEXT REGEX some line of the text matches
#   ran REGEX          a command of the learner's shells that matches (extended regex) and ended with 0
#   ran_any REGEX      … whatever its exit code             ran_failed REGEX   … and the last such command did not end with 0
#   has_failed REGEX   … and some such command ended with another code than 0
#   ran_after A B      a command that matches B ended with 0 after one that matches A did
#   printed REGEX [BY] a command (that matches BY) printed a line that matches; of long outputs the beginning and the end are known
#   commands           all commands, oldest first, one a line: exit code, tab, command
#   last_command REGEX prints the last one that matches, short enough for a sentence
#
#   quiz_right ID      that quiz of the lesson has been answered rightly; without an id of its own, its number
#
#   process_runs REGEX a program runs whose command line matches (which_process REGEX prints it); those of the check do not count
#   port_open PORT     something listens on it              port_answers PORT REGEX [/path]   GET is answered with a line that matches
#
#   is_sif F           F is a SIF file that can be read; to be asked before those below
#   sif_label F KEY    sif_labels F (JSON)      sif_definition F   sif_runscript F   sif_test F   sif_help F   sif_environment F   print
#   sif_partitions F   number of partitions     sif_arch F         sif_size F (bytes)             sif_id F                        print
#   sif_descriptors F  every part, one a line: id, tab, bytes, tab, type as `apptainer sif list` names it
#   sif_signed F       holds a signature        sif_built_here F   made in this sandbox, not brought in ready-made
#   sif_signers F      fingerprints of the keys that signed it, as the signatures claim
#   sif_verified F [FINGERPRINT]   every signature holds, with the public keys that the sandbox has; and one is by that key
#   sif_at_most F N    N bytes, or fewer        readable_size N    prints bytes as KiB or MiB
#   sif_built_from F DEF   its definition is DEF's text (spaces at line ends and empty lines do not count)
#   instance_running NAME  instance_image NAME (prints)   registry_has NAME:TAG (NAME with the learner's name: "$LEARNER/x")
#
# Everything else in a check should be as quick: under half a second. `apptainer sif` reads a file in 20 ms; starting a container takes 100.

set -eu
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
# Messages of the tools are parsed: they must not depend on the learner's language.
LC_ALL=C.UTF-8
export PATH LC_ALL
: "${ETABLI_LANG:=fr}"

_verdict=
# $$ is the check's own process, in a subshell too: the signals let a subshell end the whole check.
trap '_verdict=fail; exit 10' USR1
trap '_verdict=broken; exit 70' USR2
trap '_code=$?; if [ -z "$_verdict" ]; then echo "the check ended with $_code and said neither pass nor fail" >&2; exit 70; fi' EXIT

broken() {
	echo "check broken: $*" >&2
	_verdict=broken
	kill -USR2 $$
	exit 70
}

pass() {
	_verdict=pass
	exit 0
}

fail() {
	[ $# -ge 2 ] || broken "fail needs a French and an English sentence"
	if [ "$ETABLI_LANG" = en ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
	if [ "${3:-}" = hint ]; then printf 'hint: %s\n' "${4:?the number of the hint}"; fi
	_verdict=fail
	kill -USR1 $$
	exit 10
}

# --- history: standard input is read once, here
# Fields: exit code ("-" when unknown), ms, terminal, folder, command, what it printed (in some checks); a command on several lines
# becomes one line.
_history=$(awk -F '\t' 'NF >= 5 {
	command = $5
	gsub(/\\\\/, "\001", command); gsub(/\\[ntr]/, " ", command); gsub(/\001/, "\\", command)
	print $1 "\t" command (NF > 5 ? "\t" $6 : "") }')

commands() { [ -z "$_history" ] || printf '%s\n' "$_history" | cut -f 1,2; }

# One engine for all regular expressions: grep -E. What grep cannot read breaks the check.
matches() {
	local code=0
	printf '%s\n' "$1" | grep -Ea -e "$2" >/dev/null || code=$?
	[ $code -le 1 ] || broken "grep -E $2 ended with $code"
	return $code
}
# Of the commands that match: number, tab, exit code.
_ended() {
	local code=0 found
	found=$(commands | cut -f 2 | grep -nEa -e "$1") || code=$?
	case $code in 0) ;; 1) return 0 ;; *) broken "grep -E $1 ended with $code" ;; esac
	{ printf '%s\n' "$found" | cut -d : -f 1; echo; commands; } |
		awk -F '\t' '!NF { listed = 1; next } !listed { want[$1]; next } ++n in want { print n "\t" $1 }'
}
# awk over what `_ended` says; 3 is ours for "no", so that awk's own failures (1, 2) break the check.
_ask() {
	local code=0 ended
	ended=$(_ended "$1")
	[ -n "$ended" ] || return 1
	printf '%s\n' "$ended" | awk -F '\t' "$2" || code=$?
	case $code in 0) return 0 ;; 3) return 1 ;; *) broken "history: awk ended with $code" ;; esac
}
ran() { _ask "$1" '$2 == 0 { hit = 1 } END { exit hit ? 0 : 3 }'; }
ran_any() { _ask "$1" '{ hit = 1 } END { exit hit ? 0 : 3 }'; }
ran_failed() { _ask "$1" '{ last = $2 } END { exit last != 0 && last != "-" ? 0 : 3 }'; }
has_failed() { _ask "$1" '$2 != 0 && $2 != "-" { hit = 1 } END { exit hit ? 0 : 3 }'; }
ran_after() {
	local first
	first=$(_ended "$1" | awk -F '\t' '$2 == 0 { print $1; exit }')
	[ -n "$first" ] || { matches '' "$2" || true; return 1; }
	_ask "$2" '$2 == 0 && $1 > '"$first"' { hit = 1 } END { exit hit ? 0 : 3 }'
}
# What the commands (that match) printed, line by line.
_output() {
	local which=
	[ -z "${1:-}" ] || which=$(_ended "$1" | cut -f 1)
	[ -z "${1:-}" ] || [ -n "$which" ] || return 0
	{ printf '%s\n' "${which:-all}"; echo; printf '%s\n' "$_history"; } | awk -F '\t' '
		!NF { listed = 1; next }
		!listed { if ($1 == "all") every = 1; else want[$1]; next }
		{ n++ }
		NF > 2 && (every || n in want) {
			text = $3
			gsub(/\\\\/, "\001", text); gsub(/\\n/, "\n", text); gsub(/\\t/, "\t", text); gsub(/\\r/, "", text); gsub(/\001/, "\\", text)
			print text
		}'
}
printed() { matches "$(_output "${2:-}")" "$1"; }
last_command() { commands | cut -f 2 | grep -Ea -e "$1" | tail -n 1 | _short; }
_short() { tr -d '\000-\010\013-\037' | awk '{ print (length($0) > 60 ? substr($0, 1, 59) "…" : $0); exit }'; }

# Ids of quizzes that have been answered rightly come in ETABLI_QUIZZES.
quiz_right() { case " ${ETABLI_QUIZZES:-} " in *" $1 "*) return 0 ;; esac; return 1; }

# --- files
file_exists() { [ -f "$1" ]; }
dir_exists() { [ -d "$1" ]; }
file_contains() {
	local code=0
	[ -f "$1" ] && [ -r "$1" ] || return 1
	grep -Eq -e "$2" -- "$1" || code=$?
	[ $code -le 1 ] || broken "grep $2 $1 ended with $code"
	return $code
}
# Line ends at the end do not count.
file_equals() { [ -f "$1" ] && [ -r "$1" ] && [ "$(tr -d '\000' < "$1")" = "$(printf '%s' "$2")" ]; }
excerpt() {
	[ -f "$1" ] && [ -r "$1" ] || return 0
	grep -Ea -m 1 -e "${2:-[^[:space:]]}" -- "$1" | _short || true
}
file_mode() { [ -e "$1" ] && [ "$(stat -c %a -- "$1")" = "$2" ]; }
same_content() { [ -f "$1" ] && [ -f "$2" ] && cmp -s -- "$1" "$2"; }

# --- SIF files: `apptainer sif` reads them without starting anything
is_sif() {
	local ends
	[ -f "$1" ] && [ -r "$1" ] && [ "$(dd if="$1" bs=1 skip=32 count=9 2>/dev/null | tr -d '\0')" = SIF_MAGIC ] || return 1
	if ends=$(apptainer sif list "$1" 2>/dev/null); then
		# A download that was cut short has a good header and less behind it than that says.
		[ "$(stat -c %s -- "$1")" -ge "$(printf '%s\n' "$ends" | awk -F '[|-]' '$1 ~ /^[0-9]/ && $5 + 0 > end { end = $5 + 0 } END { print end + 0 }')" ]
		return
	fi
	apptainer --version >/dev/null 2>&1 || broken "apptainer does not start"
	return 1
}
_sif() { apptainer sif "$@" 2>/dev/null || broken "apptainer sif $*"; }
# ids of the descriptors of a type
_sif_ids() { _sif list "$1" | awk -F '|' -v type="$2" 'index($5, type) == 1 { print $1 + 0 }'; }
_sif_header() { _sif header "$1" | sed -n "s/^$2: *//p"; }
# What `inspect` shows: {"labels", "runscript", "deffile", …}. It is one of the JSON parts.
_sif_metadata() {
	local id found
	for id in $(_sif_ids "$1" JSON.Generic); do
		found=$(_sif dump "$id" "$1" | jq -c '.data.attributes // empty') || broken "JSON part $id of $1"
		if [ -n "$found" ]; then printf '%s' "$found"; return 0; fi
	done
	echo '{}'
}
_sif_attribute() {
	local metadata
	metadata=$(_sif_metadata "$1")
	printf '%s' "$metadata" | jq -r --arg key "$2" '.[$key] // empty' || broken "metadata of $1"
}
sif_labels() {
	local metadata
	metadata=$(_sif_metadata "$1")
	printf '%s' "$metadata" | jq -c '.labels // {}' || broken "labels of $1"
}
sif_label() {
	local labels
	labels=$(sif_labels "$1")
	printf '%s' "$labels" | jq -r --arg key "$2" '.[$key] // empty' || broken "labels of $1"
}
sif_definition() { _sif_attribute "$1" deffile; }
sif_runscript() { _sif_attribute "$1" runscript; }
sif_test() { _sif_attribute "$1" test; }
sif_help() { _sif_attribute "$1" helpfile; }
sif_environment() {
	local metadata
	metadata=$(_sif_metadata "$1")
	printf '%s' "$metadata" | jq -r '.environment // {} | .[]' || broken "environment of $1"
}
sif_partitions() { _sif_ids "$1" FS | wc -l; }
sif_arch() { _sif_header "$1" 'Primary Architecture'; }
sif_id() { _sif_header "$1" ID; }
sif_at_most() { [ "$(sif_size "$1")" -le "$2" ]; }
readable_size() {
	awk -v bytes="$1" 'BEGIN {
		if (bytes < 1048576) { print int((bytes + 1023) / 1024) " KiB"; exit }
		text = sprintf("%.1f", bytes / 1048576); sub(/\.0$/, "", text); print text " MiB" }'
}
sif_size() { stat -c %s -- "$1"; }
sif_descriptors() { _sif list "$1" | awk -F '|' '$1 + 0 > 0 { split($4, at, "-"); sub(/^ +/, "", $5); sub(/ +$/, "", $5); print $1 + 0 "\t" at[2] - at[1] "\t" $5 }'; }
sif_signers() {
	local id
	for id in $(_sif_ids "$1" Signature); do _sif info "$id" "$1" | sed -n 's/^ *Entity: *//p'; done | sort -u
}
# With the learner's own keyring, and no key server: there is none to be asked.
sif_verified() {
	local report
	report=$(apptainer verify --local --all --json "$1" 2>/dev/null) || return 1
	[ -z "${2:-}" ] || printf '%s' "$report" | jq -e --arg key "$2" 'any(.SignerKeys[]?.Signer; .DataCheck and (.Fingerprint | ascii_upcase) == ($key | ascii_upcase))' >/dev/null
}
sif_signed() { [ -n "$(_sif_ids "$1" Signature)" ]; }
sif_built_here() {
	local created age
	created=$(date -u -d "$(_sif_header "$1" 'Created At' | sed 's/ +0000 UTC$/ UTC/')" +%s) || broken "date of $1"
	age=$(ps -o etimes= -p 1) || broken "age of the sandbox"
	# The header counts whole seconds, and so does the sandbox's age: 2 s of doubt.
	[ "$created" -ge $(($(date +%s) - age - 2)) ]
}
_plain() { sed 's/[[:space:]]*$//; /^$/d'; }
sif_built_from() {
	local inside
	[ -f "$2" ] || return 1
	inside=$(sif_definition "$1" | _plain)
	# Apptainer writes the header's keywords in small letters when it pulls, and as they stand when it builds.
	[ "$inside" = "$(_plain < "$2")" ]
}

# --- what runs, what has been pushed
_need() { command -v "$1" >/dev/null || broken "this image has no $1: add the package $2 to its Dockerfile"; }
# Command lines of what runs, but for the first process and for the check's own, which have a session of their own.
_processes() {
	_need ps procps
	ps -eo pid=,sid=,stat=,args= | awk -v own="$(ps -o sid= -p $$)" '$1 != 1 && $2 != own + 0 && $3 !~ /^Z/ { sub(/^ *[0-9]+ +[0-9]+ +[^ ]+ +/, ""); print }'
}
process_runs() { matches "$(_processes)" "$1"; }
which_process() { _processes | grep -Ea -m 1 -e "$1" | _short; }
_listens() {
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port="$(printf '%04X' "$1")" '{ split($2, place, ":") } $4 == "0A" && place[2] == port { hit = 1 } END { exit !hit }'
}
# A server that has been started this very moment may listen a little later.
port_open() { _listens "$1" || { sleep 0.15; _listens "$1"; } || { sleep 0.15; _listens "$1"; }; }
# The first 64 KiB of what GET is answered, whatever the status.
_get() {
	_need curl curl
	curl -s --noproxy '*' --max-time 2 "http://127.0.0.1:$1${2:-/}" | head -c 65536 | tr -d '\000'
}
port_answers() { matches "$(_get "$1" "${3:-/}")" "$2"; }
port_says() { _get "$1" "${2:-/}" | grep -Ea -m 1 '[^[:space:]]' | _short || true; }
instance_image() {
	local list
	list=$(apptainer instance list --json 2>/dev/null) || broken "apptainer instance list"
	printf '%s' "$list" | jq -r --arg name "$1" '[.instances[]? | select(.instance == $name) | .img | sub(".*/"; "")][0] // ""' || broken "apptainer instance list"
}
instance_running() {
	local list
	list=$(apptainer instance list --json 2>/dev/null) || broken "apptainer instance list"
	list=$(printf '%s' "$list" | jq -r '.instances[]?.instance') || broken "apptainer instance list"
	printf '%s\n' "$list" | grep -Fqx -e "$1"
}
registry_has() {
	local code
	code=$(curl -s -o /dev/null -w '%{http_code}' --max-time 3 -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
		-H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "http://localhost:5000/v2/${1%:*}/manifests/${1##*:}") ||
		broken "the registry does not answer"
	case $code in 200) return 0 ;; 401 | 403 | 404) return 1 ;; *) broken "the registry answered $code" ;; esac
}
