/** Scripts that look at files of the lesson's folder, and put one in place. They run inside the sandbox, as the learner. */
import type { RefusalCode } from '../../src/shared/protocol/refusals.ts';

/** How a script ends when it does not do what was asked. */
export const ends = { outside: 20, link: 21, folder: 22, special: 23, large: 24, forbidden: 25, full: 26, changed: 27 } as const;

const codes = new Map<number, RefusalCode>(Object.entries(ends).map(([name, end]) => [end, `file-${name as keyof typeof ends}`]));
/** What that exit status is to a person; undefined: the script itself failed. */
export const codeOf = (end: number): RefusalCode | undefined => codes.get(end);

/**
 * FILE is a path from the present folder, without "..". Goes no further when it leads out of the folder.
 * `dir` is the file's folder, which need not be there yet; `deep` the deepest folder on the way that is there.
 */
const walk = `
here=$(pwd -P)
dir=. deep=. rest=$FILE
while [ "\${rest#*/}" != "$rest" ]; do
	dir=$dir/\${rest%%/*}
	rest=\${rest#*/}
	if [ -d "$dir" ]; then deep=$dir; elif [ -e "$dir" ] || [ -L "$dir" ]; then exit ${ends.folder}; fi
done
real=$(cd "$deep" 2>/dev/null && pwd -P) || exit ${ends.forbidden}
case $real/ in "$here"/*) ;; *) exit ${ends.outside} ;; esac
`;

/** … nor when it leads to what is no ordinary file. */
const find = `${walk}
FILE=$dir/$rest
[ ! -L "$FILE" ] || exit ${ends.link}
[ ! -d "$FILE" ] || exit ${ends.folder}
[ ! -e "$FILE" ] || [ -f "$FILE" ] || exit ${ends.special}
`;

/** No more of a file is read than this, also of one that grows meanwhile. What is larger than LARGEST has the mark of its beginning: nobody was told that. */
const read = 'head -c "$((LARGEST + 1))" "$FILE"';

/** Prints nothing when there is no such file, else a dot and the content in base64, at most a byte more than LARGEST. LARGEST is in bytes. */
export const lookScript = `#!/bin/sh
${find}
[ -e "$FILE" ] || exit 0
[ -r "$FILE" ] || exit ${ends.forbidden}
[ "$(stat -c %s "$FILE")" -le "$LARGEST" ] || exit ${ends.large}
printf .
${read} | base64 -w0
`;

/**
 * Each line on standard input is "d" or "f" and the path of a folder or file. For each it prints records that end in a zero byte, the last one
 * being "=" and the number of \`ends\` (0: all is well): of a folder (nothing of one that is not there) "+", the type of each entry (as find's %y, and %Y, behind a link) and its name, at
 * most one more than MOST; of a file "+" and its mark.
 */
export const glanceScript = `#!/bin/sh
export LC_ALL=C
folder() {
	FILE=\${1:-.}/
	${walk}
	[ "$dir" = "$deep" ] || exit 0
	[ -r "$dir" ] && [ -x "$dir" ] || exit ${ends.forbidden}
	find "$dir/." -mindepth 1 -maxdepth 1 -printf '+%y%Y%f\\0' 2>/dev/null | head -z -n "$((MOST + 1))"
}
file() {
	FILE=$1
	${find}
	[ -e "$FILE" ] || { printf '+none\\0'; exit 0; }
	[ -r "$FILE" ] || exit ${ends.forbidden}
	[ "$(stat -c %s "$FILE")" -le "$LARGEST" ] || exit ${ends.large}
	mark=$(${read} | sha256sum)
	printf '+%s\\0' "\${mark%% *}"
}
while IFS= read -r line; do
	case $line in
	d*) (folder "\${line#d}") ;;
	*) (file "\${line#f}") ;;
	esac
	printf '=%s\\0' "$?"
done
`;

/**
 * Puts what comes on standard input in the file's place, at once and whole: who reads the file sees the old one or the new one. REMOVE=1
 * takes the file away. MARK is the SHA-256 of what is there, or "none". LARGEST is in bytes.
 */
export const writeScript = `#!/bin/sh
export LC_ALL=C
${find}
mark=none
if [ -e "$FILE" ]; then
	[ -r "$FILE" ] && [ -w "$FILE" ] || exit ${ends.forbidden}
	mark=$(${read} | sha256sum) && mark=\${mark%% *}
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
