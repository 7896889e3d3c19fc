/** What one container of each contender is asked: the probes, Apptainer inside it, its control group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import { type RowId, rowWords } from '../../../../src/shared/comparison/words.ts';
import { killGroup, lastWords } from '../call.ts';
import { answer } from '../cells.ts';
import { allProcesses } from '../processes.ts';
import { hasProgram } from '../root-files.ts';
import type { Running } from '../running.ts';
import { absenceOf, absent, type Trial } from '../trial.ts';
import { type HostFacts, judgeProbes, readSaid } from './judge-probes.ts';
import { type Decoy, probeScript } from './probe-script.ts';
import type { Part, Rows } from './row.ts';

const securityRows = (Object.keys(rowWords) as RowId[]).filter((id) => rowWords[id].section === 'security');
const rows: RowId[] = [...securityRows, 'nested', 'ownGroup'];

export const inside: Part = async (trials, { late, seconds, signal, detail }) => {
	const result: Rows = Object.fromEntries(rows.map((id) => [id, {}]));
	const put = (trial: Trial, cells: Partial<Record<RowId, Cell>>): void => {
		for (const id of rows) {
			const row = result[id];
			if (row) row[trial.contender.id] = cells[id] ?? row[trial.contender.id] ?? absent('failed');
		}
	};
	const decoy = startDecoy();
	try {
		for (const trial of trials) {
			detail(`from inside: ${trial.contender.name}`);
			const none = late() ? absent('late', { seconds: String(seconds) }) : undefined;
			if (none) {
				put(trial, Object.fromEntries(rows.map((id) => [id, none])));
				continue;
			}
			try {
				await trial.with(async (running) => {
					const ownGroup = groupOf(running);
					put(trial, { ownGroup });
					put(trial, { ownGroup, ...(await probes(running, trial, decoy, signal)) });
					put(trial, { nested: await nested(running, trial, signal) });
				});
			} catch (error) {
				signal.throwIfAborted();
				const absence = absenceOf(error, 'ended', trial.bounds.work);
				for (const id of rows) {
					const row = result[id];
					const cell = row?.[trial.contender.id];
					// What was answered before it ended stays.
					if (row && (!cell || (cell.kind === 'none' && cell.reason === 'failed'))) row[trial.contender.id] = absence;
				}
			}
		}
	} finally {
		killGroup(decoy.child.pid);
	}
	return result;
};

/** A process of this user, which looks like nothing in particular. */
function startDecoy(): Decoy & { child: ChildProcess } {
	const mark = `etabli-decoy-${randomBytes(6).toString('hex')}`;
	const child = spawn('sh', ['-c', 'read x', mark], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
	child.on('error', () => undefined);
	return { pid: child.pid ?? 0, mark, child };
}

async function probes(running: Running, trial: Trial, decoy: Decoy, signal: AbortSignal): Promise<Partial<Record<RowId, Cell>>> {
	const every = (cell: Cell) => Object.fromEntries(securityRows.map((id) => [id, cell]));
	if (!hasProgram(trial.kit.files, 'perl')) return every(absent('noTool', { tool: 'perl' }));
	const script = probeScript(process.arch, decoy, running.place.name);
	if (script === undefined) return every(absent('unreadable'));
	const said = readSaid(await running.exec(script, trial.bounds.work, signal));
	return judgeProbes(said, hostFacts(running, said.get('fact.kernel') ?? ''));
}

function hostFacts({ place }: Running, kernel: string): HostFacts {
	const main = mainOf(place.name);
	return {
		network: readlinkSync('/proc/self/ns/net'),
		interfaces: Object.keys(networkInterfaces()).filter((name) => name !== 'lo'),
		files: ['kcore', 'timer_list', 'keys'].filter((name) => existsSync(`/proc/${name}`)),
		// No process of the host is its main process, and it names another kernel.
		ownKernel: main === undefined && kernel !== readFileSync('/proc/version', 'utf8').trim(),
	};
}

/** Number of the main process on the host: the last of those that carry its name is no helper. undefined: no process of the host is it */
function mainOf(name: string): number | undefined {
	return allProcesses().find(({ line }) => line === `/bin/sh -s ${name}`)?.pid;
}

function groupOf({ place }: Running): Cell {
	const main = mainOf(place.name);
	if (main === undefined) {
		// gVisor: the process that plays the kernel.
		const played = allProcesses().find(({ line, comm }) => line.includes(place.name) && /sandbox|exe/.test(comm))?.pid;
		return played === undefined ? absent('unreadable') : compared(played);
	}
	return compared(main);
}

function compared(pid: number): Cell {
	try {
		const [own = '', here = ''] = [readFileSync(`/proc/${pid}/cgroup`, 'utf8'), readFileSync('/proc/self/cgroup', 'utf8')];
		const different = own.split('\n').filter((line) => line !== '' && !here.split('\n').includes(line));
		const controllers = different.map((line) => line.split(':')[1] || 'v2').join(', ');
		return different.length > 0 ? answer('yes', 'groups', { said: controllers }) : answer('no', 'groups');
	} catch {
		return absent('unreadable');
	}
}

/** As who one is in the container, then as an ordinary user, where one may become that. */
async function nested(running: Running, { kit, bounds }: Trial, signal: AbortSignal): Promise<Cell> {
	if (!hasProgram(kit.files, 'apptainer')) return absent('noTool', { tool: 'apptainer' });
	// A folder that it can read, whoever it is: the small root file system.
	cpSync(kit.trialRoot, join(running.place.work, 'small'), { recursive: true });
	const exec = 'apptainer --silent exec /mnt/small /bin/echo nested-works';
	const tries = [
		{ command: exec, note: undefined },
		{ command: `setpriv --reuid 1000 --regid 1000 --clear-groups ${exec}`, note: 'asOther' as const },
	];
	let words = '';
	for (const { command, note } of tries) {
		const said = await running.exec(
			`cd /; export HOME=/mnt TMPDIR=/mnt APPTAINER_CACHEDIR=/mnt/cache; ${command} 2>&1`,
			bounds.work,
			signal,
		);
		if (/^nested-works$/m.test(said)) return answer('yes', 'nested', { note });
		words ||= lastWords(said);
	}
	return answer('no', 'nested', { said: words });
}
