/** containerd by its own client, ctr: a daemon of our own for the time of the run, a helper for each container. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup, lastWords } from '../call.ts';
import { type Contender, type Place, Refused } from '../contender.ts';

const namespace = 'etabli-compare';
/**
 * The daemon, for as long as somebody holds the other end of standard input: when the command was killed the containers end by themselves, and
 * then the daemon with its group.
 */
const whileHeld = [
	'exec 3<&0',
	`(trap '' TERM; cat <&3; sleep 3; kill -s TERM -- "-$$"; sleep 2; kill -s KILL -- "-$$") >/dev/null 2>&1 &`,
	'exec "$@" 3<&- </dev/null',
].join('\n');
/** ms in which the daemon is to be there. */
const patience = 15_000;
/** Characters of a folder in which it can have its sockets. */
const longest = 85;

export const containerd: Contender = {
	id: 'containerd',
	name: 'containerd (ctr)',
	packages: 'containerd',
	programs: ['ctr', 'containerd', 'containerd-shim-runc-v2'],
	versionArgs: ['--version'],
	version: /ctr \S+ v?(\d\S*)/,
	least: '1.4',
	stays: false,
	daemons: ['containerd'],
	helpers: ['containerd'],
	async prepare({ folder, run, root, call, signal }) {
		if (!root) throw new Refused('its daemon needs root');
		// Names of sockets have at most 107 characters.
		const short = folder.length > longest ? `/run/ec-${run}` : folder;
		mkdirSync(short, { recursive: true, mode: 0o711 });
		const socket = join(short, 'c.sock');
		const config = join(folder, 'config.toml');
		writeFileSync(
			config,
			['version = 2', 'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.devmapper"]', ''].join('\n'),
		);
		const args = ['--config', config, '--address', socket, '--root', join(folder, 'root'), '--state', join(folder, 'state')];
		// The folder is by what it is found when this command has no time to end it.
		const options = { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] as ['pipe', 'ignore', 'pipe'], detached: true };
		const daemon = spawn('sh', ['-c', whileHeld, 'sh', 'containerd', ...args], options);
		let said = '';
		let over = false;
		daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
			said = (said + text).slice(-10_000);
		});
		daemon.once('error', (error) => {
			said += error.message;
			over = true;
		});
		daemon.once('close', () => {
			over = true;
		});
		const ctr = ['ctr', '--address', socket, '--namespace', namespace];
		const close = async (): Promise<void> => {
			daemon.kill('SIGTERM');
			for (let waited = 0; !over && waited < 3000; waited += 20) await sleep(20);
			killGroup(daemon.pid);
			if (short !== folder) rmSync(short, { recursive: true, force: true });
		};
		try {
			for (let waited = 0; ; waited += 50) {
				signal.throwIfAborted();
				if (over || waited > patience) throw new Refused(lastWords(said) || 'containerd did not start');
				if (existsSync(socket) && (await answers(call, ctr))) break;
				await sleep(50);
			}
		} catch (error) {
			await close();
			throw error;
		}
		return {
			ways: [
				{
					command: ({ name, root: files, work, command }: Place) => [
						...ctr,
						...['run', '--rm', '--rootfs', '--read-only', '--mount', `type=bind,src=${work},dst=/mnt,options=rbind:rw`],
						...['--cwd', '/', files, name],
						...command,
					],
					clear: ({ name }) => [
						[...ctr, 'tasks', 'delete', '--force', name],
						[...ctr, 'containers', 'delete', name],
					],
				},
			],
			images: Object.fromEntries(
				(['dockerArchive', 'ociArchive'] as const).map((format) => [
					format,
					{
						commands: (file: string, words: readonly string[]) => [
							[...ctr, 'images', 'import', '--snapshotter', 'native', '--index-name', 'etabli.invalid/compare:trial', file],
							[...ctr, 'run', '--rm', '--snapshotter', 'native', 'etabli.invalid/compare:trial', 'etabli-compare-trial', ...words],
						],
						clear: [[...ctr, 'images', 'rm', 'etabli.invalid/compare:trial']],
					},
				]),
			),
			close,
		};
	},
};

async function answers(
	call: (command: readonly string[], options?: { seconds?: number }) => Promise<string>,
	ctr: string[],
): Promise<boolean> {
	return await call([...ctr, 'version'], { seconds: 5 }).then(
		() => true,
		() => false,
	);
}
