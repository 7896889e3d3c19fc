/** OCI runtimes that do not do what they should: said in a sentence, with nothing left behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { patience } from '../../tools/testing/slowness.ts';
import type { ContainerSpec } from '../containers.ts';
import { StartFailed } from '../runtime.ts';
import { OciContainers } from './containers.ts';

const spec: ContainerSpec = {
	name: 'sandbox-1',
	image: 'course:1',
	hostname: 'etabli',
	command: ['/opt/etabli/agent'],
	owner: { uid: 1000, gid: 1000 },
	workingFolder: '/home/learner',
	env: {},
	labels: { 'etabli.role': 'test' },
	mounts: [],
	memoryFolders: [],
	devices: [],
	seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'], syscalls: [] },
	openProc: true,
	memory: 2 ** 26,
	cpus: undefined,
	processes: 100,
	resourceLimits: [],
	oomScoreAdj: 100,
	stopSeconds: 2,
};

/** Its words are: --root R --log FILE --log-format json COMMAND …; of a start: run --detach --bundle B --pid-file FILE NAME. */
const words = `#!/bin/sh
log=$4 command=$7 pidfile=\${12}
[ "$command" = run ] || exit 0
`;

/** @param disk options of a file system in memory in its place */
function place(t: TestContext, disk?: string): string {
	const root = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
	if (disk !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', disk, 'small', root]);
	t.after(() => {
		if (disk !== undefined) execFileSync('umount', [root]);
		rmSync(root, { recursive: true, force: true });
	});
	return root;
}

function withRuntime(
	t: TestContext,
	script: string,
	root = place(t),
): { containers: OciContainers; bundles: () => string[]; program: string } {
	const program = join(root, 'runtime');
	if (script !== '') writeFileSync(program, words + script, { mode: 0o755 });
	const image = { id: 'a'.repeat(64), env: [], folder: '/nowhere' };
	const containers = new OciContainers({
		root,
		images: { get: async () => image },
		ociRuntimes: [program],
		version: '1',
		agent: undefined,
		apparmor: undefined,
	});
	return { containers, bundles: () => readdirSync(join(root, 'bundles')), program };
}

const bad: [string, string, RegExp][] = [
	['is not there', '', /sandbox-1: the OCI runtime .*runtime is not there/],
	['refuses, and says why', `echo '{"level":"error","msg":"no room for it"}' > $log; exit 1`, /sandbox-1: no room for it/],
	['prints rubbish', 'head -c 4096 /dev/urandom > $log; exit 3', /ended with 3/],
	['is killed', 'kill -9 $$', /ended with SIGKILL/],
	['says that all is well, and has done nothing', 'exit 0', /does not say which process/],
	['says rubbish in place of a number', 'echo many > $pidfile', /does not say which process/],
	['claims the machine’s own first process', 'echo 1 > $pidfile', /does not say which process/],
	['says a number that is nobody’s', 'sh -c "exit 0" & wait; echo $! > $pidfile', /its main process ended at once/],
];
for (const [what, script, expected] of bad) {
	test(`an OCI runtime that ${what}`, async (t) => {
		const { containers, bundles } = withRuntime(t, script);
		await assert.rejects(containers.start(spec), (error: Error) => error instanceof StartFailed && expected.test(error.message));
		assert.deepEqual([bundles(), await containers.status(spec.name)], [[], 'gone']);
	});
}

test('an OCI runtime that hangs is ended with all that it has started, when the caller gives up', async (t) => {
	const { containers, bundles, program } = withRuntime(t, 'mkfifo "$log.never"; read -r _ < "$log.never"');
	const running = () =>
		readdirSync('/proc').filter((name) => {
			try {
				return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${program}\0--root`);
			} catch {
				// No process, or one that has ended since.
				return false;
			}
		});
	const impatient = new AbortController();
	const start = containers.start(spec, impatient.signal);
	for (const end = Date.now() + patience(20_000); running().length === 0; ) {
		assert.ok(Date.now() < end, 'it never began');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	impatient.abort(new Error('called off'));
	await assert.rejects(start, (error: Error) => error instanceof StartFailed && /called off/.test(error.message));
	assert.deepEqual(bundles(), []);
	// Ended, each goes when its parent has taken note.
	for (const end = Date.now() + patience(20_000); running().length > 0; ) {
		assert.ok(Date.now() < end, `still there: ${running()}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
});

test('no room for what is to be known of a container: said, and nothing is left of it', {
	skip: process.getuid?.() !== 0 && 'only root may mount a small disk',
}, async (t) => {
	const { containers, bundles } = withRuntime(t, 'exit 0', place(t, 'size=16k'));
	const env = { LONG: 'x'.repeat(32_768) };
	await assert.rejects(containers.start({ ...spec, env }), (error: Error) => error instanceof StartFailed && /ENOSPC/.test(error.message));
	assert.deepEqual([bundles(), await containers.status(spec.name)], [[], 'gone']);
});
