/** Apptainer, as high-performance computing has it: no daemon, little set apart unless one asks; and once more with all that it can set apart. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NoteKey } from '../../../../src/shared/comparison/words.ts';
import { killGroup } from '../call.ts';
import { type Contender, type ImageTrial, type Kit, Refused, type Way } from '../contender.ts';
import { hasProgram } from '../root-files.ts';

/** ms */
const patience = 5000;
const mark = 'etabli-compare-holds';
/**
 * Another mount namespace in which the course's files are a system of their own: with this machine's devices, our folders at /tmp/run, and the
 * same files once more, plain, at /tmp/root.
 */
const script = [
	// A root file system is a mount.
	'mount --bind "$1" "$1"',
	'mount --rbind /proc "$1/proc"',
	'mount --rbind /sys "$1/sys"',
	'mount --rbind /dev "$1/dev"',
	'mount -t tmpfs none "$1/tmp"',
	'mkdir "$1/tmp/run" "$1/tmp/root" "$1/tmp/old"',
	'mount --bind "$2" "$1/tmp/run"',
	'mount --bind "$1" "$1/tmp/root"',
	'cd "$1"',
	// Apptainer does not work in a mere chroot.
	'pivot_root . tmp/old',
	'umount -l /tmp/old',
	'cd /',
	'echo "$3"',
	'exec sleep 3600',
].join(' && ');

/** The same for the Apptainer of this machine: what stands below a folder that only root may enter, once more where nobody gets at it. */
const bindScript = ['mount --bind "$1" "$2"', 'echo "$3"', 'exec sleep 3600'].join(' && ');

/** How it is called, and what paths are called for it: those in the course's system have other names. */
interface Where {
	before: string[];
	of(path: string): string;
	/** It is the one in the course's image. */
	isCourse: boolean;
	close?(): Promise<void>;
}

const inCourse = ({ files, root, find }: Kit): boolean => find('apptainer') === undefined && root && hasProgram(files, 'apptainer');
const asUser = (user: number): string[] => ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];

/** The one of this machine; else the one in the course's image, with its own libraries. @throws Refused; the signal's reason */
async function findApptainer(kit: Kit): Promise<Where> {
	const { files, root } = kit;
	const folder = dirname(kit.folder);
	if (inCourse(kit)) {
		const { pid, close } = await hold(kit, script, [files.folder, folder]);
		return {
			before: ['nsenter', '--target', pid, '--mount', '--root', '--wd'],
			of: (path) => (path === files.folder ? '/tmp/root' : path.startsWith(`${folder}/`) ? path.replace(folder, '/tmp/run') : path),
			isCourse: true,
			close,
		};
	}
	if (!root || (await isReachable(kit))) return { before: [], of: (path) => path, isCourse: false };
	const bound = join(kit.folder, 'root');
	mkdirSync(bound);
	const { pid, close } = await hold(kit, bindScript, [files.folder, bound]);
	return {
		before: ['nsenter', '--target', pid, '--mount'],
		of: (path) => (path === files.folder ? bound : path),
		isCourse: false,
		close,
	};
}

/** Whether an ordinary user gets at the files: images are kept below a folder of root's own. @throws the signal's reason */
async function isReachable({ files, ordinary, call }: Kit): Promise<boolean> {
	try {
		await call([...asUser(ordinary), 'sh', '-c', 'cd "$1"', 'sh', files.folder]);
		return true;
	} catch (error) {
		if (error instanceof Refused) return false;
		throw error;
	}
}

/** A mount namespace that a script has set up, held for others to enter. @throws Refused; the signal's reason */
async function hold({ folder, signal }: Kit, body: string, args: readonly string[]): Promise<{ pid: string; close(): Promise<void> }> {
	// It goes with this command, however that ends; its environment says whose it is.
	const command = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', body, 'sh', ...args, mark];
	const holder = spawn('setpriv', command, {
		env: { ...process.env, ETABLI_COMPARE: folder },
		stdio: ['ignore', 'pipe', 'ignore'],
		detached: true,
	});
	let said = '';
	let over = false;
	holder.stdout.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	for (const event of ['error', 'close'])
		holder.once(event, () => {
			over = true;
		});
	const close = async (): Promise<void> => killGroup(holder.pid);
	for (let waited = 0; !said.includes(mark); waited += 20) {
		if (waited > patience || over || signal.aborted) {
			await close();
			signal.throwIfAborted();
			throw new Refused('the root file system could not be mounted where Apptainer, as an ordinary user, gets at it');
		}
		await sleep(20);
	}
	return { pid: String(holder.pid), close };
}

function makeApptainer(id: string, name: string, options: readonly string[]): Contender {
	return {
		id,
		name,
		packages: 'apptainer (Debian sid)',
		programs: ['apptainer'],
		versionArgs: ['--version'],
		version: /(?:apptainer|singularity(?:-ce)?) version (\S+)/,
		least: '1.0',
		stays: true,
		daemons: [],
		helpers: ['newuidmap', 'newgidmap'],
		elsewhere: (kit) => (inCourse(kit) ? ['chroot', kit.files.folder, 'apptainer', '--version'] : undefined),
		async prepare(kit) {
			mkdirSync(kit.folder, { recursive: true });
			const where = await findApptainer(kit);
			const { of } = where;
			// Its cache goes with the run.
			const home = of(join(kit.folder, 'work'));
			const env = ['env', `HOME=${home}`, `TMPDIR=${home}`];
			// It is meant for ordinary users, and starts so even where this root lacks capabilities.
			const user = [...asUser(kit.ordinary), ...env];
			const base = (ordinary: boolean) => [...where.before, ...(ordinary ? user : env), 'apptainer', '--silent'];
			const exec = (ordinary: boolean) => [...base(ordinary), 'exec', ...options];
			const way = (ordinary: boolean): Way => {
				const note: NoteKey | undefined = where.isCourse
					? ordinary
						? 'fromCourseAsUser'
						: 'fromCourse'
					: ordinary
						? 'asNobody'
						: undefined;
				return {
					...(note && { note }),
					ordinary,
					command: (place) => [...exec(ordinary), '--bind', `${of(place.work)}:/mnt`, '--pwd', '/', of(place.root), ...place.command],
				};
			};
			const image = (address: (file: string) => string): ImageTrial => ({
				commands: (file, words) => [[...exec(kit.root), address(of(file)), ...words]],
			});
			const sif = join(home, 'made.sif');
			return {
				ways: kit.root ? [way(true), way(false)] : [way(false)],
				...(kit.root && { rootless: [way(true)] }),
				images: {
					dockerArchive: image((file) => `docker-archive:${file}`),
					ociArchive: image((file) => `oci-archive:${file}`),
					sif: {
						commands: (_file, words) => [
							[...base(kit.root), 'build', '--force', sif, of(kit.trialRoot)],
							[...exec(kit.root), sif, ...words],
						],
					},
				},
				...(where.close && { close: where.close }),
			};
		},
	};
}

export const apptainer = makeApptainer('apptainer', 'Apptainer', []);
export const apptainerContained = makeApptainer('apptainer-containall', 'Apptainer --containall', ['--containall']);
