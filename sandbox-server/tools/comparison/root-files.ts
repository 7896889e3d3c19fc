/** The root file system that every contender gets: that of a course's image, one that was given, or a small one made of this machine's programs. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { which } from '../../setup/run.ts';

export interface RootFiles {
	kind: 'course' | 'given' | 'small';
	/** As people call it. */
	name: string;
	/** Absolute path. */
	folder: string;
	/** Of the same files in Docker; undefined: it has them not. */
	reference: string | undefined;
}

/** What the probes and the work need. */
const programs = ['sh', 'cat', 'dd', 'tar', 'rm', 'mkdir', 'find', 'head', 'wc', 'ls', 'true', 'seq', 'perl', 'setpriv', 'sleep'];
const folders = ['dev', 'proc', 'sys', 'tmp', 'mnt', 'root', 'etc', 'run', 'var/tmp', 'home/learner', 'usr/share/trial'];
/** Files to be read by the work, and bytes of each. */
const filler = { files: 1000, bytes: 2048 };

/** Absolute paths of the libraries of a program, as ldd has them: "libc.so.6 => /lib/… (0x…)", "/lib64/ld-linux… (0x…)". */
export function librariesIn(said: string): string[] {
	return [...said.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

/**
 * As little as the trials need, out of this machine's own programs: nothing has to be built or fetched.
 * @throws Error when this machine lacks one
 */
export function makeSmallRoot(folder: string, { only = programs, fill = true } = {}): void {
	for (const name of folders) mkdirSync(join(folder, name), { recursive: true });
	chmodSync(join(folder, 'tmp'), 0o1777);
	for (const program of only) {
		const found = which(program);
		if (!found) throw new Error(`this machine has no ${program}`);
		copy(realpathSync(found), join(folder, 'bin', program));
		for (const library of librariesIn(spawnSync('ldd', [found], { encoding: 'utf8', timeout: 10_000 }).stdout ?? ''))
			if (!existsSync(join(folder, library))) copy(realpathSync(library), join(folder, library));
	}
	writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nlearner:x:1000:1000::/home/learner:/bin/sh\n');
	writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nlearner:x:1000:\n');
	for (const name of ['hosts', 'resolv.conf', 'hostname', 'localtime']) writeFileSync(join(folder, 'etc', name), '');
	// Podman makes it where there is none, and may not as an ordinary user.
	symlinkSync('../proc/mounts', join(folder, 'etc/mtab'));
	if (fill)
		for (let at = 0; at < filler.files; at++)
			writeFileSync(join(folder, 'usr/share/trial', String(at)), 'etabli '.repeat(Math.ceil(filler.bytes / 7)).slice(0, filler.bytes));
	if (!existsSync(join(folder, 'usr/bin'))) mkdirSync(join(folder, 'usr/bin'));
}

function copy(from: string, to: string): void {
	mkdirSync(dirname(to), { recursive: true });
	copyFileSync(from, to);
	chmodSync(to, 0o755);
}

/** Whether the file system has a program in one of the usual folders. */
export function hasProgram({ folder }: Pick<RootFiles, 'folder'>, program: string): boolean {
	return ['bin', 'usr/bin', 'usr/local/bin', 'sbin', 'usr/sbin'].some((place) => existsSync(join(folder, place, program)));
}
