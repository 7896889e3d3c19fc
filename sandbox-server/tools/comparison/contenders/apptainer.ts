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

/** How it is called, and what paths are called for it: those in the course's system have other names. */
interface Where {
	before: string[];
	of(path: string): string;
	close?(): Promise<void>;
}

const inCourse = ({ files, root, find }: Kit): boolean => find('apptainer') === undefined && root && hasProgram(files, 'apptainer');

/** The one of this machine; else the one in the course's image, with its own libraries. @throws Refused; the signal's reason */
async function findApptainer(kit: Kit): Promise<Where> {
	if (!inCourse(kit)) return { before: [], of: (path) => path };
	const { files, signal } = kit;
	const folder = dirname(kit.folder);
	const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', files.folder, folder, mark], {
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
			throw new Refused('the course’s image could not be made a system to run it in');
		}
		await sleep(20);
	}
	return {
		before: ['nsenter', '--target', String(holder.pid), '--mount', '--root', '--wd'],
		of: (path) => (path === files.folder ? '/tmp/root' : path.startsWith(`${folder}/`) ? path.replace(folder, '/tmp/run') : path),
		close,
	};
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
			const user = ['setpriv', `--reuid=${kit.ordinary}`, `--regid=${kit.ordinary}`, '--clear-groups', '--', ...env];
			const base = (asUser: boolean) => [...where.before, ...(asUser ? user : env), 'apptainer', '--silent'];
			const exec = (asUser: boolean) => [...base(asUser), 'exec', ...options];
			const way = (asUser: boolean): Way => {
				const note: NoteKey | undefined = where.close ? (asUser ? 'fromCourseAsUser' : 'fromCourse') : asUser ? 'asNobody' : undefined;
				return {
					...(note && { note }),
					ordinary: asUser,
					command: (place) => [...exec(asUser), '--bind', `${of(place.work)}:/mnt`, '--pwd', '/', of(place.root), ...place.command],
				};
			};
			const image = (address: (file: string) => string): ImageTrial => ({
				commands: (file, words) => [[...exec(kit.root), address(of(file)), ...words]],
			});
			const sif = join(home, 'made.sif');
			return {
				ways: kit.root ? [way(true), way(false)] : [way(false)],
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
