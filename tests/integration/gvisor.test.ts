/** Sandboxes under gVisor, on every engine here that has it: a course is proved as learners work through it, and limits hold. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { oldestGvisor, opensSockets, runtimesThere } from '../../sandbox-server/setup/course-runtimes.ts';
import { makeCourse } from '../../sandbox-server/tools/authoring/make.ts';
import { isGvisor } from '../../src/shared/course/oci-runtimes.ts';
import { type RealRuntime, realRuntime } from '../contract/real-runtimes.ts';
import { proveForReal } from '../fixtures/stage.ts';
import { bounds, SandboxHarness } from './sandbox-harness.ts';

/** An engine with its gVisor, or why it is not tried. */
async function gvisorOf(url: string | undefined): Promise<{ real: RealRuntime; name: string } | { missing: string }> {
	const real = await realRuntime(url);
	if ('missing' in real) return real;
	const { ociRuntimes, gvisor } = await runtimesThere(real.engine.url);
	const name = ociRuntimes.find(isGvisor);
	if (name === undefined) return { missing: `${real.engine.kind} has no gVisor (docs/operator/gvisor.md)` };
	const { version = 0, options } = gvisor.find((one) => one.name === name) ?? {};
	if (version < oldestGvisor) return { missing: `this gVisor (${version}) is too old: ${oldestGvisor} is needed` };
	return !options || opensSockets(options) ? { real, name } : { missing: `${real.engine.kind} starts it without --host-uds=open` };
}

const oci = await gvisorOf('oci');
const builder = await gvisorOf('missing' in oci ? process.env['ETABLI_TEST_ENGINE'] : oci.real.engine.builder.url);

for (const [who, found] of [
	['this server', oci],
	['the engine', builder],
] as const)
	describe(`gVisor, started by ${who}`, { skip: 'missing' in found ? found.missing : false }, () => {
		if ('missing' in found) return;
		const { real, name } = found;
		const sandbox = new SandboxHarness(real, name);
		before(() => sandbox.start());
		after(() => sandbox.stop());

		it('is another kernel, in which the usual programs work as the learner', async () => {
			assert.notEqual((await sandbox.output('uname -r')).trim(), release());
			assert.equal((await sandbox.output('id -un')).trim(), 'learner');
			const script =
				'cd && mkdir a && echo hello > a/b && ls -l a && stat -c %s a/b && ps -o comm= -p 1 && find . -name b | tar -c -T - | tar -t';
			assert.match(await sandbox.output(script), /1 learner learner .* b\n6\nagent\n\.\/a\/b\n$/);
		});

		it('has its loopback interface alone, and files of ours that cannot be changed', async () => {
			assert.equal((await sandbox.output("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")).trim(), 'lo');
			const changes = await sandbox.run('echo > /etc/x || echo > /opt/etabli/x || echo > /run/etabli/x || rm -f /run/etabli/agent.sock');
			assert.equal(changes.code, 1, changes.stderr);
		});

		it('reaches what the server opens for it, and comes back to a server that starts again', async () => {
			const registry = createServer((_, response) => response.end('from the registry'));
			registry.listen(join(sandbox.transport.path, 'registry.sock'));
			await once(registry, 'listening');
			chmodSync(join(sandbox.transport.path, 'registry.sock'), 0o666);
			try {
				assert.equal(await sandbox.output('curl -sS http://localhost:5000/v2/'), 'from the registry');
			} finally {
				registry.close();
			}
			await sandbox.reconnect();
			assert.equal((await sandbox.output('echo back')).trim(), 'back');
		});

		it('lets a learner have as many processes as the course says; with more, it refuses and lives', async () => {
			// Counted by the script itself, without one more process: with it, all that it has started ends.
			const script = `(for i in $(seq ${bounds.processes * 2}); do sleep 1000 >/dev/null 2>&1 & done); exec pgrep -c -x sleep`;
			const { stdout, stderr } = await sandbox.run(script);
			assert.match(stderr, /[Cc]annot fork/);
			assert.ok(Number(stdout) > bounds.processes * 0.8 && Number(stdout) <= bounds.processes, `${stdout} processes`);
			assert.equal((await sandbox.output('echo still here')).trim(), 'still here');
		});

		it('a course with `runtime` is proved in it: every step, in both languages', async (t) => {
			const courses = mkdtempSync(join(tmpdir(), 'etabli-gvisor-'));
			t.after(() => rmSync(courses, { recursive: true, force: true }));
			appendFileSync(join(makeCourse(courses, 'walled'), 'course.yaml'), `runtime: ${name}\n`);
			const proofs = await proveForReal(t, { courses, parallel: 1, engine: real.engine.url });
			assert.ok(proofs.length > 0);
			assert.deepEqual(
				proofs.filter(({ fault }) => fault !== ''),
				[],
			);
		});
	});
