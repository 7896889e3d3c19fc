/**
 * May this server make containers for a user who is not root, on a machine where no engine answers? For set-up, and for `doctor`, which runs
 * before npm's packages are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hindrance } from '../oci/choice.ts';

/** What --engine takes for it. */
export const rootlessUrl = 'rootless';

/** What a machine has for it. */
export interface RootlessFacts {
	linux: boolean;
	root: boolean;
	/** Node's name of the processor. */
	arch: string;
	/** What the kernel said when namespaces were tried; undefined: it gives them. */
	refused: string | undefined;
	/** /proc/sys/kernel/unprivileged_userns_clone, user/max_user_namespaces, kernel/apparmor_restrict_unprivileged_userns; undefined: no such file. */
	clone: string | undefined;
	most: string | undefined;
	apparmor: string | undefined;
	/** /dev/fuse can be opened by this user. */
	fuse: boolean;
	/** Images that were brought here: how many names. */
	images: number;
}

/** Where images are kept, of this user alone. It may be on a network. */
export function imageFolder(env: NodeJS.ProcessEnv = process.env): string {
	const data = env['XDG_DATA_HOME'];
	return join(data?.startsWith('/') ? data : join(homedir(), '.local/share'), 'etabli/images');
}

/**
 * Where what is known of running containers stands: on this machine, gone after its restart where the system gives such a folder.
 * @throws Error when somebody else has made it
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
	const folder = statePlace(env);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const found = lstatSync(folder);
	if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
		throw new Error(`${folder} is not this user’s alone: somebody else has made it, or its mode is another than 0700`);
	return folder;
}

/** The path of `stateFolder`; makes nothing. */
export function statePlace(env: NodeJS.ProcessEnv = process.env): string {
	const given = env['XDG_RUNTIME_DIR'];
	// `su` leaves the variable of the user before.
	const mine = given !== undefined && lstatSync(given, { throwIfNoEntry: false })?.uid === process.getuid?.();
	return mine ? join(given, 'etabli') : join(shortTmp(), `etabli-${process.getuid?.()}`);
}

/** Not TMPDIR: a test, or a job, has another one each time, and what runs has to be found again. */
function shortTmp(): string {
	return existsSync('/tmp') ? '/tmp' : tmpdir();
}

/** Looks at this machine; changes nothing. */
export function rootlessFacts(): RootlessFacts {
	const linux = process.platform === 'linux';
	return {
		linux,
		root: process.getuid?.() === 0,
		arch: process.arch,
		refused: linux ? refusal() : undefined,
		clone: setting('kernel/unprivileged_userns_clone'),
		most: setting('user/max_user_namespaces'),
		apparmor: setting('kernel/apparmor_restrict_unprivileged_userns'),
		fuse: opensFuse(),
		images: imageNames(),
	};
}

function setting(name: string): string | undefined {
	try {
		return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
	} catch {
		return undefined;
	}
}

/** A container in small: namespaces, a /proc and a folder in memory of one's own. */
function refusal(): string | undefined {
	const script = 'mount -t tmpfs -o size=4k,nr_inodes=4 none /tmp';
	const args = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--ipc', '--uts', '--net', '--mount-proc', 'sh', '-c', script];
	const { status, stderr, error } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 10_000, env: { ...process.env, LC_ALL: 'C' } });
	if (status === 0) return undefined;
	return error?.message ?? (stderr.trim().split('\n').at(-1) || `unshare ended with ${status}`);
}

function opensFuse(): boolean {
	return spawnSync('sh', ['-c', ': <> /dev/fuse'], { stdio: 'ignore' }).status === 0;
}

function imageNames(): number {
	try {
		return readdirSync(join(imageFolder(), 'names')).length;
	} catch {
		return 0;
	}
}

/** Why this server cannot make containers so; undefined: it can. Pure. */
export function rootlessHindrance(facts: RootlessFacts): Hindrance | undefined {
	const without = 'Sandboxes without root and without an engine need';
	if (!facts.linux) return { text: `${without} Linux.`, remedy: 'Leave out --engine rootless.' };
	if (facts.root)
		return {
			text: 'Sandboxes without an engine are for users who are not root: a learner would be root’s own number to the kernel.',
			remedy: 'Leave out --engine rootless; --engine oci is root’s way without one.',
		};
	if (!['x64', 'arm64'].includes(facts.arch))
		return {
			text: `${without} a processor that they were made for (x64, arm64); this one is ${facts.arch}.`,
			remedy: 'Use Docker or Podman.',
		};
	if (facts.refused === undefined) return undefined;
	const text = `${without} user namespaces, and the kernel gives you none (${facts.refused}).`;
	if (facts.most === '0') return { text, remedy: 'Ask the administrator for: sysctl -w user.max_user_namespaces=15000' };
	if (facts.clone === '0') return { text, remedy: 'Ask the administrator for: sysctl -w kernel.unprivileged_userns_clone=1' };
	if (facts.apparmor === '1')
		return {
			text,
			remedy:
				'AppArmor gives them only to programs with a profile. Ask the administrator for: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
		};
	return {
		text,
		remedy:
			'In a container they are mostly forbidden: run ./etabli up outside of it. Else ask the administrator whether user namespaces are allowed.',
	};
}

/**
 * Where nobody has said what is to start sandboxes: is there no engine on this machine at all? One that is slow, stopped, or closed to this
 * user is one: it bounds memory, and whoever has it would not notice that it was passed over. Pure.
 */
export function isFirstChoice({
	chosen,
	installed,
	reasons,
}: {
	/** --engine, or DOCKER_HOST. */
	chosen: string | undefined;
	/** Kind of an engine that could be started. */
	installed: string | undefined;
	/** Why none of the usual addresses did, in the system's words. */
	reasons: readonly string[];
}): boolean {
	return chosen === undefined && installed === undefined && reasons.every((reason) => /ENOENT/.test(reason));
}

/** For who is not root and has an engine that does not do. */
export const rootlessHint =
	'Without it, for one learner, yourself: ./etabli up --engine rootless (docs/operator/rootless.md says what that does not hold).';

/** What such sandboxes do not hold, for those who decide whether that will do. */
export const notHeld =
	'It is for one learner, yourself: memory and processors are not limited, and whoever breaks out of a sandbox is you on this machine (docs/operator/rootless.md).';

/** What is to be said of /dev/fuse where it cannot be opened; undefined: nothing. Pure. */
export function fuseWarning({ fuse }: Pick<RootlessFacts, 'fuse'>): string | undefined {
	return fuse
		? undefined
		: 'You may not open /dev/fuse: in the sandboxes Apptainer cannot mount images, which most lessons about it need. Ask the administrator for its usual mode: chmod 0666 /dev/fuse';
}
