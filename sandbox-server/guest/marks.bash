# What a shell tells the terminal, by marks that are not shown: where a prompt begins (OSC 133;A;clears), where typing begins (133;B), that it waits
# for the rest of a command (133;P;k=c), where a command's output begins (133;C) and with which status it ended (133;D). The command itself
# and its folder go ahead of C (633;E and 633;P;Cwd=). A shell on another terminal (tmux, screen, script) tells of each command that has
# ended in one piece, on the outer terminal (633;Inner;STATUS;FOLDER;COMMAND). docs/protocol.md has the table.
# The marks are plain output: anyone can print them, so they set checks going and never grade by themselves.
#
# Read by bashrc, and by every other bash that a learner starts (`bash`, `exec bash`, `su`, tmux): PROMPT_COMMAND is exported, and reads this
# file at the first prompt. Learners change prompts and history as they like. Each of PROMPT_COMMAND, PS1 and PS0 therefore brings the others
# back: two of them have to be replaced by one and the same command before a mark is missing.

__etabli_folder=${BASH_SOURCE[0]%/*}
__etabli_do=__etabli_prompt
# Without this file, as in a container, it does nothing. A learner's `set -x` shows nothing of it.
__etabli_hook='{ eval "${__etabli_do-. '$__etabli_folder'/marks.bash && __etabli_prompt}"; } 2>/dev/null'
# What the learner's own PROMPT_COMMAND was; patterns of their HISTIGNORE.
__etabli_theirs=
__etabli_ignored=
# A node of the learner's cluster is named ahead of the folder; \h, since HOSTNAME comes along from where a shell was started.
__etabli_host='\h'
__etabli_host=${__etabli_host@P}
[[ ${ETABLI_CLUSTER-} && $__etabli_host == c[1-8] ]] && __etabli_host+=: || __etabli_host=
__etabli_look='\[\e[1;34m\]${__etabli_host}${__etabli_place}\[\e[0m\]\$ '
# 1 from the start of a command until its end has been told. Its first prompt ends the command that started this shell.
__etabli_runs=0
__etabli_first=1
# Maps of keys that have ours.
__etabli_keyed=
# Another way to the terminal, by standard input, in sandboxes whose kernel cannot open /dev/tty (gVisor).
__etabli_way=${ETABLI_DEV_TTY-}
# For conditions in prompts, which can only expand: ${__etabli_late[N]+…} when N is 1, ${__etabli_none[…]-} counts and shows nothing.
__etabli_late=([1]=1)

# PROMPT_COMMAND was not ours any more when the last command ended: it runs us again from the next prompt on.
__etabli_again='${__etabli_late[__etabli_runs]+${__etabli_none[${PROMPT_COMMAND[99]:=__etabli_prompt}]-}}'
__etabli_ps0=$__etabli_again'${__etabli_none[__etabli_runs=1]-}$({ __etabli_started; } 2>/dev/null)'
# The same, and the marks that it has not printed.
__etabli_ps1='\[${__etabli_late[__etabli_runs]+$({ __etabli_ended $?; __etabli_begins; } 2>/dev/null)}'$__etabli_again'\]'
__etabli_typing='\[\e]133;B\a\]'
__etabli_rest='\[\e]133;P;k=c\a\]'

__etabli_outer() { # this shell's terminal is the one of the page
	[[ -z ${ETABLI_TTY-} || /dev/fd/0 -ef $ETABLI_TTY ]]
}

__etabli_escape() { # → REPLY: no control character, no ";" (VS Code's escapes: \\, \x3b, \x0a)
	REPLY=${1//\\/\\\\}
	REPLY=${REPLY//;/\\x3b}
	REPLY=${REPLY//$'\n'/\\x0a}
	REPLY=${REPLY//$'\t'/\\x09}
	REPLY=${REPLY//[[:cntrl:]]/?}
}

__etabli_typed() { # → REPLY: the command line that was typed last, number → __etabli_number; empty when no history is kept
	REPLY=
	[[ -o history ]] || return 0
	REPLY=$(HISTTIMEFORMAT='' builtin history 1)
	REPLY=${REPLY#"${REPLY%%[![:space:]]*}"}
	__etabli_number=${REPLY%%[![:digit:]]*}
	# After the number come a blank, or a star, and a blank.
	REPLY=${REPLY:${#__etabli_number}+2}
}

__etabli_started() { # in PS0's subshell, just before a command starts
	__etabli_outer || return 0
	local REPLY
	__etabli_typed
	__etabli_escape "${REPLY:0:4000}"
	builtin printf '\e]633;E;%s\a' "${REPLY#"${REPLY%%[![:space:]]*}"}"
	__etabli_escape "$PWD"
	builtin printf '\e]633;P;Cwd=%s\a\e]133;C\a' "$REPLY"
}

__etabli_ended() { # STATUS
	if __etabli_outer; then
		builtin printf '\e]133;D%s\a' "${1:+;$1}"
		return
	fi
	[[ $1 ]] || return 0
	local REPLY place
	__etabli_escape "$PWD"
	place=$REPLY
	__etabli_typed
	__etabli_escape "${REPLY:0:4000}"
	builtin printf '\e]633;Inner;%s;%s;%s\a' "$1" "$place" "${REPLY#"${REPLY%%[![:space:]]*}"}" >"$ETABLI_TTY"
}

__etabli_begins() { # [MARK]: goes out with it
	! __etabli_outer || builtin printf "${1-}"'\e]133;A;clears\a'
}

# The text of a command is that of the history: commands that the learner wants left out are in it until their end, and are then taken out.
# What bash is not to do itself it does not know by that name; `unset` and `=` still undo it.
__etabli_wishes() {
	case :${HISTCONTROL-}: in *:ignorespace:* | *:ignoreboth:*)
		HISTCONTROL=${HISTCONTROL//ignorespace/etabli-ignorespace}
		HISTCONTROL=${HISTCONTROL//etabli-etabli-/etabli-}
		HISTCONTROL=${HISTCONTROL//ignoreboth/ignoredups:etabli-ignorespace}
		;;
	esac
	if [[ ${HISTIGNORE-} ]]; then
		__etabli_ignored=$HISTIGNORE
		HISTIGNORE=
	elif [[ ! -v HISTIGNORE ]]; then
		__etabli_ignored=
	fi
}

__etabli_forget() { # takes the last command out of the history where the learner wants that
	[[ $__etabli_ignored || ${HISTCONTROL-} == *etabli-ignorespace* ]] || return 0
	local REPLY IFS=: pattern
	__etabli_typed
	[[ $REPLY ]] || return 0
	if [[ ${HISTCONTROL-} == *etabli-ignorespace* && $REPLY == [[:blank:]]* ]]; then
		builtin history -d "$__etabli_number"
		return
	fi
	set -f
	for pattern in $__etabli_ignored; do
		if [[ $REPLY == $pattern ]]; then
			builtin history -d "$__etabli_number"
			return
		fi
	done
}

# What the page says above the terminal is said here too, once: before a prompt, where no program has the screen. The file is the server's.
__etabli_notice() {
	local key ends text
	[[ -r /run/etabli/notice.${ETABLI_LANG-} ]] || return 0
	{ IFS= read -r key && IFS= read -r ends && IFS= read -r text; } <"/run/etabli/notice.$ETABLI_LANG" || return 0
	[[ $key != "${ETABLI_TOLD-}" && $ends =~ ^[0-9]+$ ]] || return 0
	export ETABLI_TOLD=$key
	((ends > EPOCHSECONDS)) || return 0
	# On a line of its own: blanks up to the edge go over it only where something stands already.
	builtin printf '%*s\r\e[K\e[1m%s\e[0m\n' $((COLUMNS > 1 ? COLUMNS - 1 : 79)) '' "${text//\{minutes\}/$(((ends - EPOCHSECONDS + 59) / 60))}"
}

# The folder's own name, at most a third of a line; the whole path is what `pwd` is for.
__etabli_where() {
	local most=$((${COLUMNS:-80} / 3))
	__etabli_place=${PWD##*/}
	[[ $PWD != "$HOME" ]] || __etabli_place='~'
	[[ $__etabli_place ]] || __etabli_place=/
	# A letter of the far East, or a picture, takes two columns; of others that are taken for such, less of the name is shown.
	local wide=${__etabli_place//[[:ascii:]À-ʯ…]/}
	[[ ! $wide ]] || most=$((most / 2))
	((${#__etabli_place} <= most)) || __etabli_place=…${__etabli_place: -most}
}

__etabli_arm() { # the prompts tell, whatever they were made
	shopt -s promptvars
	# Debian's own, from /etc/bash.bashrc or a new user's ~/.bashrc: nobody has chosen it, and it takes half of a narrow line.
	[[ ${PS1-} != *debian_chroot* ]] || PS1=$__etabli_look
	[[ ${PS0-} == *"$__etabli_ps0"* ]] || PS0=$__etabli_ps0${PS0-}
	__etabli_outer || return 0
	[[ ${PS1-} == *"$__etabli_ps1"* ]] || PS1=$__etabli_ps1${PS1-}
	[[ $PS1 == *"$__etabli_typing" ]] || PS1=${PS1//"$__etabli_typing"/}$__etabli_typing
	[[ ${PS2-} == *"$__etabli_rest"* ]] || PS2=$__etabli_rest${PS2-}
}

__etabli_take() { # PROMPT_COMMAND is ours, and exported; what it was is run from within
	[[ ${PROMPT_COMMAND[*]-} != "$__etabli_hook" ]] || return 1
	local IFS=$'\n'
	__etabli_theirs=${PROMPT_COMMAND[*]-}
	__etabli_theirs=${__etabli_theirs//"$__etabli_hook"/:}
	__etabli_theirs=${__etabli_theirs//__etabli_prompt/:}
	unset PROMPT_COMMAND
	export PROMPT_COMMAND=$__etabli_hook
}

# Keys that the page sends ahead of a command: whatever stands on the line goes, and letters are letters again (vi's command mode).
# A no-break space, which AltGr and Space give on many keyboards, is a blank. Vi's have them once somebody types as in vi: they are tables of
# 40 KB, in every shell. The first `bind` reads ~/.inputrc, which may have chosen that.
__etabli_keys() {
	local map
	for map in emacs-standard vi-insert; do
		[[ $__etabli_keyed != *$map* && ($map == emacs-standard || -o vi) ]] || continue
		__etabli_keyed+=$map
		[[ $map == emacs-standard ]] || bind -m vi-command '"\e[990~": "cc"'
		bind -m $map '"\e[990~": kill-whole-line'
		bind -m $map '"\302\240": " "'
		bind -m $map '"\342\200\257": " "'
	done
} 2>/dev/null

__etabli_prompt() { # just before each prompt
	# Names of theirs are left alone: PROMPT_COMMAND='status=$?' is for their PS1.
	local __etabli_status=$? __etabli_before= __etabli_tty=/dev/tty -
	set +euxv
	# Of `bash -i <file` standard input is the learner's file: written to, it would be empty.
	[[ ! $__etabli_way || ! -t 0 ]] || __etabli_tty=$__etabli_way
	{
		if ((__etabli_first)); then
			if [[ $__etabli_keyed ]]; then
				# A shell that waited for its learner: no command started it, and no output is to be told from its own.
				__etabli_before='\e]133;D\a'
			else
				__etabli_ended ''
			fi
		elif ((__etabli_runs)); then
			__etabli_ended "$__etabli_status"
			__etabli_forget
		fi
		__etabli_runs=0
		__etabli_first=0
		__etabli_keys
		__etabli_wishes
		# What has just become ours has been run already, this time.
		if ! __etabli_take && [[ $__etabli_theirs ]]; then
			(exit "$__etabli_status")
			eval "$__etabli_theirs" 2>"$__etabli_tty"
		fi
		__etabli_notice
		__etabli_where
		__etabli_arm
		builtin history -a
		# Last: what readline prints follows at once, and all of it goes to the page in one piece.
		__etabli_begins "$__etabli_before"
	} >"$__etabli_tty"
}
