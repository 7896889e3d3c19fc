/**
 * Scripts that take a learner's home out of a sandbox and put it back. They run inside, as the learner. The archive is the learner's own
 * work, hence hostile: it is unpacked nowhere but in a sandbox.
 */

/** The folder of the learner's home in the archive is `<course>/home`: that many parts are left out again when it is unpacked. */
const depth = 2;

/** The pack script's status when there is more in the home than BYTES bytes, holes apart, or more than FILES files and folders. */
export const tooMuch = 3;

/**
 * Archive to standard output; on standard error a line "left out<tab>bytes<tab>path" for each file that is larger than LARGEST bytes.
 * TOP is the archive's top folder. `find` gives names that end in 0, so that any name will do; caches can be had again, sockets and pipes
 * mean nothing elsewhere. A file that changes meanwhile (status 1) is taken as it is: the next save has it whole.
 */
export const packScript = `#!/bin/sh
cd "$HOME" || exit 2
caches='-path ./.apptainer/cache -o -path ./.singularity/cache -o -path ./.cache'
find . -xdev \\( $caches \\) -prune -o -type f -size +"$LARGEST"c -printf 'left out\\t%s\\t%P\\n' | head -n 100 >&2
kept() {
	find . -xdev \\( $caches -o -type s -o -type p -o -type f -size +"$LARGEST"c \\) -prune -o "$@"
}
kept -printf '%b\\n' | {
	files=0 bytes=0
	while read -r blocks; do
		files=$((files + 1)) bytes=$((bytes + 512 * blocks))
		[ "$files" -le "$FILES" ] && [ "$bytes" -le "$BYTES" ] || exit 1
	done
} || exit ${tooMuch}
kept -print0 |
	nice tar --create --sparse --ignore-failed-read --warning=none \\
		--owner=learner:1000 --group=learner:1000 --use-compress-program='gzip -1' --transform="flags=rh;s,^\\\\.,$TOP/home," \\
		--no-recursion --null --files-from=-
status=$?
[ "$status" -le 1 ]
`;

/**
 * In ~/.cluster, what belongs to the sandbox that has written it: guest/cluster makes it in each. All else there is the learner's own
 * (slurm.conf.yours).
 */
const ofTheCluster = 'slurm.key slurm.conf slurm.conf.original cgroup.conf shape forgotten ssh';

/**
 * Unpacks what comes through the pipe PIPE, one writer after the other, until PIPE.end is there: the archive itself takes no room in the
 * sandbox. Ends in failure after BYTES bytes: an archive can be made to swell without end.
 *
 * Where the course has a cluster (CLUSTER is not empty), ~/.cluster is unpacked beside the one of a cluster that may run here already, and what is the
 * learner's own goes there. (Were it left out by name, files would be missing that others are links to, and a ~/.cluster that is no folder any more
 * could not take the place of one.) What cannot go there stays in ~/.cluster.kept, which is kept with the home and tried again: all of it has come
 * back, so this is no failure, after which nothing that is made in the sandbox would be kept. It is said on standard error.
 */
export const unpackScript = `#!/bin/sh
rm -f "$PIPE" "$PIPE.end"
mkfifo -m 600 "$PIPE" || exit 2
[ -z "$CLUSTER" ] || set -- --transform='flags=rh;s,^\\([^/]*/home/\\.cluster\\)\\(/\\|$\\),\\1.kept\\2,'
while [ ! -e "$PIPE.end" ]; do cat "$PIPE" || exit 2; done |
	gzip --decompress --stdout | head --bytes="$BYTES" |
	tar --extract --file=- --directory="$HOME" --strip-components=${depth} --preserve-permissions --no-overwrite-dir \\
		--delay-directory-restore "$@"
status=$?
rm -f "$PIPE" "$PIPE.end"
[ -n "$CLUSTER" ] || exit "$status"
cd "$HOME" || exit 2
if [ -d .cluster.kept ] && [ ! -h .cluster.kept ]; then
	mkdir -p -m 700 .cluster
	chmod u+rwx .cluster.kept
	(cd .cluster.kept && rm -rf ${ofTheCluster} && find . -mindepth 1 -maxdepth 1 -exec mv -t ../.cluster {} +) ||
		echo 'what could not be moved to ~/.cluster stays in ~/.cluster.kept' >&2
fi
rmdir .cluster.kept 2>/dev/null || rm -f .cluster.kept 2>/dev/null
exit "$status"
`;

/** One piece of an archive, from standard input, into the pipe. */
export const pieceScript = `#!/bin/sh
until [ -p "$PIPE" ]; do sleep 0.01; done
cat > "$PIPE"
`;

/** No piece follows. */
export const endScript = `#!/bin/sh
touch "$PIPE.end"
: > "$PIPE"
`;
