/**
 * Scripts that take a learner's home out of a sandbox and put it back. They run inside, as the learner. The archive is the learner's own
 * work, hence hostile: it is unpacked nowhere but in a sandbox.
 */

/** The folder of the learner's home in the archive is `<course>/home`: that many parts are left out again when it is unpacked. */
const depth = 2;

/**
 * Archive to standard output; on standard error a line "left out<tab>bytes<tab>path" for each file that is larger than LARGEST bytes.
 * TOP is the archive's top folder. `find` gives names that end in 0, so that any name will do; caches can be had again, sockets and pipes
 * mean nothing elsewhere. A file that changes meanwhile (status 1) is taken as it is: the next save has it whole.
 */
export const packScript = `#!/bin/sh
cd "$HOME" || exit 2
caches='-path ./.apptainer/cache -o -path ./.singularity/cache -o -path ./.cache'
find . -xdev \\( $caches \\) -prune -o -type f -size +"$LARGEST"c -printf 'left out\\t%s\\t%P\\n' | head -n 100 >&2
find . -xdev \\( $caches -o -type s -o -type p -o -type f -size +"$LARGEST"c \\) -prune -o -print0 |
	nice tar --create --sparse --ignore-failed-read --warning=none \\
		--owner=learner:1000 --group=learner:1000 --use-compress-program='gzip -1' --transform="flags=rh;s,^\\\\.,$TOP/home," \\
		--no-recursion --null --files-from=-
status=$?
[ "$status" -le 1 ]
`;

/** One piece of an archive, from standard input, to the end of FILE. */
export const appendScript = `#!/bin/sh
umask 077
cat >> "$FILE"
`;

/** Unpacks FILE into the home, and removes it. */
export const unpackScript = `#!/bin/sh
tar --extract --gzip --file="$FILE" --directory="$HOME" --strip-components=${depth} --preserve-permissions --no-overwrite-dir \\
	--delay-directory-restore
status=$?
rm -f "$FILE"
exit "$status"
`;
