# Helpers for checks of steps, for sh and bash:  . /opt/etabli/check.sh
#
# A check ends in one of three ways (docs/protocol.md §4): `pass` (exit 0), `fail` (exit 10) with a sentence for the learner, or anything
# else, which means that the check broke and is never blamed on the learner. A helper that meets something unexpected breaks the check, even
# from inside $( ) or a condition; so does a check that comes to its end having said neither `pass` nor `fail`. docs/author/checks.md explains.
# (Over 400 lines: checks read one file, and each helper is short.)
#
#   pass                                   the step is done; in a pipe, ( ) or $( ) it breaks the check
#   fail "français" "english" [hint N]     it is not: one sentence that says what is not right yet, and the hint (from 1) that helps
#   broken "detail"                        the check cannot tell
#
#   file_exists F      dir_exists D      file_contains F REGEX      file_equals F TEXT      file_mode F 644      same_content F G
#   strayed F          prints where a file F lies that was made elsewhere, at home or in /tmp (~/F); nothing when F is where it belongs
#   lesson_folder      prints the folder of the lesson as one types it (~/01-first)
#   excerpt F [REGEX]  prints the first line of F (that matches), short enough for a sentence
#   matches TEXT REGEX some line of the text matches
#   as_regex TEXT      prints a REGEX that matches this text: "$(as_regex "$CLUSTER_SCRATCH")"
#   ran REGEX          a command of the learner's shells that matches (extended regex) and ended with 0
#   ran_any REGEX      … whatever its exit code             ran_failed REGEX   … and the last such command did not end with 0
#   has_failed REGEX   … and some such command ended with another code than 0
#   ran_after A B      a command that matches B ended with 0 after one that matches A did
#   printed REGEX [BY] a command (that matches BY) printed a line that matches; of long outputs the beginning and the end are known
#   commands           all commands, oldest first, one a line: exit code, tab, command
#   last_command REGEX prints the last one that matches, short enough for a sentence; whole_command REGEX prints all of it
#   last_matches A B   the last command that matches A matches B too: what was tried last counts, not what was tried once
#   apptainer_call SUB prints a REGEX: apptainer (or singularity) SUB as a command, not as a word of another one
#   shell_writes COMMAND FILE   in COMMAND it is the learner's own shell that writes FILE: the redirection stands outside of all quotes
#
#   def_section F NAME prints the lines of that section of a recipe, comments left out; "no" when there is none. %Post is %post.
#   def_header F KEY   prints the values of that keyword of its headers (From, Bootstrap)
#
#   cluster_says NAME VALUE   VALUE is what the operator's cluster profile has for NAME (partition); any value where it has none
#
#   quiz_right ID      that quiz of the lesson has been answered rightly; without an id of its own, its number
#
#   process_runs REGEX a program runs whose command line matches (which_process REGEX prints it); those of the check do not count
#   port_open PORT     something listens on it              port_answers PORT REGEX [/path]   GET is answered with a line that matches
#   port_says PORT [/path]   prints the first line of that answer, short enough for a sentence
#
#   is_sif F           F is a SIF file that can be read; to be asked before those below
#   sif_label F KEY    sif_labels F (JSON)      sif_definition F   sif_runscript F   sif_test F   sif_help F   sif_environment F   print
#                      of scripts without comments, and without what Apptainer itself adds
#   sif_partitions F   number of partitions     sif_arch F         sif_size F (bytes)             sif_id F                        print
#   sif_descriptors F  every part, one a line: id, tab, bytes, tab, type as `apptainer sif list` names it
#   sif_signed F       holds a signature        sif_built_here F   made in this sandbox, not brought in ready-made
#   sif_signers F      fingerprints of the keys that signed it, as the signatures claim
#   sif_verified F [FINGERPRINT]   every signature holds, with the public keys that the sandbox has; and one is by that key
#   sif_at_most F N    N bytes, or fewer        readable_size N    prints bytes as KiB or MiB
#   sif_built_from F DEF   its definition is DEF's text (spaces at line ends, empty lines, what stands before the header do not count;
#                      a {{ variable }} of DEF may have any value)
#   instance_running NAME  instance_image NAME (prints)   registry_has NAME:TAG (NAME with the learner's name: "$LEARNER/x")
#
#   job NAME [WHAT VALUE]…   a job of the learner's cluster whose name matches the REGEX, and of which all of this is so, at once:
#                      state COMPLETED (several words: one of them), over yes (it has ended), exit 3, nodes 2 (or more), lasted 5 (seconds, or
#                      more), tasks 4 (so many tasks of one array are so, or more), script REGEX (as it was submitted), kept yes (no other
#                      has written its output file since), output REGEX (and kept),
#                      dependency REGEX (what a job that has not begun waits for, as Slurm writes it: afterok:4(failed)),
#                      after REGEX (it waited for the newest job of such a name, and was free to begin when all its tasks had ended)
#   job_says NAME [WHAT VALUE]… SAY   prints that of the newest such job: id, state, exit, nodes, lasted, output (its file), excerpt (of that file)
#                      Where Slurm does not answer both end the check with a sentence that says so.
#   on_host NODE COMMAND…   runs it on that node of the learner's cluster, in the lesson's folder: on_host c1 test -e /tmp/note. What it prints and its
#                      exit code are the command's; helpers are none of the node's. No job, and Slurm need not answer
#
# Everything else in a check should be as quick: under half a second. `apptainer sif` reads a file in 20 ms; starting a container takes 100.

set -eu
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
# Messages of the tools are parsed: they must not depend on the learner's language.
LC_ALL=C.UTF-8
export PATH LC_ALL
: "${ETABLI_LANG:=fr}"

# bash tells what does not exist: a helper misspelt would else count as "no", and the learner be told for ever that the step is not done.
# A script is read from a file that the agent holds open.
case "${BASH_VERSION:-}$0" in /dev/fd/* | /proc/self/fd/*) [ ! -x /bin/bash ] || exec /bin/bash -O xpg_echo "$0" "$@" ;; esac
command_not_found_handle() { broken "there is no helper and no program called $1"; }

_verdict=
# $$ is the check's own process, in a subshell too: the signals let a subshell end the whole check. None makes it pass: the learner's
# programs could send it. That `fail` has spoken stands in a nameless file (behind what is read of it), or
# pipe: what a here-document is made of.
exec 8<<''
begun

read -r _ <&8
trap 'read -r _verdict <&8 || broken "it got a signal USR1 that no fail has sent"; exit 10' USR1
trap '_verdict=broken; exit 70' USR2
trap '_code=$?; if [ -z "$_verdict" ]; then echo "the check ended with $_code and said neither pass nor fail" >&2; exit 70; fi' EXIT

broken() {
	echo "check broken: $*" >&2
	_verdict=broken
	kill -USR2 $$
	exit 70
}

_in_own_shell() { # not in a subshell
	local self rest
	read -r self rest </proc/self/stat
	[ "$self" = $$ ]
}

pass() {
	_in_own_shell || broken 'pass stands in a pipe, in ( ) or in $( ), from where it cannot end the check'
	_verdict=pass
	exit 0
}

fail() {
	case $# in
	2) ;;
	4) [ "$3" = hint ] && case $4 in '' | 0* | *[!0-9]*) false ;; esac || broken "behind its two sentences, fail takes: hint NUMBER; it was given: $3 $4" ;;
	*) broken "fail needs a French and an English sentence, each between quotes, and perhaps: hint NUMBER; it was given $# words" ;;
	esac
	if [ "$ETABLI_LANG" = en ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
	if [ "${3:-}" = hint ]; then printf 'hint: %s\n' "$4"; fi
	_verdict=fail
	_in_own_shell || { echo fail >>/proc/$$/fd/8; kill -USR1 $$; }
	exit 10
}

# A bound is for what hangs. On a machine that has too much to do the check's own is longer (docs/protocol.md §4), and so are those in it.
timeout() {
	local seconds=$1
	case $seconds in
	'' | *[!0-9]*) ;; # options: as they stand
	*)
		shift
		set -- $((seconds * ${ETABLI_PATIENCE:-1})) "$@"
		;;
	esac
	command timeout "$@"
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
as_regex() { printf '%s\n' "$1" | sed 's/[].[\\*^$+?(){}|]/\\&/g'; }
cluster_says() {
	local wanted
	case " ${CLUSTER_PROFILE:-} " in *" $1 "*) ;; *) [ -n "$2" ]; return ;; esac
	wanted=$(printenv "CLUSTER_$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')") || broken "a cluster profile has no name $1"
	[ "$2" = "$wanted" ]
}
# Each command twice, one under the other: as it was typed, and with apptainer's present name in place of its old one.
_by_both_names() { commands | cut -f 2 | sed -nE 'p; s/(^|[;&|({! ])singularity( |$)/\1apptainer\2/g; p'; }
# Of the commands that match: number, tab, exit code.
_ended() {
	local code=0 found
	found=$(_by_both_names | grep -nEa -e "$1") || code=$?
	case $code in 0) ;; 1) return 0 ;; *) broken "grep -E $1 ended with $code" ;; esac
	{ printf '%s\n' "$found" | cut -d : -f 1; echo; commands; } |
		awk -F '\t' '!NF { listed = 1; next } !listed { want[int(($1 + 1) / 2)]; next } ++n in want { print n "\t" $1 }'
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
whole_command() {
	matches '' "$1" || true # a pattern that grep cannot read breaks the check
	local last
	last=$(_ended "$1" | tail -n 1 | cut -f 1)
	[ -z "$last" ] || commands | cut -f 2 | sed -n "${last}p"
}
last_command() { whole_command "$1" | _short; }
last_matches() {
	local last
	last=$(whole_command "$1")
	matches "$last" "$2" && [ -n "$last" ]
}
# At the beginning of a line or behind a separator, with variables and options between; the old name counts too.
apptainer_call() {
	printf '(^|[;&|({!] *|(then|do|else|time|exec|env|sudo) +)([A-Za-z_][A-Za-z0-9_]*=[^ ]* +)*(apptainer|singularity)( +-[^ ]+)* +%s( |$)' "$1"
}
shell_writes() {
	local bare
	bare=$(printf '%s' "$1" | sed "s/'[^']*'//g; s/\"[^\"]*\"//g")
	matches "$bare" ">[|&>]* *[^ ]*$(printf '%s' "$2" | sed 's/[][\\.*^$+?(){}|]/\\&/g')([ ;&|)]|\$)"
}
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
strayed() {
	[ ! -e "$1" ] || return 0
	# What is older than the lesson's own folder is another lesson's.
	if [ -f ~/"$1" ] && [ ! . -nt ~/"$1" ]; then printf '~/%s\n' "$1"; elif [ -f "/tmp/$1" ] && [ ! . -nt "/tmp/$1" ]; then printf '/tmp/%s\n' "$1"; fi
}
lesson_folder() { case $PWD in "$HOME"/*) printf '~%s\n' "${PWD#"$HOME"}" ;; *) printf '%s\n' "$PWD" ;; esac; }
file_mode() { [ -e "$1" ] && [ "$(stat -c %a -- "$1")" = "$2" ]; }
same_content() { [ -f "$1" ] && [ -f "$2" ] && cmp -s -- "$1" "$2"; }

# --- recipes. Section names and keywords of headers know no case.
def_section() {
	local code=0
	[ -f "$1" ] && [ -r "$1" ] || return 1
	awk -v want="%$(printf '%s' "$2" | tr '[:upper:]' '[:lower:]')" '
		/^%[A-Za-z]/ { name = tolower($1); inside = name == want; found = found || inside; next }
		/^[ \t]*[Bb][Oo][Oo][Tt][Ss][Tt][Rr][Aa][Pp][ \t]*:/ { inside = 0 }
		inside && !/^[ \t]*(#|$)/ { print }
		END { exit found ? 0 : 3 }' "$1" || code=$?
	case $code in 0) return 0 ;; 3) return 1 ;; *) broken "recipe $1: awk ended with $code" ;; esac
}
def_header() {
	[ -f "$1" ] && [ -r "$1" ] || return 1
	awk -v key="$(printf '%s' "$2" | tr '[:upper:]' '[:lower:]')" '
		/^%[A-Za-z]/ { section = 1 }
		/^[ \t]*[Bb][Oo][Oo][Tt][Ss][Tt][Rr][Aa][Pp][ \t]*:/ { section = 0 }
		!section { colon = index($0, ":"); word = tolower(substr($0, 1, colon - 1)); gsub(/[ \t]/, "", word)
			if (word == key) { value = substr($0, colon + 1); sub(/^[ \t]+/, "", value); sub(/[ \t\r]+$/, "", value); print value } }' "$1" ||
		broken "recipe $1"
}

# --- jobs of the learner's cluster: what slurmctld remembers of them, which is all since the cluster's first start
# One line each, oldest first: id, id of its array (or its own), name, state, exit code, nodes, seconds, submitted, free to begin, began, ended, what it
# waits for, "over" if another has written its output file since, output file.
_job_table=
_read_jobs() {
	[ -z "$_job_table" ] || return 0
	local said last
	port_open 6817 && said=$(timeout 5 scontrol --oneliner show job 2>/dev/null) ||
		fail 'Slurm ne répond pas : `cluster status` dit pourquoi, `cluster restart` le relance.' \
			'Slurm does not answer: `cluster status` says why, `cluster restart` starts it again.'
	# What a reset has forgotten (cluster forget).
	last=$(cat ~/.cluster/forgotten 2>/dev/null) || last=0
	_job_table=$(printf '%s\n' "$said" | awk -v last="$last" '
		function value(key) {
			if (!match($0, "(^| )" key "=")) return ""
			key = substr($0, RSTART + RLENGTH)
			sub(/ [A-Z][A-Za-z:\/&]*=.*/, "", key)
			gsub(/\t/, " ", key); sub(/ +$/, "", key)
			return key
		}
		function seconds(time, part, n) {
			n = split(time, part, /[-:]/)
			return n < 3 ? 0 : part[n] + 60 * part[n - 1] + 3600 * part[n - 2] + (n > 3 ? 86400 * part[1] : 0)
		}
		/^JobId=/ && value("JobId") + 0 > last + 0 {
			code = value("ExitCode"); sub(/:.*/, "", code)
			array = value("ArrayJobId")
			print value("JobId") "\t" (array ? array : value("JobId")) "\t" value("JobName") "\t" value("JobState") "\t" code "\t" value("NumNodes") + 0 "\t" \
				seconds(value("RunTime")) "\t" value("SubmitTime") "\t" value("EligibleTime") "\t" value("StartTime") "\t" value("EndTime") "\t" \
				value("Dependency") "\t" value("StdOut")
		}' | sort -t '	' -k 8,8 -k 1,1n | awk -F '\t' '
		{ row[NR] = $0; file[NR] = $13 }
		$4 != "PENDING" && !($4 == "CANCELLED" && $7 == 0) && (!($13 in writer) || $10 >= began[$13]) { writer[$13] = NR; began[$13] = $10 }
		END { for (n = 1; n <= NR; n++) { sub(/\t[^\t]*$/, "", row[n]); print row[n] "\t" (writer[file[n]] > n ? "over" : "its own") "\t" file[n] } }') ||
		broken 'jobs of Slurm'
	[ -n "$_job_table" ] || _job_table=none
}
# Those of the lines whose column matches.
_rows_where() {
	local code=0 lines rows
	rows=$(cat)
	lines=$(printf '%s\n' "$rows" | cut -s -f "$1" | grep -nEa -e "$2") || code=$?
	[ $code -le 1 ] || broken "grep -E $2 ended with $code"
	[ -z "$lines" ] || { printf '%s\n' "$lines" | cut -d : -f 1; echo; printf '%s\n' "$rows"; } | awk '!NF { listed = 1; next } !listed { want[$1]; next } ++n in want'
}
_jobs_called() { printf '%s\n' "$_job_table" | _rows_where 3 "$1"; }
# As slurmctld keeps it beside its record, for all tasks of an array: it would take ten times as long to answer.
_job_script() {
	local kept=/tmp/.cluster/state/hash.$(($1 % 10))/job.$1/script
	[ -r "$kept" ] && tr -d '\000' <"$kept"
}
# Those of the lines that have a script, or an output, with a line that matches. A script is asked for once for all tasks of an array.
_jobs_with() {
	local id array file rest text hit seen=' '
	while IFS='	' read -r id array rest; do
		[ -n "$id" ] || continue
		if [ "$1" = script ]; then
			case $seen in
			*" $array:"*) hit=${seen##* $array:} hit=${hit%% *} ;;
			*)
				hit=no
				text=$(_job_script "$array" || timeout 5 scontrol write batch_script "$id" - 2>/dev/null) && matches "$text" "$2" && hit=yes
				seen="$seen$array:$hit "
				;;
			esac
			[ $hit = yes ] || continue
		else
			file=${rest##*	}
			# What stands there now is another one's.
			case $rest in *"	over	$file") continue ;; esac
			[ -f "$file" ] && [ -r "$file" ] || continue
			text=$(tail -c 65536 -- "$file" | tr -d '\000')
			matches "$text" "$2" || continue
		fi
		printf '%s\t%s\t%s\n' "$id" "$array" "$rest"
	done
}
# Jobs of that name of which all of this is so; a word without a value, at the end, is not looked at.
_jobs_that() {
	local rows others
	rows=$(_jobs_called "$1")
	shift
	while [ $# -gt 1 ]; do
		case $1 in
		state) rows=$(printf '%s\n' "$rows" | awk -F '\t' -v want=" $2 " 'NF && index(want, " " $4 " ")') ;;
		over) rows=$(printf '%s\n' "$rows" | awk -F '\t' 'NF && $4 !~ /^(PENDING|CONFIGURING|RUNNING|COMPLETING|SUSPENDED|REQUEUED|STAGE_OUT)$/') ;;
		exit) rows=$(printf '%s\n' "$rows" | awk -F '\t' -v want="$2" 'NF && $5 == want') ;;
		nodes) rows=$(printf '%s\n' "$rows" | awk -F '\t' -v want="$2" 'NF && $6 >= want + 0') ;;
		lasted) rows=$(printf '%s\n' "$rows" | awk -F '\t' -v want="$2" 'NF && $7 >= want + 0') ;;
		tasks) rows=$(printf '%s\n' "$rows" | awk -F '\t' -v want="$2" 'NF { row[++n] = $0; array[n] = $2; many[$2]++ } END { for (i = 1; i <= n; i++) if (many[array[i]] >= want + 0) print row[i] }') ;;
		kept) rows=$(printf '%s\n' "$rows" | awk -F '\t' 'NF && $13 != "over"') ;;
		dependency) rows=$(printf '%s\n' "$rows" | _rows_where 12 "$2") ;;
		script | output) rows=$(printf '%s\n' "$rows" | _jobs_with "$1" "$2") ;;
		after)
			# The newest of that name before it, all tasks of which had ended when it was free to begin: one that only had no room was free at once.
			others=$(_jobs_called "$2")
			rows=$({ printf '%s\n' "$others"; echo '=='; printf '%s\n' "$rows"; } | awk -F '\t' '
				$0 == "==" { listed = 1; next }
				!NF { next }
				!listed { if (!($2 in ended) || $11 > ended[$2]) ended[$2] = $11; next }
				{ newest = 0
					for (array in ended) if (array + 0 < $2 + 0 && array + 0 > newest) newest = array + 0
					if (newest && $8 <= ended[newest] && $9 ~ /^[0-9]/ && $9 >= ended[newest] && $10 >= ended[newest]) print }') ;;
		*) broken "job knows no $1" ;;
		esac
		shift 2
	done
	[ -z "$rows" ] || printf '%s\n' "$rows"
}
job() {
	[ $(($# % 2)) = 1 ] || broken "job: each question needs a value; it was given $# words"
	_read_jobs
	[ -n "$(_jobs_that "$@")" ]
}
job_says() {
	local column what row
	[ $# -gt 1 ] && [ $(($# % 2)) = 0 ] || broken "job_says: each question needs a value; it was given $# words"
	_read_jobs
	for what; do :; done
	case $what in id) column=1 ;; state) column=4 ;; exit) column=5 ;; nodes) column=6 ;; lasted) column=7 ;; output | excerpt) column=14 ;; *) broken "job_says knows no $what" ;; esac
	row=$(_jobs_that "$@" | tail -n 1 | cut -f $column)
	if [ "$what" = excerpt ]; then excerpt "$row"; else printf '%s\n' "$row"; fi
}

# The cluster's own command knows the way. 123: there is no such node; 124 is timeout's own.
on_host() {
	local node=${1:-} code=0
	[ $# -gt 1 ] || broken 'on_host needs a node and a command: on_host c1 test -e /tmp/note'
	shift
	timeout 5 /opt/etabli/cluster on "$node" "$@" || code=$?
	case $code in
	123) broken "there is no node $node" ;;
	124) broken "on_host $node $1: no answer after 5 s" ;;
	esac
	return $code
}

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
# A comment does nothing, so it is no part of what an image does: Apptainer's own licence and a line that was put out of use. The first
# line may name the interpreter.
_effective() { sed '1{/^#!/b
}
/^[[:space:]]*#/d'; }
# Of an image from Docker the two assignments are the image's; what evaluates them is the same text in all images. An image whose recipe has
# no %runscript has one that says so.
sif_runscript() {
	_sif_attribute "$1" runscript | _effective | awk '
		/^OCI_ENTRYPOINT=/ { oci = 1 }
		/^echo "There is no runscript defined for this container/ { none = 1 }
		!oci || /^OCI_(ENTRYPOINT|CMD)=/ { text = text $0 "\n" }
		END { if (!none) printf "%s", text }'
}
sif_test() { _sif_attribute "$1" test | _effective; }
sif_help() { _sif_attribute "$1" helpfile; }
sif_environment() {
	local metadata
	metadata=$(_sif_metadata "$1")
	printf '%s' "$metadata" | jq -r '.environment // {} | .[] | split("\n")[] | select(test("^\\s*(#|$)") | not)' || broken "environment of $1"
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
# Spaces at line ends and empty lines do not count, nor what stands before the header: Apptainer does not keep that.
_plain() { sed 's/[[:space:]]*$//; /^$/d' | awk '/^[ \t]*[Bb][Oo][Oo][Tt][Ss][Tt][Rr][Aa][Pp][ \t]*:/ { header = 1 } header'; }
# 0: the second text is the first one, in which {{ variables }} stand for some value each, the same all over; 3: it is not.
_same_recipe() {
	printf '%s\n\001\n%s\n' "$1" "$2" | awk '
		function literal(text) { gsub(/[][\\.*^$+?(){}|\/]/, "\\\\&", text); return text }
		$0 == "\001" { second = 1; next }
		!second { recipe[++lines] = $0; next }
		{ if (++n > lines) exit
			rest = recipe[n]; pattern = "^"; holes = 0
			while (match(rest, /\{\{[ \t]*[A-Za-z0-9_]+[ \t]*\}\}/)) {
				before = substr(rest, 1, RSTART - 1); name = substr(rest, RSTART + 2, RLENGTH - 4); gsub(/[ \t]/, "", name)
				pattern = pattern literal(before) (name in value ? literal(value[name]) : ".*"); holes++
				start = length(before); rest = substr(rest, RSTART + RLENGTH)
			}
			if ($0 !~ pattern literal(rest) "$") { different = 1; exit }
			if (holes == 1) value[name] = substr($0, start + 1, length($0) - start - length(rest))
		}
		END { exit different || n != lines ? 3 : 0 }'
}
sif_built_from() {
	local inside code=0
	[ -f "$2" ] || return 1
	# Apptainer writes the keywords of the header in small letters when it pulls, and as they stand when it builds.
	inside=$(sif_definition "$1" | _plain)
	_same_recipe "$(_plain < "$2")" "$inside" || code=$?
	case $code in 0) return 0 ;; 3) return 1 ;; *) broken "recipe $2: awk ended with $code" ;; esac
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
	curl -s --noproxy '*' --max-time 2 "http://localhost:$1${2:-/}" | head -c 65536 | tr -d '\000'
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
