/** Scripts that look at a file of the lesson's folder, and put one in place. They run inside the sandbox, as the learner. */

/** How a script ends when it does not do what was asked. */
export const ends = { outside: 20, link: 21, folder: 22, special: 23, large: 24, forbidden: 25, full: 26, changed: 27 } as const;

/**
 * FILE is a path from the present folder, without "..". Goes no further when it leads out of the folder, or to what is no ordinary file.
 * `dir` is the file's folder, which need not be there yet.
 */
const find = `
here=$(pwd -P)
dir=. deep=. rest=$FILE
while [ "\${rest#*/}" != "$rest" ]; do
	dir=$dir/\${rest%%/*}
	rest=\${rest#*/}
	if [ -d "$dir" ]; then deep=$dir; elif [ -e "$dir" ] || [ -L "$dir" ]; then exit ${ends.folder}; fi
done
real=$(cd "$deep" 2>/dev/null && pwd -P) || exit ${ends.forbidden}
case $real/ in "$here"/*) ;; *) exit ${ends.outside} ;; esac
FILE=$dir/$rest
[ ! -L "$FILE" ] || exit ${ends.link}
[ ! -d "$FILE" ] || exit ${ends.folder}
[ ! -e "$FILE" ] || [ -f "$FILE" ] || exit ${ends.special}
`;

/** Prints nothing when there is no such file, else a dot and the content in base64. LARGEST is in bytes. */
export const lookScript = `#!/bin/sh
${find}
[ -e "$FILE" ] || exit 0
[ -r "$FILE" ] || exit ${ends.forbidden}
[ "$(stat -c %s "$FILE")" -le "$LARGEST" ] || exit ${ends.large}
printf .
base64 -w0 "$FILE"
`;

/**
 * Puts what comes on standard input in the file's place, at once and whole: who reads the file sees the old one or the new one. REMOVE=1
 * takes the file away. MARK is the SHA-256 of what is there, or "none".
 */
export const writeScript = `#!/bin/sh
export LC_ALL=C
${find}
mark=none
if [ -e "$FILE" ]; then
	[ -r "$FILE" ] && [ -w "$FILE" ] || exit ${ends.forbidden}
	mark=$(sha256sum < "$FILE") && mark=\${mark%% *}
fi
[ "$mark" = "$MARK" ] || exit ${ends.changed}
new=
failed() { # what a command said
	[ -z "$new" ] || rm -f "$new"
	case $1 in
	*'No space left'* | *'quota exceeded'*) exit ${ends.full} ;;
	*'ermission denied'* | *'Read-only'* | *'not permitted'*) exit ${ends.forbidden} ;;
	esac
	echo "$1" >&2
	exit 1
}
if [ "$REMOVE" = 1 ]; then
	said=$(rm -f "$FILE" 2>&1) || failed "$said"
	exit 0
fi
said=$(mkdir -p "$dir" 2>&1) || failed "$said"
said=$(mktemp "$dir/.etabli-XXXXXX" 2>&1) || failed "$said"
new=$said
said=$(cat 2>&1 > "$new") || failed "$said"
if [ -e "$FILE" ]; then said=$(chmod --reference="$FILE" "$new" 2>&1); else said=$(chmod "$(printf %o $((0666 & ~0$(umask))))" "$new" 2>&1); fi || failed "$said"
said=$(mv -fT "$new" "$FILE" 2>&1) || failed "$said"
`;
