/** Starting a container engine that is installed but does not run: by systemd where it is the init system, else by ourselves. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.ts';
import { rootPrefix } from './packages.ts';
import { endProcess, markedProcess, markProcess } from './processes.ts';
import type { Step } from './progress.ts';
import { run, runOk, which } from './run.ts';

/** Mark of an engine that we started ourselves: `down` stops that one and no other. */
export function daemonMark(runFolder: string): string {
	return join(runFolder, 'engine.json');
}

/** Is systemd the init system? Its own documented test: sd_booted(3). */
export function hasSystemd(): boolean {
	return existsSync('/run/systemd/system');
}

export interface DaemonRequest {
	runFolder: string;
	logFolder: string;
	step: Step;
	/** Does it answer by now? */
	answers: () => Promise<boolean>;
	signal?: AbortSignal | undefined;
}

/** ms for an engine to come up; on a slow disk the first start takes long. */
const patience = 90_000;
const dockerPid = '/var/run/docker.pid';

/** @throws Failure when it does not come up */
export async function startEngine(kind: 'docker' | 'podman', request: DaemonRequest): Promise<void> {
	const prefix = await rootPrefix();
	if (!prefix)
		throw new Failure(`The container engine (${kind}) is installed but does not run, and only root can start it.`, {
			hint: `Type: ${startCommand(kind)}`,
		});
	const onLine = (line: string): void => request.step.detail(line);
	if (hasSystemd()) {
		const [command, ...args] = [...prefix, 'systemctl', 'enable', '--now', kind === 'docker' ? 'docker.service' : 'podman.socket'];
		await runOk(command as string, args, { onLine, signal: request.signal, hint: `Look why: journalctl -u ${kind}` });
		await waitFor(request, () => undefined, `Look why: journalctl -u ${kind}`);
		return;
	}
	const log = join(request.logFolder, `${kind}.log`);
	mkdirSync(dirname(log), { recursive: true });
	const program =
		kind === 'docker'
			? ['dockerd', ...liveRestore(), ...(prefix.length > 0 ? ['--group', String(process.getgid?.() ?? 0)] : [])]
			: ['podman', 'system', 'service', '--time=0', 'unix:///run/podman/podman.sock'];
	if (kind === 'podman') {
		const [command, ...args] = [...prefix, 'mkdir', '-p', '/run/podman'];
		await runOk(command as string, args);
	} else await mountCgroups(prefix, request.step);
	request.step.detail(`starting ${program.join(' ')}, its messages are in ${log}`);
	const output = openSync(log, 'a', 0o600);
	const [command, ...args] = [...prefix, ...program];
	// A session of its own: Ctrl-C at our terminal is for us; we stop the engine when the sandboxes are gone.
	const child = spawn(which(command as string) ?? (command as string), args, {
		detached: true,
		stdio: ['ignore', output, output],
		env: daemonEnv(),
	});
	closeSync(output);
	let ended: string | undefined;
	child.once('exit', (status, signal) => {
		ended = `it ended at once (${signal ?? `status ${status}`})`;
	});
	child.once('error', (error) => {
		ended = error.message;
	});
	child.unref();
	await waitFor(request, () => ended && `${ended}:\n${lastLines(log)}`, `All its messages: ${log}`);
	// With sudo the child is sudo itself; Docker writes its own number down.
	const pid = kind === 'docker' && existsSync(dockerPid) ? Number(readFileSync(dockerPid, 'utf8')) : child.pid;
	if (pid) markProcess(daemonMark(request.runFolder), pid, kind);
}

/** Sandboxes go on while the daemon is away, also when it was killed. An operator's own word on that is not said twice: dockerd refuses it. */
function liveRestore(configuration = '/etc/docker/daemon.json'): string[] {
	const decided = existsSync(configuration) && readFileSync(configuration, 'utf8').includes('"live-restore"');
	return decided ? [] : ['--live-restore'];
}

function startCommand(kind: 'docker' | 'podman'): string {
	if (hasSystemd()) return `sudo systemctl enable --now ${kind === 'docker' ? 'docker' : 'podman.socket'}`;
	return kind === 'docker' ? 'sudo dockerd &' : 'sudo podman system service --time=0 unix:///run/podman/podman.sock &';
}

/** Docker looks for containerd, runc and iptables in PATH; a user's may lack the system's folders. */
function daemonEnv(): NodeJS.ProcessEnv {
	return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin` };
}

/** Where no init system has mounted the control groups, the package cgroupfs-mount does. */
async function mountCgroups(prefix: readonly string[], step: Step): Promise<void> {
	if (/ cgroup2? /.test(readFileSync('/proc/self/mounts', 'utf8')) || !which('cgroupfs-mount')) return;
	const [command, ...args] = [...prefix, 'cgroupfs-mount'];
	await run(command as string, args, { onLine: (line) => step.detail(line) });
}

async function waitFor(request: DaemonRequest, ended: () => string | undefined, hint: string): Promise<void> {
	const until = performance.now() + patience;
	for (;;) {
		request.signal?.throwIfAborted();
		if (await request.answers()) return;
		const reason = ended();
		if (reason) throw new Failure(`The container engine could not be started: ${reason}`, { hint });
		if (performance.now() > until)
			throw new Failure(`The container engine has been started, but does not answer after ${patience / 1000} s.`, { hint });
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
}

function lastLines(path: string): string {
	return readFileSync(path, 'utf8')
		.trimEnd()
		.split('\n')
		.slice(-5)
		.map((line) => `    ${line}`)
		.join('\n');
}

/** Does an engine run that we started? */
export function ownsEngine(runFolder: string): boolean {
	return markedProcess(daemonMark(runFolder)) !== undefined;
}

/** Stops the engine that we started; nothing when we started none, or it is gone. @returns whether one was stopped */
export async function stopOwnEngine(runFolder: string): Promise<boolean> {
	const mark = markedProcess(daemonMark(runFolder));
	if (!mark) return false;
	await endProcess(mark, 20_000, (await rootPrefix()) ?? []);
	markedProcess(daemonMark(runFolder));
	return true;
}
