/**
 * What a run of the tests has left when it was interrupted or killed: processes, containers, mounts, temporary files. Everything that a run
 * starts is known by a variable of its environment, and everything that it writes is in one temporary folder, so nothing else is touched.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Containers } from '../../runtimes/containers.ts';
import type { Engine } from '../../runtimes/engine.ts';
import { ociContainersLeft } from '../../runtimes/oci/engine.ts';
import { rootlessContainersLeft } from '../../runtimes/rootless/engine.ts';
import { run } from '../../setup/run.ts';
import { patience } from './slowness.ts';

/** By its name the processes of a run are known; its value is the run's folder. */
export const runVariable = 'ETABLI_TEST_RUN';

/** ms for servers to put their sandboxes away, once the tests that had started them are gone. */
const patienceMs = 30_000;
const pause = 100;

/** Where the tests of one run put their temporary files. */
export function makeRunFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-test-'));
	// Some tests run programs as other users, in folders of theirs below this one.
	chmodSync(folder, 0o711);
	return folder;
}

/** For the tests: their temporary files come to the run's folder, and they are known as of this run. */
export function runEnvironment(folder: string): NodeJS.ProcessEnv {
	// Courses that tests write are built like those of the checkout: an engine's own network may reach no mirror.
	return { TMPDIR: folder, [runVariable]: folder, ETABLI_TRUST: folder };
}

/** Processes of the run, but this one: by their environment; or, where a test gave them another, by a file of the run that they were given. */
export function processesOf(folder: string): number[] {
	const sign = `${runVariable}=${folder}\0`;
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((name) => fileOf(name, 'environ').includes(sign) || fileOf(name, 'cmdline').includes(`${folder}/`))
		.map(Number);
}

/** Processes in containers that have a folder of the run in them, and those that look after such containers. */
function inContainers(folder: string): number[] {
	const ours = namespaceOf('self');
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((name) => {
			const [program = '', ...words] = fileOf(name, 'cmdline').split('\0');
			if (/containerd-shim/.test(program)) return words.some((word) => word.startsWith(`${folder}/`));
			const theirs = namespaceOf(name);
			return theirs !== undefined && theirs !== ours && fileOf(name, 'mountinfo').includes(` ${folder}/`);
		})
		.map(Number);
}

function namespaceOf(pid: string): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/ns/mnt`);
	} catch {
		// As in `fileOf`.
		return undefined;
	}
}

function fileOf(pid: number | string, name: string): string {
	try {
		return `${readFileSync(`/proc/${pid}/${name}`, 'utf8')}\0`;
	} catch {
		// It has ended since it was listed, or belongs to somebody else.
		return '';
	}
}

/**
 * Ends what still runs, then removes containers, mounts and files of the run. Idempotent.
 * @param engine the one that the tests used; undefined: they used none, or it is gone
 */
export async function tidyUp(folder: string, engine: Engine | undefined): Promise<void> {
	if (!basename(folder).startsWith('etabli-test-') || !existsSync(folder)) return;
	await endProcesses(folder);
	// Every sandbox and every registry has a folder of the run in it.
	for (const place of [engine?.builder, ownStarts()]) {
		if (place) for (const name of await place.using(folder)) await place.containers.destroy(name);
	}
	// Of engines that tests had started themselves, and that have just been killed.
	for (const pid of inContainers(folder)) send(pid, 'SIGKILL');
	for (const place of mountsBelow(folder)) await run('umount', ['--lazy', place]);
	rmSync(folder, { recursive: true, force: true });
}

/** Containers without an engine, which tests may have started whatever engine the others use. */
function ownStarts(): { containers: Containers; using: (folder: string) => Promise<string[]> } | undefined {
	const containers = ociContainersLeft() ?? rootlessContainersLeft();
	return containers && { containers, using: async (folder) => containers.using(folder) };
}

/** Tests, and servers and engines of theirs, are told to end; they put everything away; what is left then is killed. */
async function endProcesses(folder: string): Promise<void> {
	const told = (command: string) => /\0--test|playwright|chrom/.test(command) || command.includes(`${folder}/`);
	for (const pid of processesOf(folder)) if (told(fileOf(pid, 'cmdline'))) send(pid, 'SIGTERM');
	for (const end = performance.now() + patience(patienceMs); performance.now() < end; await sleep(pause))
		if (processesOf(folder).length === 0) return;
	for (const pid of processesOf(folder)) send(pid, 'SIGKILL');
	for (let tries = 50; tries > 0 && processesOf(folder).length > 0; tries--) await sleep(pause);
}

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// It has just ended, which is what is wanted.
	}
}

/** The innermost first. */
function mountsBelow(folder: string): string[] {
	return fileOf('self', 'mounts')
		.split('\n')
		.map((line) => line.split(' ')[1] ?? '')
		.filter((place) => place.startsWith(`${folder}/`))
		.sort((a, b) => b.length - a.length);
}
